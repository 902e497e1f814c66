import assert from "node:assert/strict";
import { atOnce } from "../../src/base/clock.ts";
import { type DrillResult, drillResult } from "../../src/operations/drill_result.ts";
import { WalgError } from "../../src/walg/failure.ts";
import { drillText } from "../support/drill.ts";

const NOW = Date.parse("2026-11-23T05:00:00Z");

/** Reads a result file as the operation does. */
async function read(drillFile: string): Promise<DrillResult | undefined> {
  const failure = { path: "wal-g", timeout: 5000, fallback: "invalid_output" } as const;
  const runWalg = () => Promise.reject(new Error("it runs nothing"));
  const options = { runWalg, drillFile, failure, previous: undefined, pace: atOnce, now: () => NOW };
  return (await drillResult.collect(options)).result;
}

async function readText(text: string | Uint8Array, name = "default"): Promise<DrillResult | undefined> {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/${name}.json`;
  try {
    await (typeof text === "string" ? Deno.writeTextFile(file, text) : Deno.writeFile(file, text));
    return await read(file);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function refusalOf(text: string | Uint8Array, name?: string): Promise<string> {
  const error = await readText(text, name).then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof WalgError, String(error));
  return `${error.failure.type} ${error.failure.message.replace(/^\S+: /, "")}`;
}

Deno.test("a result as walg-restore-drill writes it", async () => {
  const result = await readText(drillText());
  assert.equal(result?.outcome, "passed");
  assert.equal(result?.end_time, Date.parse("2026-11-20T04:20:00Z"));
  assert.equal(result?.last_success?.recovery_seconds, 840.25);
  assert.equal(result?.last_success?.recovered_until, Date.parse("2026-11-20T03:55:12.5Z"));
});

Deno.test("no file, no drill: nothing is shown, nothing is wrong", async () => {
  assert.equal(await read("/nowhere/default.json"), undefined);
  assert.deepEqual(drillResult.families({ result: undefined }, { maxBackupSeries: 0 }), []);
  const last = { success: true, endTime: 0, durationSeconds: 0 };
  assert.equal(drillResult.check.fine({ result: undefined }, last), "No drill yet");
  const tile = drillResult.tile({ outcome: "ok", value: { result: undefined }, last }, 0);
  assert.deepEqual(tile, {
    name: "Last restore drill",
    value: "none yet",
    more: "no drill yet: a restore was never tried",
  });
});

/** A drill that passed, at that time. */
function aged(end_time: string): string {
  return drillText({ end_time, last_success: { end_time, recovery_seconds: 1, restored_bytes: 1 } });
}

const OF_TWO = "invalid_output the document: expected a phase in which it ended, or its own success";

Deno.test("a file that is not a result is refused in a line that says where", async () => {
  const cases: readonly (readonly [string | Uint8Array, string])[] = [
    ["", "invalid_output it is not JSON"],
    [Uint8Array.of(0xff, 0xfe, 0), "invalid_output it is not JSON"],
    ["null", "invalid_output the document: expected Object, found null"],
    ["{}", "invalid_output format is missing"],
    [drillText({ format: 2 }), "invalid_output format: expected 1, found 2"],
    [
      drillText({ outcome: "great" }),
      'invalid_output outcome: expected ("passed" | "failed" | "could_not_run"), found "great"',
    ],
    [drillText({ end_time: "yesterday" }), 'invalid_output end_time: expected an RFC 3339 time, found "yesterday"'],
    [drillText({ end_time: undefined }), "invalid_output end_time: expected a time"],
    [drillText({ end_time: "0001-01-01T00:00:00Z" }), "invalid_output end_time: expected a time"],
    [drillText({ last_success: null }), OF_TWO],
    [drillText({ outcome: "failed" }), OF_TWO],
    // Passed, and did not: what it says last is not believed.
    [drillText({ phase: "checks" }), OF_TWO],
    [drillText({ end_time: "2026-11-27T04:20:00Z" }), OF_TWO],
    [aged("2026-11-23T05:10:00Z"), "invalid_output it ended at 2026-11-23 05:10:00 UTC, which is in the future"],
    [
      drillText().replace('"recovery_seconds":840.25', '"recovery_seconds":1e999'),
      "invalid_output last_success.recovery_seconds: expected <=9007199254740992, found Infinity",
    ],
    [drillText({ phase_seconds: { fetch: -1 } }), "invalid_output phase_seconds.fetch: expected >=0, found -1"],
    [drillText({ reason: "x".repeat(65 * 1024) }), "output_too_large it is larger than 64 KiB"],
  ];
  for (const [text, expected] of cases) assert.equal(await refusalOf(text), expected);
  const folder = await Deno.makeTempDir();
  const error = await read(folder).then(() => undefined, (error: unknown) => error);
  await Deno.remove(folder);
  assert.match(String(error), /it is not a regular file/);
});

Deno.test("the result of another cluster, such as a copied file, is refused", async () => {
  assert.equal((await readText(drillText({ cluster: "main" }), "main"))?.outcome, "passed");
  assert.equal((await readText(drillText({ cluster: undefined })))?.outcome, "passed");
  const refused = "invalid_output it is of the cluster";
  assert.equal(await refusalOf(drillText({ cluster: "copy" }), "main"), `${refused} 'copy', not of 'main'`);
  assert.equal(
    (await readText(drillText({ cluster: "main" })))?.outcome,
    "passed",
    "of whichever cluster without a name",
  );
  assert.equal(await refusalOf(drillText(), "main"), `${refused} 'default', not of 'main'`);
  assert.equal(await refusalOf(drillText({ cluster: undefined }), "main"), `${refused} 'default', not of 'main'`);
  assert.equal(await refusalOf(drillText({ cluster: "a\n\u202e" }), "main"), `${refused} 'a \\u202e', not of 'main'`);
  assert.equal(await refusalOf(drillText({ cluster: 7 })), "invalid_output cluster: expected string, found 7");
});

Deno.test("secrets in a result are masked, and what could reorder a line is shown", async () => {
  const words = "ERROR: cannot read\nAWS_SECRET_ACCESS_KEY=hunter2";
  const reason = "fetching ended: AWS_SECRET_ACCESS_KEY=hunter2 \u202e";
  const result = await readText(drillText({ outcome: "failed", phase: "fetch", reason, last_words: words }));
  assert.equal(result?.reason, "fetching ended: AWS_SECRET_ACCESS_KEY=*** \\u202e");
  assert.doesNotMatch(result?.last_words ?? "", /hunter2/);
  assert.match(result?.last_words ?? "", /cannot read/);
});

Deno.test("the series are those of the last success; a failure takes none of them away", async () => {
  const series = async (changes: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, number>>> => {
    const families = drillResult.families({ result: await readText(drillText(changes)) }, { maxBackupSeries: 0 });
    return Object.fromEntries(families.map(({ name, samples }) => [name, [...samples][0]?.value ?? NaN]));
  };
  const passed = await series({});
  assert.deepEqual(passed, {
    walg_restore_drill_success: 1,
    walg_restore_drill_last_success_timestamp_seconds: Date.parse("2026-11-20T04:20:00Z") / 1000,
    walg_restore_drill_duration_seconds: 840.25,
    walg_restore_drill_restored_bytes: 61_722_624,
    walg_restore_drill_recovered_until_timestamp_seconds: Date.parse("2026-11-20T03:55:12Z") / 1000,
  });
  for (const outcome of ["failed", "could_not_run"]) {
    assert.deepEqual(await series({ outcome, phase: "fetch" }), { ...passed, walg_restore_drill_success: 0 });
  }
  assert.deepEqual(await series({ outcome: "failed", phase: "fetch", last_success: null }), {
    walg_restore_drill_success: 0,
  });
});

Deno.test("the page's figure: when, how long, up to when; never passed where it did not pass", async () => {
  const now = Date.parse("2026-11-23T05:00:00Z");
  const last = { success: true, endTime: now, durationSeconds: 0 };
  const figure = async (changes: Readonly<Record<string, unknown>>) => {
    const value = { result: await readText(drillText(changes)) };
    const { value: shown, more, level } = drillResult.tile({ outcome: "ok", value, last }, now) ?? {};
    return [shown, more, level];
  };
  assert.deepEqual(await figure({}), ["3 d ago", "14 min, up to 2026-11-20 03:55:12 UTC", undefined]);
  assert.deepEqual(await figure({ outcome: "failed", phase: "start", end_time: "2026-11-23T04:00:00Z" }), [
    "failed",
    "1 h ago, phase start; passed 3 d ago",
    "critical",
  ]);
  assert.deepEqual(await figure({ outcome: "could_not_run", phase: "space", last_success: null }), [
    "not run",
    "3 d ago, phase space; none has passed yet",
    "warning",
  ]);
  const broken = drillResult.tile({ outcome: "failed", value: undefined, last: { ...last, success: false } }, now);
  assert.deepEqual([broken?.value, broken?.level], ["not known", "warning"]);
});
