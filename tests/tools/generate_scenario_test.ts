// deno-lint-ignore-file camelcase -- the field names are those that WAL-G prints
import assert from "node:assert/strict";
import fc from "fast-check";
import { DEFAULT_SEGMENT_SIZE, formatSegment, parseSegment, segmentNumberAt } from "../../src/walg/segment.ts";
import {
  type GeneratedScenario,
  generateScenario,
  type ScenarioOptions,
  writeScenario,
} from "../../tools/generate_scenario.ts";
import {
  printAllBackupFiles,
  printAllWal,
  printBackupFiles,
  printHistory,
  printWal,
  printWalShow,
} from "../../tools/scenario/archive.ts";
import { goTime, printListing } from "../../tools/scenario/listing.ts";
import { runStandin, STANDIN_ARGUMENTS, withoutAll } from "../standin.ts";
import { listedObjects, listedSegments, parseListing, type ShownTimeline } from "../support/listing.ts";

interface Entry {
  backup_name: string;
  time: string;
  wal_file_name: string;
  storage_name: string;
  start_time: string;
  finish_time: string;
  start_lsn: number;
  finish_lsn: number;
  is_permanent: boolean;
  compressed_size: number;
  system_identifier: unknown;
  hostname: string;
  data_dir: string;
}

interface Range {
  timeline_id: number;
  start_segment: string;
  end_segment: string;
  segments_count: number;
  status: string;
}

function segment(name: string): { timeline: number; number: number } {
  const parsed = parseSegment(name, DEFAULT_SEGMENT_SIZE);
  assert.ok(parsed, name);
  return parsed;
}

/** The scenario's backups, each once, oldest first. */
function distinct(entries: readonly Entry[]): Entry[] {
  return [...new Map(entries.map((entry) => [entry.backup_name, entry])).values()];
}

const options: fc.Arbitrary<ScenarioOptions> = fc.record({
  backups: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 495, max: 700 })),
  seed: fc.integer({ min: 0, max: 0xffffffff }),
  ranges: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 400 })),
  permanent: fc.constantFrom(0, 0.001, 0.3, 1),
  deltas: fc.constantFrom(0, 0.5, 1),
  storages: fc.integer({ min: 1, max: 4 }),
}, { requiredKeys: ["backups", "seed"] });

/** As many segments as can be looked at one by one. */
const archives: fc.Arbitrary<ScenarioOptions> = fc.tuple(
  options,
  fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 25 }) }, {
    weight: 1,
    arbitrary: fc.integer({ min: 500, max: 520 }),
  }),
).map(([given, backups]) => ({ ...given, backups }));

function whole(pieces: Iterable<string>): string {
  return [...pieces].join("");
}

/** What the generated `wal-verify` says of each segment. */
function verified({ walVerify }: GeneratedScenario): Map<string, string> {
  const { integrity } = JSON.parse(walVerify) as { integrity: { details: Range[] } };
  const words = new Map<string, string>();
  for (const { timeline_id, start_segment, segments_count, status } of integrity.details) {
    const { number } = segment(start_segment);
    for (let more = 0; more < segments_count; more++) words.set(`${timeline_id} ${number + more}`, status);
  }
  return words;
}

Deno.test("gaps find room however short the newest timeline is", () => {
  const newestOnly = { backups: 29, seed: 4005288786, ranges: 101, permanent: 0.3 };
  for (const given of [{ backups: 5, seed: 819777623, ranges: 25 }, newestOnly]) {
    assert.ok(generateScenario(given).walVerify.includes("MISSING"));
  }
});

