import { DEFAULT_SEGMENT_SIZE, formatLsn, formatSegment, parseSegment } from "../../src/walg/segment.ts";
import { FOUND, type SegmentRange } from "../../src/walg/wal_verify.ts";
import type { GeneratedBackup, History } from "./backup_history.ts";
import { printListing, type StoredObject } from "./listing.ts";

/** How long after the log left a segment it was archived, milliseconds. */
const UPLOAD_MS = 50;
/** After the newest backup there is a segment so often, but all within TAIL_MS; milliseconds. */
const TAIL_STEP_MS = 20_000;
/** `SHIFT` of the stand-in puts the newest backup three minutes into the past: no segment shall be of the future. */
const TAIL_MS = 150_000;
/** Where in its segment timeline 1 was left, bytes. */
const SWITCH_OFFSET = 0x90;
/** WAL-G begins a new part of a backup after so many bytes. */
const PART_SIZE = 1024 ** 3;

/** What lies in the storages: every listing of them is printed from it. */
export interface GeneratedArchive {
  readonly history: History;
  /** What `wal-verify` says. The WAL before it, from the oldest backup on, is all there. */
  readonly walk: readonly SegmentRange[];
  /** The storages' names, the default one first. It alone has WAL. */
  readonly storages: readonly string[];
  /** The parts of each backup; where undefined, as its size needs. */
  readonly parts: number | undefined;
}

/** Segments of one timeline, one after the other. */
interface Span {
  readonly timeline: number;
  readonly first: number;
  readonly last: number;
}

/** What `wal-g st ls wal_005/` prints, in pieces. */
export function printWal(archive: GeneratedArchive): Generator<string> {
  return printListing(walObjects(archive), labelName("0".repeat(24)).length);
}

/** What `wal-g st ls -t all wal_005/` prints, in pieces. */
export function* printAllWal(archive: GeneratedArchive): Generator<string> {
  yield* printWal(archive);
  for (let others = archive.storages.length - 1; others > 0; others--) yield* printListing([], 0);
}

/** What `wal-g st ls -r basebackups_005/` prints, in pieces. */
export function printBackupFiles(archive: GeneratedArchive, storage = archive.storages[0]): Generator<string> {
  const backups = archive.history.backups.filter(({ storages }) => storage !== undefined && storages.includes(storage));
  const longest = backups.reduce((most, { name }) => Math.max(most, name.length), 0);
  return printListing(backupObjects(backups, archive.parts), longest + "//tar_partitions/backup_label.tar.lz4".length);
}

/** What `wal-g st ls -t all -r basebackups_005/` prints, in pieces. */
export function* printAllBackupFiles(archive: GeneratedArchive): Generator<string> {
  for (const storage of archive.storages) yield* printBackupFiles(archive, storage);
}

/** What `wal-g wal-show --detailed-json --without-backups` prints, without a final newline as WAL-G does. */
export function printWalShow(archive: GeneratedArchive): string {
  const spans = archivedSpans(archive);
  const shown = [...new Set(spans.map(({ timeline }) => timeline))].map((timeline) => {
    const own = spans.filter((span) => span.timeline === timeline);
    const [first, last] = [own[0]?.first ?? 0, own.at(-1)?.last ?? 0];
    const missing = own.flatMap(({ last: end }, index) => {
      const next = own[index + 1]?.first ?? end + 1;
      return Array.from({ length: next - end - 1 }, (_, more) => `"${segmentName(timeline, end + 1 + more)}"`);
    }).reverse();
    const range = last - first + 1;
    return `{"id":${timeline},"parent_id":${timeline - 1},"switch_point_lsn":${timeline === 1 ? 0 : leftAt(archive)},` +
      `"start_segment":"${segmentName(timeline, first)}","end_segment":"${segmentName(timeline, last)}",` +
      `"segments_count":${range - missing.length},"missing_segments":[${missing.join(",")}],` +
      `"segment_range_size":${range},"status":"${missing.length === 0 ? "OK" : "LOST_SEGMENTS"}"}`;
  });
  return `[${shown.join(",")}]`;
}

/** The text of `00000002.history`; undefined with one timeline. */
export function printHistory(archive: GeneratedArchive): string | undefined {
  const lsn = leftAt(archive);
  return lsn === undefined ? undefined : `1\t${formatLsn(BigInt(lsn))}\tno recovery target specified\n`;
}

/** Where timeline 1 was left, in bytes of the log. */
function leftAt({ history: { switchSegment } }: GeneratedArchive): number | undefined {
  return switchSegment === undefined ? undefined : switchSegment * DEFAULT_SEGMENT_SIZE + SWITCH_OFFSET;
}

