// deno-lint-ignore-file camelcase -- the field names are those that WAL-G prints
import assert from "node:assert/strict";
import { parseSegment } from "../../src/walg/segment.ts";
import { controlStandin, fixturePath, runStandin, spawnStandin, STANDIN_ARGUMENTS, withoutAll } from "../standin.ts";
import { listedObjects, listedSegments, parseListing, type ShownTimeline } from "../support/listing.ts";
import { exists } from "../support/paths.ts";

const WAL = STANDIN_ARGUMENTS["wal-archive"];
const FILES = STANDIN_ARGUMENTS["backup-files"];
const SHOW = STANDIN_ARGUMENTS["wal-show"];
const CAT = STANDIN_ARGUMENTS["st-cat"];
const LIST = STANDIN_ARGUMENTS["backup-list"];

interface Entry {
  readonly backup_name: string;
  readonly wal_file_name: string;
  readonly storage_name?: string;
  readonly start_time: string;
  readonly finish_time: string;
  readonly time: string;
  readonly finish_lsn: number;
  readonly compressed_size: number;
}

interface Range {
  readonly timeline_id: number;
  readonly start_segment: string;
  readonly end_segment: string;
  readonly status: string;
}

function captured(scenario: string, file: string): string {
  return Deno.readTextFileSync(fixturePath(`captures/${scenario}/${file}`));
}

/** Scenarios without captures of the archive, in which backup-list and wal-verify answered. */
const DERIVED = ["reference-sample", ...["3.0.3/two-timelines", "1.1/two-timelines"].map((name) => `wal-g-${name}`)]
  .concat(
    [
      "archiving-stuck-long",
      "failover-storage",
      "healthy",
      "segment-lost",
      "segments-64mb",
      "split-brain",
      "two-timelines",
    ]
      .map((name) => `wal-g-3.0.9/${name}`),
  );

function sizeOf(scenario: string): number {
  return scenario.endsWith("segments-64mb") ? 2 ** 26 : 2 ** 24;
}

function place(name: string, size: number): { timeline: number; number: number } {
  const segment = parseSegment(name, size);
  assert.ok(segment, name);
  return segment;
}

/** What wal-verify says of each segment, by timeline and number. */
function verified(scenario: string): Map<string, string> {
  const { integrity } = JSON.parse(captured(scenario, "wal-verify.stdout")) as { integrity: { details: Range[] } };
  const words = new Map<string, string>();
  for (const { timeline_id, start_segment, end_segment, status } of integrity.details) {
    const last = place(end_segment, sizeOf(scenario)).number;
    for (let number = place(start_segment, sizeOf(scenario)).number; number <= last; number++) {
      words.set(`${timeline_id} ${number}`, status);
    }
  }
  return words;
}

/** A backup's own segments, by timeline and number. */
function own({ wal_file_name, finish_lsn }: Entry, size: number): string[] {
  const { timeline, number } = place(wal_file_name, size);
  const last = Math.max(number, Math.floor((finish_lsn - 1) / size));
  return Array.from({ length: last - number + 1 }, (_, index) => `${timeline} ${number + index}`);
}