Deno.test("generated backups have whole chains, times and positions in order, and every storage counted", () => {
  fc.assert(
    fc.property(options, (given) => {
      const scenario = generateScenario(given);
      assert.deepEqual(generateScenario(given), scenario, "the same options give the same scenario");
      assert.match(scenario.backupList, /"system_identifier":7711199360131015255,/);
      const entries = JSON.parse(scenario.backupList) as Entry[];
      const backups = distinct(entries);
      assert.equal(backups.length, given.backups);
      assert.ok(new Set(entries.map((entry) => entry.storage_name)).size <= (given.storages ?? 1));
      const byWalFile = new Map<string, Entry>();
      let previous: Entry | undefined;
      for (const backup of backups) {
        const [, walFile = "", parent] = /^base_([0-9A-F]{24})(?:_D_([0-9A-F]{24}))?$/.exec(backup.backup_name) ?? [];
        assert.equal(walFile, backup.wal_file_name);
        assert.equal(segmentNumberAt(BigInt(backup.start_lsn), DEFAULT_SEGMENT_SIZE), segment(walFile).number);
        assert.ok(backup.finish_lsn > backup.start_lsn);
        assert.ok(Date.parse(backup.start_time) < Date.parse(backup.finish_time));
        assert.ok(Date.parse(backup.finish_time) < Date.parse(backup.time));
        if (previous) {
          assert.ok(backup.start_lsn > previous.finish_lsn);
          assert.ok(Date.parse(backup.start_time) > Date.parse(previous.finish_time));
          assert.ok(segment(walFile).timeline >= segment(previous.wal_file_name).timeline);
        }
        if (parent !== undefined) {
          const found = byWalFile.get(parent);
          assert.ok(found, `${backup.backup_name} has no parent`);
          assert.ok(found.is_permanent || !backup.is_permanent);
        }
        byWalFile.set(walFile, backup);
        previous = backup;
      }
      if (given.deltas === 0) assert.ok(backups.every(({ backup_name }) => !backup_name.includes("_D_")));
      if (given.permanent === 1) assert.ok(backups.every(({ is_permanent }) => is_permanent));
    }),
    { numRuns: 60 },
  );
});

Deno.test("the generated walk has as many ranges as asked for, joins them without a break and covers the backups", () => {
  fc.assert(
    fc.property(options, (given) => {
      const scenario = generateScenario(given);
      const backups = distinct(JSON.parse(scenario.backupList) as Entry[]);
      const { integrity, timeline } = JSON.parse(scenario.walVerify) as {
        integrity: { status: string; details: Range[] };
        timeline: { details: { current_timeline_id: number } };
      };
      const ranges = integrity.details;
      const count = given.ranges ?? 3;
      assert.equal(ranges.length, count);
      const earliest = backups.find(({ is_permanent }) => !is_permanent) ?? backups[0];
      assert.equal(ranges[0]?.start_segment, earliest?.wal_file_name);
      let next = segment(ranges[0]?.start_segment ?? "");
      for (const range of ranges) {
        const [start, end] = [segment(range.start_segment), segment(range.end_segment)];
        assert.equal(start.number, next.number);
        assert.ok(start.timeline === next.timeline || start.timeline === next.timeline + 1);
        assert.deepEqual([start.timeline, end.timeline], [range.timeline_id, range.timeline_id]);
        assert.equal(end.number - start.number + 1, range.segments_count);
        assert.ok(range.segments_count > 0);
        next = { timeline: end.timeline, number: end.number + 1 };
      }
      assert.equal(timeline.details.current_timeline_id, next.timeline);
      const lastFinish = backups.at(-1)?.finish_lsn ?? 0;
      assert.ok(segmentNumberAt(BigInt(lastFinish), DEFAULT_SEGMENT_SIZE) < next.number);
      const missing = ranges.filter(({ status }) => status !== "FOUND");
      const lost = missing.filter(({ status }) => status === "MISSING_LOST").length;
      assert.equal(integrity.status, lost > 0 ? "FAILURE" : missing.length > 0 ? "WARNING" : "OK");
      const newest = missing.flatMap(({ segments_count, status }) => Array<string>(segments_count).fill(status)).slice(
        -16,
      );
      assert.ok(newest.every((status) => status === "MISSING_UPLOADING"));
    }),
    { numRuns: 60 },
  );
});

