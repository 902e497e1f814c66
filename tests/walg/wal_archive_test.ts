import { atOnce } from "../../src/base/clock.ts";
import assert from "node:assert/strict";
import fc from "fast-check";
import { archivedRuns, archivedTime } from "../../src/recovery/archive_history.ts";
import {
  type ArchiveBuilder,
  archiveShape,
  createArchiveBuilder,
  decodeHistory,
  historiesToRead,
  type WalArchive,
} from "../../src/walg/wal_archive.ts";
import { decodeWalShow } from "../../src/walg/wal_show.ts";
import { MiB, walName } from "../recovery/builders.ts";

const SIZE = 16 * MiB;

interface Row {
  readonly name: string;
  readonly size?: number;
  readonly time?: number;
  readonly storage?: number;
}

function collect(rows: readonly Row[]): ArchiveBuilder {
  const builder = createArchiveBuilder();
  for (const { name, size = 100, time = 1000, storage = 0 } of rows) {
    builder.add({ storage, isFolder: false, size, time, name });
  }
  return builder;
}

function archive(rows: readonly Row[]): WalArchive {
  return collect(rows).build({ time: 1_000_000_000, storages: ["default", "second"], shown: [] });
}

function statusOf(rows: readonly Row[], size = SIZE): readonly (readonly [number, number, string])[] {
  return archivedRuns(archive(rows).timelines.get(1), size).map(({ first, last, status }) => [first, last, status]);
}

const five = walName(1, 5, SIZE);

Deno.test("a segment is an object of its name with any suffix, or none; nothing else is", () => {
  for (const suffix of [".lz4", ".zst", ".br", ".lzma", ".gz", ".unknown"]) {
    assert.deepEqual(statusOf([{ name: five + suffix }]), [[5, 5, "FOUND"]], suffix);
  }
  const none = [".partial", ".partial.lz4", "_delta.lz4", ".00000028.backup.lz4", ".00000028.backup", "/x.lz4", "."];
  assert.deepEqual(statusOf([...none.map((suffix) => ({ name: five + suffix })), { name: `x${five}.lz4` }]), []);
  assert.deepEqual(statusOf([{ name: five, size: SIZE }]), [[5, 5, "FOUND"]]);
  assert.deepEqual(statusOf([{ name: five, size: SIZE + 70_000 }]), [[5, 5, "FOUND"]], "encrypted");
  assert.deepEqual(statusOf([{ name: five, size: SIZE - 1 }]), [[5, 5, "WRONG_SIZE"]]);
  assert.deepEqual(statusOf([{ name: five, size: 0 }]), [[5, 5, "EMPTY"]]);
  assert.deepEqual(statusOf([{ name: `${five}.lz4`, size: 0 }]), [[5, 5, "EMPTY"]]);
});

Deno.test("of several objects of a segment the first storage's counts, and in it the one with bytes", () => {
  const [good, empty] = [{ name: `${five}.lz4` }, { name: `${five}.lz4`, size: 0 }];
  assert.deepEqual(statusOf([good, { ...empty, storage: 1 }]), [[5, 5, "FOUND"]]);
  assert.deepEqual(statusOf([empty, { ...good, storage: 1 }]), [[5, 5, "EMPTY"]]);
  assert.deepEqual(statusOf([empty, { name: `${five}.zst` }]), [[5, 5, "FOUND"]]);
  assert.deepEqual(statusOf([{ name: `${five}.zst` }, empty]), [[5, 5, "FOUND"]]);
  const copied = archive([{ ...good, time: 9000 }, { ...good, storage: 1, time: 5000 }]);
  assert.equal(archivedTime(copied, { timeline: 1, number: 5, size: SIZE }), 5000);
});

Deno.test("segments in any order and of any size are found, and no others", () => {
  const numbers = fc.uniqueArray(fc.nat(3000), { maxLength: 60 });
  fc.assert(fc.property(fc.constantFrom(1, 16, 64, 1024), numbers, (mib, numbers) => {
    const size = mib * MiB;
    const rows = numbers.map((number) => ({ name: `${walName(1, number, size)}.lz4`, time: number }));
    const made = archive(rows);
    const found = archivedRuns(made.timelines.get(1), size)
      .flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, at) => first + at));
    assert.deepEqual(found, [...numbers].sort((a, b) => a - b));
    for (const number of numbers) assert.equal(archivedTime(made, { timeline: 1, number, size }), number);
    assert.equal(made.timelines.get(1)?.segments ?? 0, numbers.length);
    assert.equal(made.newestSegmentTime, numbers.length === 0 ? undefined : Math.max(...numbers));
  }));
});

