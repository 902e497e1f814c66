// deno-lint-ignore-file camelcase -- the field names are those that WAL-G prints
import assert from "node:assert/strict";
import fc from "fast-check";
import { DEFAULT_SEGMENT_SIZE, parseSegment, segmentNumberAt } from "../../src/walg/segment.ts";
import { generateScenario, type ScenarioOptions, writeScenario } from "../../tools/generate_scenario.ts";
import { runStandin, STANDIN_ARGUMENTS } from "../standin.ts";

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
  for (const wrong of [{ backups: 0 }, { backups: 1.5 }, { ranges: 0 }, { storages: -1 }, { backups: NaN }]) {
    const [name = ""] = Object.keys(wrong);
    assert.throws(() => generateScenario({ backups: 5, seed: 1, ...wrong }), new RegExp(`with ${name} `));
  }
});

Deno.test("a written scenario is replayed by the stand-in, shifted or not", async () => {
  const SCENARIO = await Deno.makeTempDir();
  const scenario = generateScenario({ backups: 700, seed: 7, ranges: 50, storages: 2 });
  await writeScenario(SCENARIO, scenario);
  const outputs = [["backup-list", scenario.backupList], ["wal-verify", scenario.walVerify], ["st-check", ""], [
    "st-ls",
    scenario.storageListing,
  ]] as const;
  for (const [operation, stdout] of outputs) {
    const run = await runStandin(STANDIN_ARGUMENTS[operation], { SCENARIO });
    assert.deepEqual([run.code, run.stdout], [0, stdout]);
  }
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
  assert.equal((await run("--backups", "20", "--seed", "3", "--out", folder, "--end", "1800000000")).code, 0);
  const text = await Deno.readTextFile(`${folder}/backup-list.stdout`);
  assert.equal(text, generateScenario({ backups: 20, seed: 3, end: 1_800_000_000 }).backupList);
  const wrong = await run("--backups", "many", "--out", folder);
  assert.equal(wrong.code, 2);
  assert.match(new TextDecoder().decode(wrong.stderr), /^--backups is not a number: 'many'\nUsage: /);
  assert.equal((await run("--backups", "2")).code, 2);
  await Deno.remove(folder, { recursive: true });
});