Deno.test("the generated archive holds all from the oldest backup on but what wal-verify misses", () => {
  fc.assert(
    fc.property(archives, (given) => {
      const scenario = generateScenario(given);
      const backups = distinct(JSON.parse(scenario.backupList) as Entry[]);
      const listed = listedSegments(whole(printWal(scenario.archive)));
      const found = new Set([...listed.keys()].map((name) => `${segment(name).timeline} ${segment(name).number}`));
      const words = verified(scenario);
      for (const [name, word] of words) assert.equal(found.has(name), word === "FOUND", name);
      for (const { wal_file_name, finish_lsn } of backups) {
        const { timeline, number } = segment(wal_file_name);
        const last = segmentNumberAt(BigInt(finish_lsn) - 1n, DEFAULT_SEGMENT_SIZE);
        for (let own = number; own <= last; own++) {
          assert.equal(found.has(`${timeline} ${own}`), (words.get(`${timeline} ${own}`) ?? "FOUND") === "FOUND");
        }
      }
      const numbers = [...listed.keys()].map((name) => segment(name).number);
      assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b));
      const missing = [...words.values()].filter((word) => word !== "FOUND").length;
      const last = [...words.keys()].reduce((most, name) => Math.max(most, Number(name.split(" ")[1])), 0);
      assert.equal(numbers.length, last - segment(backups[0]?.wal_file_name ?? "").number + 1 - missing);
    }),
    { numRuns: 20 },
  );
});

Deno.test("generated segments are archived right after they were written, in order", () => {
  fc.assert(
    fc.property(archives, (given) => {
      const { backupList, archive } = generateScenario(given);
      const backups = distinct(JSON.parse(backupList) as Entry[]);
      const listing = whole(printWal(archive));
      const segments = [...listedSegments(listing).values()];
      for (const [index, { size, modified, name }] of segments.entries()) {
        assert.ok(size > 0 && size <= DEFAULT_SEGMENT_SIZE);
        assert.ok(modified >= (segments[index - 1]?.modified ?? 0), name);
      }
      const times = new Map(segments.map(({ name, modified }) => [name, modified]));
      for (const { wal_file_name, start_time, finish_time, finish_lsn } of backups) {
        assert.ok(listing.includes(` ${wal_file_name}.00000028.backup.lz4 `));
        const { timeline } = segment(wal_file_name);
        const number = segmentNumberAt(BigInt(finish_lsn) - 1n, DEFAULT_SEGMENT_SIZE);
        const last = times.get(`${formatSegment({ timeline, number }, DEFAULT_SEGMENT_SIZE)}.lz4`);
        const finished = Date.parse(finish_time);
        if (last !== undefined) assert.ok(last >= finished && last <= finished + 100, wal_file_name);
        const first = times.get(`${wal_file_name}.lz4`);
        if (first !== undefined) assert.ok(first > Date.parse(start_time));
      }
      const newest = Date.parse(backups.at(-1)?.time ?? "");
      assert.ok((segments.at(-1)?.modified ?? 0) < newest + 180_000, "SHIFT puts nothing into the future");
    }),
    { numRuns: 20 },
  );
});

Deno.test("the generated wal-show agrees with the listing, and its switch lies between the timelines' backups", () => {
  fc.assert(
    fc.property(archives, (given) => {
      const { backupList, archive } = generateScenario(given);
      const listing = whole(printWal(archive));
      const names = [...listedSegments(listing).keys()];
      const shown = JSON.parse(printWalShow(archive)) as ShownTimeline[];
      assert.deepEqual(shown.map(({ id }) => id), [...new Set(names.map((name) => segment(name).timeline))]);
      for (const timeline of shown) {
        const own = names.filter((name) => segment(name).timeline === timeline.id);
        const there = new Set(own);
        assert.deepEqual([timeline.start_segment, timeline.end_segment], [own[0], own.at(-1)]);
        assert.equal(timeline.segments_count, own.length);
        assert.equal(timeline.segment_range_size, own.length + timeline.missing_segments.length);
        assert.ok(timeline.missing_segments.every((name) => !there.has(name)));
        assert.equal(timeline.parent_id, timeline.id - 1);
      }
      const history = printHistory(archive);
      assert.equal(listing.includes(" 00000002.history.lz4 "), history !== undefined);
      const [, second] = shown;
      if (second === undefined) return;
      const at = second.switch_point_lsn;
      const [, high = "", low = ""] = /^1\t([0-9A-F]+)\/([0-9A-F]+)\t.+\n$/.exec(history ?? "") ?? [];
      assert.equal(parseInt(high, 16) * 2 ** 32 + parseInt(low, 16), at);
      for (const { wal_file_name, start_lsn, finish_lsn } of JSON.parse(backupList) as Entry[]) {
        assert.ok(segment(wal_file_name).timeline === 1 ? finish_lsn < at : start_lsn > at);
      }
    }),
    { numRuns: 20 },
  );
});