for (const scenario of DERIVED) {
  const hasSt = !scenario.startsWith("wal-g-1.1");
  const entries = JSON.parse(captured(scenario, "backup-list.stdout")) as Entry[];

  if (hasSt) {
    Deno.test(`${scenario}: the derived listing has what wal-verify found and what backups need, and no more`, async () => {
      const { code, stdout, stderr } = await runStandin(withoutAll(WAL), { SCENARIO: scenario });
      assert.deepEqual([code, stderr], [0, ""]);
      const segments = listedSegments(stdout);
      const found = new Set([...segments.keys()].map((name) => {
        const { timeline, number } = place(name, sizeOf(scenario));
        return `${timeline} ${number}`;
      }));
      const words = verified(scenario);
      for (const [segment, word] of words) assert.equal(found.has(segment), word === "FOUND", segment);
      const needed = entries.flatMap((entry) => own(entry, sizeOf(scenario)));
      for (const segment of needed) assert.ok(found.has(segment) || words.get(segment) !== undefined, segment);
      const more = [...found].filter((segment) => !words.has(segment) && !needed.includes(segment));
      assert.deepEqual(more, scenario.endsWith("split-brain") ? ["3 18"] : []);
    });

    Deno.test(`${scenario}: derived segments have sizes, and times in order between those of the backups`, async () => {
      const segments = listedSegments((await runStandin(withoutAll(WAL), { SCENARIO: scenario })).stdout);
      const main = [...segments.values()].filter(({ name }) => !name.startsWith("00000003"));
      for (const [index, { size, modified, name }] of main.entries()) {
        assert.ok(size > 0 && size <= sizeOf(scenario));
        assert.ok(modified > (main[index - 1]?.modified ?? 0), name);
      }
      for (const { wal_file_name, start_time, finish_time } of entries) {
        const modified = segments.get(wal_file_name)?.modified;
        if (modified === undefined) continue;
        assert.ok(modified > Date.parse(start_time) && modified < Date.parse(finish_time) + 100, wal_file_name);
        const before = main[main.findIndex(({ name }) => name.startsWith(wal_file_name)) - 1];
        assert.ok(before === undefined || before.modified <= Date.parse(start_time) + 100);
      }
      const newest = Math.max(...entries.map(({ time }) => Date.parse(time)));
      assert.ok((main.at(-1)?.modified ?? 0) < newest + 151_000, "SHIFT puts nothing into the future");
    });

    Deno.test(`${scenario}: each backup has at least its bytes, in the storages that list it`, async () => {
      const { code, stdout, stderr } = await runStandin(FILES, { SCENARIO: scenario });
      const storages = [...stderr.matchAll(/^INFO: \S+ \S+ storage (\S+)$/gm)].map(([, name]) => name);
      assert.equal(code, 0);
      const tables = parseListing(stdout);
      assert.equal(tables.length, storages.length);
      assert.deepEqual(storages, scenario.endsWith("failover-storage") ? ["default", "spare"] : ["default"]);
      for (const [index, table] of tables.entries()) {
        const listed: Entry[] = entries.filter(({ storage_name = "default" }) => storage_name === storages[index]);
        assert.equal(table.length, 6 * listed.length);
        for (const { backup_name, compressed_size, time } of listed) {
          const sentinel = table.find(({ name }) => name === `${backup_name}_backup_stop_sentinel.json`);
          assert.ok(sentinel && Math.abs(sentinel.modified - Date.parse(time)) <= 1);
          const parts = table.filter(({ name }) => name.startsWith(`/${backup_name}/tar_partitions/`));
          assert.ok(parts.reduce((sum, { size }) => sum + size, 0) >= compressed_size);
          assert.ok(parts.some(({ name }) => name.endsWith("/pg_control.tar.lz4")));
          assert.ok(parts.some(({ name }) => name.endsWith("/backup_label.tar.lz4")));
          for (const { name, modified } of table) {
            if (name.startsWith(`/${backup_name}/`)) assert.ok(modified <= Date.parse(time) + 1);
          }
        }
      }
      assert.equal((await runStandin(withoutAll(FILES), { SCENARIO: scenario })).stdout.split(/^type/m).length, 2);
    });
  }

  Deno.test(`${scenario}: the derived wal-show says what the listing has, and where each timeline was left`, async () => {
    const { code, stdout, stderr } = await runStandin(SHOW, { SCENARIO: scenario });
    assert.deepEqual([code, stderr], [0, ""]);
    const shown = JSON.parse(stdout) as ShownTimeline[];
    const size = sizeOf(scenario);
    const listing = (await runStandin(withoutAll(WAL), { SCENARIO: scenario.replace("1.1", "3.0.3") })).stdout;
    const listed = [...listedSegments(listing).keys()];
    assert.deepEqual(shown.map(({ id }) => id), [...new Set(listed.map((name) => place(name, size).timeline))]);
    for (const timeline of shown) {
      const { id, parent_id, switch_point_lsn, missing_segments, segments_count, segment_range_size } = timeline;
      const names = listed.filter((name) => place(name, size).timeline === id);
      assert.deepEqual([timeline.start_segment, timeline.end_segment], [names[0], names.at(-1)]);
      assert.equal(segments_count, names.length);
      assert.equal(segments_count + missing_segments.length, segment_range_size);
      assert.equal(timeline.status, missing_segments.length === 0 ? "OK" : "LOST_SEGMENTS");
      const history = `${id.toString(16).padStart(8, "0").toUpperCase()}.history.lz4`;
      assert.equal(listedObjects(listing).some(({ name }) => name === history), parent_id !== 0);
      const parent = shown.find((other) => other.id === parent_id);
      if (parent === undefined) continue;
      assert.equal(Math.floor(switch_point_lsn / size), place(timeline.start_segment, size).number);
      assert.ok(place(parent.end_segment, size).number < place(timeline.start_segment, size).number);
      const after = entries.filter(({ wal_file_name }) => place(wal_file_name, size).timeline === parent_id);
      assert.ok(after.every(({ finish_lsn }) => finish_lsn < switch_point_lsn));
      if (!hasSt) continue;
      const cat = CAT.map((word) => word.replace("00000002.history.lz4", history));
      const lines = (await runStandin(cat, { SCENARIO: scenario })).stdout.trimEnd().split("\n");
      const [, high = "", low = ""] = new RegExp(`^${parent_id}\t([0-9A-F]+)/([0-9A-F]+)\t`).exec(lines.at(-1) ?? "") ??
        [];
      assert.equal(parseInt(high, 16) * 2 ** 32 + parseInt(low, 16), switch_point_lsn);
    }
  });
}

