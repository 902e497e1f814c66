import { textOf } from "../base/bytes.ts";
import { formatCount } from "../base/text.ts";
import { archiveFamilies } from "../recovery/families.ts";
import { decodeOrFail, failureOf, stdoutOf, WalgError } from "../walg/failure.ts";
import { DecodeError } from "../walg/json.ts";
import {
  archiveFromWalShow,
  archiveShape,
  createArchiveBuilder,
  decodeHistory,
  historiesToRead,
  type HistoryFile,
  type HistoryLine,
  type WalArchive,
} from "../walg/wal_archive.ts";
import { storageArgs } from "../walg/storage_listing.ts";
import { decodeWalShow, type ShownTimeline } from "../walg/wal_show.ts";
import { describeListed, listFolder } from "./listing.ts";
import { type CollectContext, type Operation, USUAL } from "./operation.ts";

/** The archive of one answer, and what the next run need not ask again. */
export interface ArchiveAnswer {
  readonly archive: WalArchive;
  /** What the run before found: it counts until the backups have been listed again. */
  readonly before?: WalArchive | undefined;
  /** Changes with every timeline and history file; undefined where wal-show must be asked again. */
  readonly shape: string | undefined;
  readonly shown: readonly ShownTimeline[];
  /** The histories that were read, by their object. */
  readonly read: ReadonlyMap<string, HistoryLine>;
  readonly lacksAll: boolean;
}

/** Lists what the WAL archive holds, and when it was archived: without PostgreSQL, on every timeline. */
export const walArchive: Operation<ArchiveAnswer> = {
  ...USUAL,
  name: "wal-archive",
  description: "what the WAL archive holds",
  command: "wal-g st ls -t all wal_005/",
  defaults: { interval: "5m", timeout: "10m" },
  problem: {
    code: "wal_archive_failed",
    level: "warning",
    says: () => "The WAL archive cannot be listed",
    unknown: "",
  },
  check: { fine: ({ archive }) => describe(archive) },
  doctor: { step: "WAL listing", fine: ({ archive }) => describe(archive) },

  async collect(context) {
    const { previous, now } = context;
    const startTime = now();
    const listed = await listFolder("wal_005/", {
      recursive: false,
      lacksAll: previous?.lacksAll ?? false,
      create: createArchiveBuilder,
    }, context);
    if (listed === undefined) {
      const shown = await askWalShow(context);
      return {
        archive: archiveFromWalShow(shown, startTime),
        before: previous?.archive,
        shape: undefined,
        shown,
        read: new Map(),
        lacksAll: true,
      };
    }
    const { collector, storages, unlisted, lacksAll } = listed;
    const shape = archiveShape(collector);
    const isSame = previous?.shape === shape;
    const shown = isSame ? previous.shown : await shownTimelines(context);
    const files = historiesToRead(collector.histories(), shown ?? []);
    const read = await readHistories(files, storages, previous?.read ?? new Map(), context);
    const before = previous?.archive;
    const archive = collector.build({
      time: startTime,
      before,
      storages,
      unlisted,
      shown: shown ?? [],
      read: [...read.values()],
    });
    return { archive, before, shape: shown === undefined ? undefined : shape, shown: shown ?? [], read, lacksAll };
  },

  families: ({ archive }) => archiveFamilies(archive),
};

type Context = CollectContext<ArchiveAnswer>;

function describe(archive: WalArchive): string {
  const { source, timelines } = archive;
  const segments = [...timelines.values()].reduce((sum, timeline) => sum + timeline.segments, 0);
  const how = source === "wal-show" ? ", by wal-show: times and sizes are not known" : "";
  const what = `${formatCount(segments, "segment")} on ${formatCount(timelines.size, "timeline")}`;
  return describeListed(what, archive, how);
}

async function askWalShow({ runWalg, failure, pace }: Context): Promise<readonly ShownTimeline[]> {
  const end = await runWalg(["wal-show", "--detailed-json", "--without-backups"]);
  const stdout = stdoutOf(end, failure);
  return await decodeOrFail(end, () => decodeWalShow(stdout, pace));
}

/** What wal-show says; undefined where it fails over a history file it cannot read, so that they are read one by one. */
async function shownTimelines(context: Context): Promise<readonly ShownTimeline[] | undefined> {
  try {
    return await askWalShow(context);
  } catch (error) {
    if (error instanceof WalgError && error.failure.type === "command_failed") return undefined;
    throw error;
  }
}

/** Reads the history files that are not known; one that cannot be read is left out. */
async function readHistories(
  files: readonly HistoryFile[],
  storages: readonly string[],
  known: ReadonlyMap<string, HistoryLine>,
  context: Context,
): Promise<ReadonlyMap<string, HistoryLine>> {
  const read = new Map<string, HistoryLine>();
  for (const file of files) {
    const key = `${file.name} ${file.size} ${file.time}`;
    const line = known.get(key) ?? await readHistory(file, context, storages[file.storage]);
    if (line !== undefined) read.set(key, line);
  }
  return read;
}

/**
 * What one file says; undefined where it is none that can be read.
 *
 * @throws WalgError where the storage did not give it: then nothing is known of the file
 */
async function readHistory(
  { timeline, name }: HistoryFile,
  { runWalg, failure }: Context,
  storage: string | undefined,
): Promise<HistoryLine | undefined> {
  for (const flags of [["--decompress"], ["--decompress", "--decrypt"]]) {
    const end = await runWalg(["st", "cat", ...storageArgs(storage), `wal_005/${name}`, ...flags]);
    if (end.how === "exited" && end.exitCode !== 0 && failureOf(end, failure).type !== "network") continue;
    const text = textOf(stdoutOf(end, failure));
    try {
      return decodeHistory(timeline, text);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
    }
  }
  return undefined;
}