Deno.test("each generated backup has its bytes in every storage that lists it, and its cluster's names", () => {
  fc.assert(
    fc.property(archives, (given) => {
      const { backupList, archive } = generateScenario(given);
      const entries = JSON.parse(backupList) as Entry[];
      const tables = parseListing(whole(printAllBackupFiles(archive)));
      assert.equal(tables.length, given.storages ?? 1);
      assert.deepEqual(parseListing(whole(printBackupFiles(archive))), tables.slice(0, 1));
      for (const [index, table] of tables.entries()) {
        const bytes = new Map<string, number>();
        for (const { name, size } of table) {
          const [, backup] = /^\/([^/]+)\/tar_partitions\/part_\d{3}\.tar\.lz4$/.exec(name) ?? [];
          if (backup !== undefined) bytes.set(backup, (bytes.get(backup) ?? 0) + size);
        }
        const names = new Set(table.map(({ name }) => name));
        const listed: Entry[] = entries.filter(({ storage_name }) => storage_name === archive.storages[index]);
        assert.deepEqual([...bytes], listed.map(({ backup_name, compressed_size }) => [backup_name, compressed_size]));
        for (const { backup_name, hostname, data_dir } of listed) {
          assert.ok(hostname !== "" && data_dir !== "");
          for (
            const file of [
              "files_metadata.json",
              "metadata.json",
              ...["pg_control", "backup_label"].map((tar) => `tar_partitions/${tar}.tar.lz4`),
            ]
          ) {
            assert.ok(names.has(`/${backup_name}/${file}`));
          }
          assert.ok(names.has(`${backup_name}_backup_stop_sentinel.json`));
        }
      }
    }),
    { numRuns: 20 },
  );
});

Deno.test("as many objects as asked for, and not many more", () => {
  for (const [backups, walObjects, backupObjects] of [[50, 20_000, 3000], [700, 5000, 70_000], [1, 1, 1]] as const) {
    const { archive } = generateScenario({ backups, seed: 9, walObjects, backupObjects, ranges: 6 });
    const wal = listedObjects(whole(printWal(archive))).length;
    assert.ok(wal >= walObjects && wal < walObjects + 2 * backups + 200, `${wal} of ${walObjects}`);
    const files = listedObjects(whole(printBackupFiles(archive))).length;
    assert.ok(files >= backupObjects && files <= backupObjects + 6 * backups, `${files} of ${backupObjects}`);
  }
});

Deno.test("a listing comes in pieces, and its times as Go prints them", () => {
  const objects = Array.from(
    { length: 5000 },
    (_, number) => ({ size: number, modified: number * 86_399_990, name: `${number}` }),
  );
  const pieces = [...printListing(objects, 4)];
  assert.ok(pieces.length > 4);
  assert.deepEqual(parseListing(pieces.join("")), [objects]);
  assert.deepEqual([...printListing([], 0)], ["type size last modified name\n"]);
  const times = {
    0: "1970-01-01 00:00:00",
    1_795_402_800_120: "2026-11-23 03:00:00.12",
    951_868_799_007: "2000-02-29 23:59:59.007",
  };
  for (const [time, text] of Object.entries(times)) assert.equal(goTime(Number(time)), `${text} +0000 UTC`);
});

Deno.test("the rhythm is a full backup a week, deltas on the day before, and for a large list on the hour before", () => {
  for (const [backups, perDay] of [[30, 1], [700, 24]] as const) {
    const list = distinct(JSON.parse(generateScenario({ backups, seed: 5 }).backupList) as Entry[]);
    for (const [index, { backup_name }] of list.entries()) {
      const parent = list[index % perDay === 0 ? index - perDay : index - 1];
      const expected = index % (7 * perDay) === 0 ? undefined : parent?.wal_file_name;
      assert.equal(backup_name.split("_D_")[1], expected);
    }
  }
});