Deno.test("where wal-verify had no answer, the archive is that of the sibling; where there are no backups, empty", async () => {
  for (const args of [WAL, SHOW, CAT, FILES]) {
    const expected = await runStandin(args, { SCENARIO: "two-timelines" });
    for (const SCENARIO of ["postgres-down", "standby-not-streaming"]) {
      assert.equal((await runStandin(args, { SCENARIO })).stdout, expected.stdout);
    }
  }
  for (const SCENARIO of ["wal-g-3.0.3/no-backups", "wal-g-3.0.9/no-backups"]) {
    for (const args of [withoutAll(WAL), withoutAll(FILES)]) {
      const { code, stdout, stderr } = await runStandin(args, { SCENARIO });
      assert.deepEqual([code, stdout, stderr], [0, "type size last modified name\n", ""]);
    }
  }
  for (const version of ["1.1", "3.0.3", "3.0.9"]) {
    assert.equal((await runStandin(SHOW, { SCENARIO: `wal-g-${version}/no-backups` })).stdout, "[]");
  }
});

Deno.test("where the storage could not be listed, nothing of the archive can", async () => {
  const failed = {
    "storage-missing": "st-check",
    "s3-no-bucket": "st-check",
    "storage-unlistable": "st-ls-basebackups",
  };
  for (const [name, file] of Object.entries(failed)) {
    for (const args of [WAL, withoutAll(WAL), SHOW, CAT, FILES]) {
      const { code, stdout, stderr } = await runStandin(args, { SCENARIO: `wal-g-3.0.9/${name}` });
      assert.deepEqual([code, stdout], [1, ""]);
      assert.equal(stderr, captured(`wal-g-3.0.9/${name}`, `${file}.stderr`));
    }
  }
  for (const name of ["storage-missing", "storage-unlistable"]) {
    const { code, stdout } = await runStandin(SHOW, { SCENARIO: `wal-g-1.1/${name}` });
    assert.deepEqual([code, stdout], [1, ""]);
  }
  const waited = spawnStandin(WAL, { SCENARIO: "s3-refused-then-terminated", DELAY: "0.1" });
  const { code, stderr } = await waited.output();
  assert.equal(code, 124);
  assert.match(new TextDecoder().decode(stderr), /connection refused[^]*context canceled\n$/);
});

Deno.test("-t all: a capture of its own, else the plain one and the name of the storage", async () => {
  const both = await runStandin(WAL, { SCENARIO: "failover-wal" });
  assert.equal(parseListing(both.stdout).length, 2);
  assert.match(both.stderr, /^INFO: \S+ \S+ storage default\nINFO: \S+ \S+ storage second\n$/);
  for (const args of [WAL, FILES]) {
    const all = await runStandin(args, { SCENARIO: "switched" });
    const plain = await runStandin(withoutAll(args), { SCENARIO: "switched" });
    assert.deepEqual([all.code, all.stdout, plain.stderr], [0, plain.stdout, ""]);
    assert.match(all.stderr, /^INFO: \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{6} storage default\n$/);
  }
});

