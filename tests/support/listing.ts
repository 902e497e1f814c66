/** One object in what `wal-g st ls` prints. */
export interface ListedObject {
  readonly size: number;
  /** Unix milliseconds. */
  readonly modified: number;
  readonly name: string;
}

const ROW = /^obj +(\d+) +(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) \+0000 UTC +(\S+) *$/;

/**
 * The tables of `wal-g st ls`, one per storage.
 *
 * @throws Error for a line that is neither a header nor an object
 */
export function parseListing(text: string): ListedObject[][] {
  const tables: ListedObject[][] = [];
  for (const line of text.split("\n").slice(0, -1)) {
    if (/^type +size +last modified +name *$/.test(line)) {
      tables.push([]);
      continue;
    }
    const [, size, date, time, name] = ROW.exec(line) ?? [];
    if (name === undefined) throw new Error(`not an object of a listing: '${line}'`);
    tables.at(-1)?.push({ size: Number(size), modified: Date.parse(`${date}T${time}Z`), name });
  }
  return tables;
}

/** The objects of all storages. */
export function listedObjects(text: string): ListedObject[] {
  return parseListing(text).flat();
}

/** The whole segments among them, by their names without the suffix of the compression. */
export function listedSegments(text: string): Map<string, ListedObject> {
  return new Map(
    listedObjects(text).filter(({ name }) => /^[0-9A-F]{24}(\.lz4)?$/.test(name)).map((object) => [
      object.name.slice(0, 24),
      object,
    ]),
  );
}

/** One timeline in what `wal-g wal-show --detailed-json` prints. */
export interface ShownTimeline {
  readonly id: number;
  readonly parent_id: number;
  readonly switch_point_lsn: number;
  readonly start_segment: string;
  readonly end_segment: string;
  readonly segments_count: number;
  readonly missing_segments: readonly string[];
  readonly segment_range_size: number;
  readonly status: string;
}