Deno.test("bytes and objects count everything; names of segments that are in the way are kept", () => {
  const made = archive([{ name: `${five}.lz4`, size: 0 }, { name: "00000002.history.lz4", size: 50 }, {
    name: "x",
    size: 7,
  }]);
  assert.deepEqual([made.bytes, made.objects], [57, 3]);
  assert.deepEqual(made.emptyObjects, [{ timeline: 1, name: `${five}.lz4`, storage: 0 }]);
  assert.deepEqual([...made.histories.values()].map(({ timeline, name }) => [timeline, name]), [[
    2,
    "00000002.history.lz4",
  ]]);
});

Deno.test("wal-show is asked again, and histories are read, when there is something new", async () => {
  const shape = (rows: readonly Row[]): string => archiveShape(collect(rows));
  const before = shape([{ name: `${five}.lz4` }]);
  assert.equal(shape([{ name: `${five}.lz4` }, { name: `${walName(1, 6, SIZE)}.lz4` }]), before);
  assert.notEqual(shape([{ name: `${walName(2, 6, SIZE)}.lz4` }, { name: `${five}.lz4` }]), before);
  assert.notEqual(shape([{ name: `${five}.lz4` }, { name: "00000002.history.lz4" }]), before);
  const rows = [{ name: "00000002.history.lz4" }, { name: "00000003.history" }, {
    name: "00000004.history.zst",
    size: 0,
  }];
  const histories = collect(rows).histories();
  assert.deepEqual(historiesToRead(histories, []).map(({ name }) => name), [
    "00000002.history.lz4",
    "00000003.history",
  ]);
  const shown = await decodeWalShow(
    new TextEncoder().encode('[{"id":2,"parent_id":1,"switch_point_lsn":5},{"id":3}]'),
    atOnce,
  );
  assert.deepEqual(historiesToRead(histories, shown).map(({ name }) => name), ["00000003.history"]);
});

Deno.test("a history file is read as PostgreSQL reads it", () => {
  assert.deepEqual(decodeHistory(2, '1\t0/4000090\tat restore point "p1"\n'), {
    timeline: 2,
    parent: 1,
    switchLsn: 0x4000090n,
  });
  const long =
    "# a comment\n\n1\t0/4000090\tno recovery target specified\n3\tA1/FF000028\tbefore 2000-01-01 00:00:00+00\n";
  assert.deepEqual(decodeHistory(7, long), { timeline: 7, parent: 3, switchLsn: 0xA1_FF00_0028n });
  assert.equal(decodeHistory(2, ""), undefined);
  for (const text of ["garbage\n", "1\n", "1 0/4G\n", "2\t0/1\tx\n", "0\t0/1\tx\n", "2\t0/9\n1\t0/8\n"]) {
    assert.throws(() => decodeHistory(2, text), { name: "DecodeError" }, text);
  }
});

Deno.test("wal-show is read to the byte; what is not its answer is reported with its path", async () => {
  const read = (text: string) => decodeWalShow(new TextEncoder().encode(text), atOnce);
  const [entry] = await read(
    '[{"id":2,"parent_id":1,"switch_point_lsn":18446744073709551615,"start_segment":"a","end_segment":"b",' +
      '"segments_count":3,"missing_segments":null}]',
  );
  assert.deepEqual(entry, {
    timeline: 2,
    parent: 1,
    switchLsn: 0xffff_ffff_ffff_ffffn,
    start: "a",
    end: "b",
    segments: 3,
    missing: [],
  });
  assert.deepEqual([await read("[]"), await read("null")], [[], []]);
  await assert.rejects(read('[{"id":"x"}]'), { name: "DecodeError", message: /^\[0\]\.id: expected/ });
  await assert.rejects(read("{}"), { name: "DecodeError" });
  await assert.rejects(read("[{"), { name: "JsonError", message: /begin with "\[\{"$/ });
});
