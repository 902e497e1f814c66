import { formatCount } from "../base/text.ts";
import type { CommandEnd } from "../walg/command.ts";
import { failureOf, stdoutOf, unusable, WalgError } from "../walg/failure.ts";
import { isUnknownCommand } from "../walg/stderr.ts";
import { createListingParser, type ListedObject, ListingError, storageNames } from "../walg/storage_listing.ts";
import type { CollectContext } from "./operation.ts";

/** What takes the objects of a listing one by one. */
type ObjectCollector = { readonly add: (object: ListedObject) => void };

/** A folder of the storage, listed in all storages that could be. */
export interface Listed<C> {
  readonly collector: C;
  /** In the order of the tables. */
  readonly storages: readonly string[];
  /** Storages that could not be listed. */
  readonly unlisted: readonly string[];
  /** Whether this wal-g can list its first storage only: before 3.0 there is no other. */
  readonly lacksAll: boolean;
  /** Unix milliseconds. */
  readonly startTime: number;
  readonly endTime: number;
}

/** Options of {@link listFolder}. */
export interface ListOptions<C> {
  readonly recursive: boolean;
  /** Whether an earlier listing found that this wal-g has no `-t all`. */
  readonly lacksAll: boolean;
  /** Makes a new collector: each attempt begins with none of the objects of the one before. */
  readonly create: () => C;
}

type Context = Pick<CollectContext<unknown>, "runWalg" | "failure" | "pace" | "now">;

/**
 * Lists a folder with `wal-g st ls`, line by line as it comes.
 *
 * @returns undefined where this wal-g has no `st`, as 1.1
 * @throws WalgError where it cannot be listed, or the output is cut off or is not the table
 */
export async function listFolder<C extends ObjectCollector>(
  folder: string,
  { recursive, lacksAll, create }: ListOptions<C>,
  context: Context,
): Promise<Listed<C> | undefined> {
  const flags = recursive ? ["-r"] : [];
  const { timeout } = context.failure;
  const all = lacksAll
    ? undefined
    : await attempt(["-t", "all", ...flags, folder], create, context, timeout * SHARE_OF_ALL);
  if (all !== undefined && all.tables > 0) return listedFrom(all, [], false);
  if (all !== undefined && isUnknownCommand(all.end.stderr)) return undefined;
  const noSuchFlag = lacksAll || UNKNOWN_FLAG.test(all?.end.stderr ?? "");
  // One that was ended from outside says nothing of the storages.
  const isAnswer = all?.end.how === "exited" || all?.end.how === "timed_out";
  if (!noSuchFlag && all !== undefined && !isAnswer) stdoutOf(all.end, context.failure);
  const first = await attempt([...flags, folder], create, context);
  if (isUnknownCommand(first.end.stderr)) return undefined;
  if (first.tables === 0) throw new WalgError(failureOf((noSuchFlag ? first : all ?? first).end, context.failure));
  if (noSuchFlag) return listedFrom(first, [], true);
  const others = storageNames(all?.end.stderr ?? "").slice(1);
  return listedFrom(first, others.length > 0 ? others : ["another storage"], false);
}

/** What was listed, and where; `more` stands before the storages that could not be. */
export function describeListed(
  what: string,
  { storages, unlisted }: Pick<Listed<unknown>, "storages" | "unlisted">,
  more = "",
): string {
  const where = storages.length > 1 ? ` in ${formatCount(storages.length, "storage")}` : "";
  const missing = unlisted.length > 0 ? `; ${unlisted.join(", ")} could not be listed` : "";
  return `${what}${where}${more}${missing}`;
}

/** How much of the time all storages together get: one that does not answer must not hide the first one. */
const SHARE_OF_ALL = 3 / 4;

/** What the flag parser says of a flag that this wal-g does not have. */
const UNKNOWN_FLAG = /unknown (?:shorthand )?flag/;

interface Attempt<C> {
  readonly end: CommandEnd;
  readonly collector: C;
  /** How many tables there were; 0 for a run that failed. */
  readonly tables: number;
  readonly startTime: number;
  readonly endTime: number;
}

async function attempt<C extends ObjectCollector>(
  args: readonly string[],
  create: () => C,
  { runWalg, pace, now }: Context,
  timeout = Infinity,
): Promise<Attempt<C>> {
  const collector = create();
  const parser = createListingParser(collector.add);
  const startTime = now();
  const end = await runWalg(["st", "ls", ...args], {
    timeout,
    async onStdout(chunk) {
      parser.push(chunk);
      await pace();
    },
  });
  const refuse = (error: unknown): never => {
    if (!(error instanceof ListingError)) throw error;
    throw unusable("invalid_output", `cannot read what it listed: ${error.message}`, end);
  };
  // wal-g prints why it has no such command or flag on stdout, too.
  const isUsage = isUnknownCommand(end.stderr) || UNKNOWN_FLAG.test(end.stderr);
  if (end.how === "output_refused" && !isUsage) refuse(end.refusal);
  let tables = 0;
  try {
    if (end.how === "exited" && end.exitCode === 0) tables = parser.end();
  } catch (error) {
    refuse(error);
  }
  return { end, collector, tables, startTime, endTime: now() };
}

/** One that failed while others were listed is named on stderr, where it says so. */
function listedFrom<C>(
  { end: { stderr }, collector, tables, startTime, endTime }: Attempt<C>,
  unlisted: readonly string[],
  lacksAll: boolean,
): Listed<C> {
  const names = storageNames(stderr);
  const complaints = stderr.split("\n").filter((line) => /^(?:WARNING|ERROR):/.test(line)).join("\n");
  const failed = names.length > tables ? names.filter((name) => complaints.includes(name)) : [];
  const storages = names.filter((name) => !failed.includes(name)).slice(0, tables);
  while (storages.length < tables) storages.push(tables === 1 ? "default" : `storage ${storages.length + 1}`);
  const missing = names.length > tables && failed.length === 0 ? ["another storage"] : failed;
  return { collector, storages, unlisted: [...unlisted, ...missing], lacksAll, startTime, endTime };
}