Deno.test("NO_ALL, and a folder of WAL-G 2.0: -t is an unknown flag, and all else is as ever", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/wal-g-2.0.1`);
  await Deno.symlink(fixturePath("captures/archive-wal-g-3.0.9/switched"), `${folder}/wal-g-2.0.1/switched`);
  for (const knobs of [{ NO_ALL: 1 }, { SCENARIO: `${folder}/wal-g-2.0.1/switched` }]) {
    for (const args of [WAL, FILES]) {
      const { code, stdout, stderr } = await runStandin(args, knobs);
      assert.deepEqual([code, stdout], [1, "unknown shorthand flag: 't' in -t\n"]);
      assert.match(stderr, /^Error: unknown shorthand flag: 't' in -t\n/);
      assert.equal((await runStandin(withoutAll(args), knobs)).code, 0);
    }
    assert.equal((await runStandin(SHOW, knobs)).code, 0);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("st cat prints the history of a timeline, ancestors first, and fails for one that is not in the archive", async () => {
  const third = CAT.map((word) => word.replace("00000002", "00000003"));
  const { stdout } = await runStandin([...third, "--decrypt"], { SCENARIO: "part-lost" });
  assert.equal(
    stdout,
    "1\t0/15000108\tno recovery target specified\n\n2\t0/1A000090\tno recovery target specified\n",
  );
  const gone = { "history-lost-postgres-down": third, "healthy": CAT, "s3": third, "jam-stuck": CAT };
  for (const [SCENARIO, args] of Object.entries(gone)) {
    const run = await runStandin(args, { SCENARIO });
    const object = args[2] ?? "";
    assert.deepEqual([run.code, run.stdout], [1, ""]);
    assert.match(
      run.stderr,
      new RegExp(`^ERROR: \\S+ \\S+ download the file: object '${object}' not found in storage\n$`),
    );
  }
  for (const other of ["00000002.history.zst", "0000000G.history.lz4", "00000009.history.lz4"]) {
    const args = CAT.map((word) => word.replace("00000002.history.lz4", other));
    for (const SCENARIO of ["two-timelines", "switched"]) assert.equal((await runStandin(args, { SCENARIO })).code, 1);
  }
});

Deno.test("SHIFT_TO moves the times of the listings by what it moves those of the backups", async () => {
  const SHIFT_TO = 1_900_000_000;
  for (const SCENARIO of ["two-timelines", "failover-storage", "switched", "s3", "failover"]) {
    const list = (await runStandin(LIST, { SCENARIO })).stdout;
    const newest = Math.max(...(JSON.parse(list) as Entry[]).map(({ time }) => Math.floor(Date.parse(time) / 1000)));
    for (const args of [WAL, FILES]) {
      const [asIs = "", moved = ""] = await Promise.all(
        [{ SCENARIO }, { SCENARIO, SHIFT_TO }].map(async (knobs) => (await runStandin(args, knobs)).stdout),
      );
      assert.equal(moved.length, asIs.length);
      assert.deepEqual(
        listedObjects(moved),
        listedObjects(asIs).map((object) => ({ ...object, modified: object.modified + (SHIFT_TO - newest) * 1000 })),
      );
    }
  }
});

Deno.test("the archive fits a wal-verify or a backup-list that a test replaces, if no capture tells", async () => {
  const WALG_STANDIN_CONTROL = await Deno.makeTempDir();
  const file = fixturePath("captures/wal-g-3.0.9/archiving-stuck-long/wal-verify.stdout");
  const expected = (await runStandin(SHOW, { SCENARIO: "archiving-stuck-long" })).stdout;
  assert.equal((await runStandin(SHOW, { STDOUT_FILE_WAL_VERIFY: file })).stdout, expected);
  await controlStandin(WALG_STANDIN_CONTROL, "wal-verify", { STDOUT_FILE: file });
  assert.equal((await runStandin(SHOW, {}, { WALG_STANDIN_CONTROL })).stdout, expected);
  const SCENARIO = "switched";
  assert.equal(
    (await runStandin(SHOW, { SCENARIO }, { WALG_STANDIN_CONTROL })).stdout,
    captured("archive-wal-g-3.0.9/switched", "wal-show.stdout"),
  );
  const one = JSON.stringify(
    (JSON.parse(captured("wal-g-3.0.9/healthy", "backup-list.stdout")) as Entry[]).slice(0, 1),
  );
  await Deno.writeTextFile(`${WALG_STANDIN_CONTROL}/list`, one);
  const { stdout } = await runStandin(FILES, { STDOUT_FILE_BACKUP_LIST: `${WALG_STANDIN_CONTROL}/list` });
  assert.equal(listedObjects(stdout).length, 6);
  await Deno.remove(WALG_STANDIN_CONTROL, { recursive: true });
});

Deno.test("a folder with a backup-list alone has all its WAL, from the oldest backup to the newest", async () => {
  const SCENARIO = await Deno.makeTempDir();
  for (const end of ["stdout", "stderr", "exit"]) {
    await Deno.writeTextFile(
      `${SCENARIO}/backup-list.${end}`,
      captured("wal-g-3.0.9/two-timelines", `backup-list.${end}`),
    );
  }
  const shown = JSON.parse((await runStandin(SHOW, { SCENARIO })).stdout) as ShownTimeline[];
  assert.deepEqual(
    shown.map(({ start_segment, end_segment, missing_segments }) => [start_segment, end_segment, missing_segments]),
    [["000000010000000000000004", "000000010000000000000012", []], [
      "000000020000000000000013",
      "000000020000000000000013",
      [],
    ]],
  );
  await Deno.remove(SCENARIO, { recursive: true });
});

Deno.test("the knobs work for the listings as for all else, captured or derived", async () => {
  const folder = await Deno.makeTempDir();
  for (const SCENARIO of ["two-timelines", "switched"]) {
    for (
      const [args, suffix] of [[WAL, "WAL_ARCHIVE"], [FILES, "BACKUP_FILES"], [SHOW, "WAL_SHOW"], [
        CAT,
        "ST_CAT",
      ]] as const
    ) {
      const whole = (await runStandin(args, { SCENARIO })).stdout;
      assert.ok(whole.length > 20);
      assert.equal((await runStandin(args, { SCENARIO, [`TRUNCATE_${suffix}`]: 17 })).stdout, whole.slice(0, 17));
      assert.equal((await runStandin(args, { SCENARIO, STREAM_DELAY: "0.1" })).stdout, whole);
      assert.equal((await runStandin(args, { SCENARIO, EMPTY: 1 })).stdout, "");
      assert.match((await runStandin(args, { SCENARIO, GARBAGE: 1 })).stdout, /^<html>/);
      const failed = await runStandin(args, { SCENARIO, [`EXIT_${suffix}`]: 7, STDERR: "ERROR: no" });
      assert.deepEqual([failed.code, failed.stderr], [7, "ERROR: no\n"]);
      const STDOUT_FILE = `${folder}/file`;
      await Deno.writeTextFile(STDOUT_FILE, "x\n");
      assert.equal((await runStandin(args, { SCENARIO, [`STDOUT_FILE_${suffix}`]: STDOUT_FILE })).stdout, "x\n");
      const slow = await runStandin(args, { SCENARIO, [`DELAY_${suffix}`]: "0.2", RUNS_LOG: `${folder}/runs` });
      assert.ok(slow.seconds >= 0.2);
      assert.equal((await runStandin(args, { SCENARIO, KILL_SELF: "KILL" })).signal, "SIGKILL");
    }
  }
  const operations = ["wal-archive", "backup-files", "wal-show", "st-cat"];
  const runs = [...(await Deno.readTextFile(`${folder}/runs`)).matchAll(/^(\S+) \d+ [\d.]+ (?:st|wal-show) /gm)];
  assert.deepEqual(runs.map(([, name]) => name), [...operations, ...operations]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("ENDLESS lists ever new objects", async () => {
  for (const args of [WAL, FILES]) {
    const child = spawnStandin(args, { ENDLESS: 1 });
    let text = "";
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.length > 1_000_000) break;
    }
    child.kill();
    await Promise.all([child.stderr.cancel(), child.status]);
    const names = listedObjects(text.slice(0, text.lastIndexOf("\n") + 1)).map(({ name }) => name);
    assert.ok(names.length > 8000);
    assert.equal(new Set(names).size, names.length);
  }
});

Deno.test("every old scenario is told of above", () => {
  for (const { name } of Deno.readDirSync(fixturePath("captures/wal-g-3.0.9"))) {
    const folder = fixturePath(`captures/wal-g-3.0.9/${name}`);
    const isAnswered = exists(`${folder}/wal-verify.stdout`) && exists(`${folder}/backup-list.stdout`) &&
      Deno.readTextFileSync(`${folder}/wal-verify.stdout`).includes('"FOUND"');
    assert.equal(DERIVED.includes(`wal-g-3.0.9/${name}`), isAnswered, name);
  }
});
