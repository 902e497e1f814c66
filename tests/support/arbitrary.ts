import fc from "fast-check";

/** A backup list and a verify result as WAL-G's Go types allow them, as JSON text: integers are written exactly. */

const HEX = fc.constantFrom(..."0123456789ABCDEF");
const walFile = fc.string({ unit: HEX, minLength: 24, maxLength: 24 });
const awkward = fc.string({ unit: fc.constantFrom(...'ab"\\\n\t{},= é€😀'), maxLength: 8 });
const uint64 = fc.bigInt(0n, 2n ** 64n - 1n);
const int64 = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
const offset = fc.constantFrom("Z", "+05:30", "-11:00", "+00:00");

/** A time as Go prints it: 0 to 9 fractional digits, any offset. */
const time = fc.tuple(
  fc.date({ min: new Date("0001-01-02T00:00:00Z"), max: new Date("9998-01-01T00:00:00Z"), noInvalidDate: true }),
  fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: 9 }),
  offset,
).map(([date, fraction, offset]) => {
  const seconds = date.toISOString().slice(0, 19);
  return `${seconds}${fraction === "" ? "" : `.${fraction}`}${offset}`;
});

const name = fc.oneof(
  walFile.map((file) => `base_${file}`),
  fc.tuple(walFile, walFile).map(([own, parent]) => `base_${own}_D_${parent}`),
  fc.tuple(walFile, awkward).map(([file, tail]) => `base_${file}_${tail}`),
);

/** One entry of a backup list: its members as JSON texts; a missing one is undefined. */
export interface EntryTexts {
  readonly [member: string]: string | undefined;
}

const text = (value: string): string => JSON.stringify(value);
const optional = (member: fc.Arbitrary<string>): fc.Arbitrary<string | undefined> =>
  fc.oneof({ weight: 6, arbitrary: member }, { weight: 1, arbitrary: fc.constantFrom(undefined, "null") });

const entry: fc.Arbitrary<EntryTexts> = fc.record({
  backup_name: name.map(text),
  time: optional(time.map(text)),
  wal_file_name: optional(fc.oneof(walFile, awkward).map(text)),
  storage_name: optional(awkward.map(text)),
  start_time: optional(time.map(text)),
  finish_time: optional(time.map(text)),
  hostname: optional(awkward.map(text)),
  pg_version: optional(fc.integer({ min: 0, max: 2 ** 31 - 1 }).map(String)),
  start_lsn: optional(uint64.map(String)),
  finish_lsn: optional(uint64.map(String)),
  is_permanent: optional(fc.boolean().map(String)),
  system_identifier: optional(uint64.map(String)),
  uncompressed_size: optional(int64.map(String)),
  compressed_size: optional(int64.map(String)),
  user_data: optional(fc.jsonValue().map((value) => JSON.stringify(value))),
});

/** The JSON text of an object from the texts of its members. */
export function objectText(members: EntryTexts): string {
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  return `{${given.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`;
}

/** Entries of a backup list, each name once. */
export const backupEntries: fc.Arbitrary<readonly EntryTexts[]> = fc.uniqueArray(entry, {
  selector: (members) => members["backup_name"],
  maxLength: 20,
});

/** A range of wal-verify. */
export interface RangeValue {
  readonly timeline_id: number;
  readonly start_segment: string;
  readonly end_segment: string;
  readonly segments_count: number;
  readonly status: string;
}

/** What wal-verify may print. */
export const verifyValue = fc.record({
  integrity: fc.record({
    status: fc.constantFrom("OK", "WARNING", "FAILURE", "ODD"),
    details: fc.oneof(
      fc.constant(null),
      fc.array(
        fc.record<RangeValue>({
          timeline_id: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
          start_segment: walFile,
          end_segment: walFile,
          segments_count: fc.integer({ min: 0, max: 2 ** 40 }),
          status: fc.constantFrom("FOUND", "MISSING_DELAYED", "MISSING_UPLOADING", "MISSING_LOST", 'MISSING_"ODD"\n'),
        }),
        { maxLength: 12 },
      ),
    ),
  }),
  timeline: fc.record({
    status: fc.constantFrom("OK", "WARNING", "FAILURE"),
    details: fc.oneof(
      fc.constant(null),
      fc.record({ current_timeline_id: fc.nat(2 ** 32 - 1), highest_storage_timeline_id: fc.nat(2 ** 32 - 1) }),
    ),
  }),
});