Deno.test("an option out of range is named", () => {
  for (
    const wrong of [{ backups: 0 }, { backups: 1.5 }, { ranges: 0 }, { storages: -1 }, { backups: NaN }, {
      walObjects: 0,
    }]
  ) {
    const [name = ""] = Object.keys(wrong);
    assert.throws(() => generateScenario({ backups: 5, seed: 1, ...wrong }), new RegExp(`with ${name} `));
  }
});

Deno.test("a written scenario is replayed by the stand-in, shifted or not", async () => {
  const SCENARIO = await Deno.makeTempDir();
  const scenario = generateScenario({ backups: 700, seed: 7, ranges: 50, storages: 2 });
  await writeScenario(SCENARIO, scenario);
  const { archive } = scenario;
  const outputs = {
    "backup-list": scenario.backupList,
    "wal-verify": scenario.walVerify,
    "st-check": "",
    "st-ls": scenario.storageListing,
    "wal-archive": whole(printAllWal(archive)),
    "backup-files": whole(printAllBackupFiles(archive)),
    "wal-show": printWalShow(archive),
    "st-cat": printHistory(archive),
  } as const;
  for (const [operation, stdout] of Object.entries(outputs)) {
    const run = await runStandin(STANDIN_ARGUMENTS[operation as keyof typeof outputs], { SCENARIO });
    assert.deepEqual([run.code, run.stdout], [0, stdout]);
  }
  for (const [operation, pieces] of [["wal-archive", printWal], ["backup-files", printBackupFiles]] as const) {
    const run = await runStandin(withoutAll(STANDIN_ARGUMENTS[operation]), { SCENARIO });
    assert.deepEqual([run.code, run.stdout, run.stderr], [0, whole(pieces(archive)), ""]);
    const all = await runStandin(STANDIN_ARGUMENTS[operation], { SCENARIO });
    assert.match(all.stderr, /^INFO: \S+ \S+ storage default\nINFO: \S+ \S+ storage spare\n$/);
  }
  const shifted = await runStandin(STANDIN_ARGUMENTS["wal-archive"], { SCENARIO, SHIFT_TO: 1_900_000_000 });
  const newest = listedObjects(shifted.stdout).at(-1)?.modified ?? 0;
  assert.ok(newest > 1_899_999_000_000 && newest < 1_900_000_180_000);
  const { stdout } = await runStandin(STANDIN_ARGUMENTS["backup-list"], { SCENARIO, SHIFT_TO: 1_900_000_000 });
  assert.equal(stdout.length, scenario.backupList.length);
  assert.equal(Math.floor(Date.parse((JSON.parse(stdout) as Entry[]).at(-1)?.time ?? "") / 1000), 1_900_000_000);
  await Deno.remove(SCENARIO, { recursive: true });
});

Deno.test("the command writes a folder, and says what is wrong with its arguments", async () => {
  const folder = await Deno.makeTempDir();
  const run = (...args: string[]) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", new URL("../../tools/generate_scenario.ts", import.meta.url).pathname, ...args],
    }).output();
  assert.equal(
    (await run("--backups", "20", "--seed", "3", "--out", folder, "--end", "1800000000", "--wal-objects", "9000")).code,
    0,
  );
  const text = await Deno.readTextFile(`${folder}/backup-list.stdout`);
  const expected = generateScenario({ backups: 20, seed: 3, end: 1_800_000_000, walObjects: 9000 });
  assert.equal(text, expected.backupList);
  assert.equal(await Deno.readTextFile(`${folder}/st-ls-wal.stdout`), whole(printWal(expected.archive)));
  const wrong = await run("--backups", "many", "--out", folder);
  assert.equal(wrong.code, 2);
  assert.match(new TextDecoder().decode(wrong.stderr), /^--backups is not a number: 'many'\nUsage: /);
  assert.equal((await run("--backups", "2")).code, 2);
  await Deno.remove(folder, { recursive: true });
});