/** The segments in the storage, by name. */
function archivedSpans({ history: { backups, switchSegment = Infinity }, walk }: GeneratedArchive): Span[] {
  const [first, walked] = [backups[0]?.segment ?? 0, placeOf(walk[0]?.start ?? "")];
  const before = [
    { timeline: 1, first, last: Math.min(walked, switchSegment) - 1 },
    { timeline: 2, first: Math.max(first, switchSegment), last: walked - 1 },
  ];
  const found = walk.filter(({ status }) => status === FOUND)
    .map(({ timeline, start, end }) => ({ timeline, first: placeOf(start), last: placeOf(end) }));
  return [...before, ...found].filter((span) => span.first <= span.last);
}

function* walObjects(archive: GeneratedArchive): Generator<StoredObject> {
  const { backups, switchSegment, lastTime } = archive.history;
  const spans = archivedSpans(archive);
  const reachedAt = pointsInTime(backups, spans.at(-1)?.last ?? 0, lastTime);
  const left = reachedAt(switchSegment ?? 0) + 2 * UPLOAD_MS;
  const labels = backups.values();
  let label = labels.next().value;
  let isLeft = false;
  for (const { timeline, first, last } of spans) {
    if (timeline === 2 && !isLeft && switchSegment !== undefined) {
      isLeft = true;
      yield* labelsBefore(Infinity);
      yield { size: 66_029, modified: left, name: `${segmentName(1, switchSegment)}.partial.lz4` };
      yield { size: 53, modified: left, name: "00000002.history.lz4" };
    }
    for (let number = first; number <= last; number++) {
      yield* labelsBefore(number + 1, timeline);
      const size = 2 ** 20 + number * 7919 % 2 ** 22;
      yield { size, modified: reachedAt(number + 1) + UPLOAD_MS, name: `${segmentName(timeline, number)}.lz4` };
    }
  }
  yield* labelsBefore(Infinity, 2);

  /** The labels of the backups that began before a segment, on a timeline or before it. */
  function* labelsBefore(segment: number, timeline = 1): Generator<StoredObject> {
    for (; label !== undefined && label.segment < segment && label.timeline <= timeline; label = labels.next().value) {
      yield { size: 259, modified: label.finishTime, name: labelName(label.walFile) };
    }
  }
}

function labelName(walFile: string): string {
  return `${walFile}.00000028.backup.lz4`;
}

/**
 * When the log reached the beginning of a segment, Unix milliseconds: a backup's first one as it started, the one after
 * its last as it finished, and in between at an even pace, up to the newest at `lastTime`. To be asked in rising order.
 */
function pointsInTime(
  backups: readonly GeneratedBackup[],
  newest: number,
  lastTime: number | undefined,
): (number: number) => number {
  const points = backups.flatMap(({ segment, endSegment, startTime, finishTime }) => [
    { number: segment, time: startTime },
    { number: endSegment + 1, time: finishTime },
  ]);
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError("There is no backup to take the times from");
  const tail = Math.max(1, newest + 1 - last.number);
  const step = lastTime === undefined ? Math.min(TAIL_STEP_MS, TAIL_MS / tail) : (lastTime - last.time) / tail;
  let at = 1;
  return (number) => {
    if (number <= first.number) return first.time;
    if (number > last.number) return last.time + Math.floor((number - last.number) * step);
    if ((points[at - 1]?.number ?? 0) >= number) at = 1;
    while ((points[at]?.number ?? number) < number) at++;
    const [from, to] = [points[at - 1] ?? first, points[at] ?? last];
    return from.time + Math.floor((to.time - from.time) * (number - from.number) / (to.number - from.number));
  };
}

function* backupObjects(backups: readonly GeneratedBackup[], parts: number | undefined): Generator<StoredObject> {
  for (const { name, parent, finishTime } of backups) {
    yield { size: parent ? 540 : 385, modified: finishTime, name: `${name}_backup_stop_sentinel.json` };
  }
  for (const { name, parent, finishTime } of backups) {
    yield { size: parent ? 204_426 : 227_136, modified: finishTime - 4, name: `/${name}/files_metadata.json` };
    yield { size: 346, modified: finishTime - 4, name: `/${name}/metadata.json` };
  }
  for (const { name, startTime, finishTime, compressedSize } of backups) {
    const folder = `/${name}/tar_partitions`;
    yield { size: 374, modified: finishTime - 40, name: `${folder}/backup_label.tar.lz4` };
    const count = parts ?? Math.max(1, Math.ceil(compressedSize / PART_SIZE));
    const size = Math.floor(compressedSize / count);
    for (let part = 1; part <= count; part++) {
      yield {
        size: part < count ? size : compressedSize - size * (count - 1),
        modified: startTime + Math.floor((finishTime - startTime) * 0.9 * part / count),
        name: `${folder}/part_${String(part).padStart(3, "0")}.tar.lz4`,
      };
    }
    yield { size: 397, modified: finishTime - 60, name: `${folder}/pg_control.tar.lz4` };
  }
}

function segmentName(timeline: number, number: number): string {
  return formatSegment({ timeline, number }, DEFAULT_SEGMENT_SIZE);
}

function placeOf(name: string): number {
  return parseSegment(name, DEFAULT_SEGMENT_SIZE)?.number ?? 0;
}
