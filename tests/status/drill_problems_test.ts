import assert from "node:assert/strict";
import { safeParse } from "valibot";
import { systemClock } from "../../src/base/clock.ts";
import { type DrillAnswer, drillResult } from "../../src/operations/drill_result.ts";
import { runOnce } from "../../src/operations/run.ts";
import { outcomeAfter } from "../../src/operations/run.ts";
import { freshState, outcomeOf, type State, withOutcome } from "../../src/operations/state.ts";
import { drillProblems } from "../../src/status/run_problems.ts";
import { statusJson } from "../../src/status/json.ts";
import type { Status } from "../../src/status/status.ts";
import { statusOf, viewOf } from "../../src/status/view.ts";
import { factsList } from "../../src/web/page/facts.ts";
import { drillText } from "../support/drill.ts";
import { standinConfig } from "../support/in_process.ts";
import { StatusSchema } from "./schema.ts";

const NOW = Date.parse("2026-11-23T05:00:00Z");
const DAY = 86_400_000;

/** A state after the file was read, on top of one before; without a text there is none. */
async function stateAfter(text?: string, before: State = freshState([drillResult])): Promise<State> {
  const folder = await Deno.makeTempDir();
  try {
    if (text !== undefined) await Deno.writeTextFile(`${folder}/default.json`, text);
    const config = standinConfig({ "drill-result.folder": folder });
    const clock = { ...systemClock, now: () => NOW };
    const result = await runOnce<DrillAnswer>({ operation: drillResult, previous: undefined, config, clock });
    return withOutcome(before, drillResult, outcomeAfter(drillResult, outcomeOf(before, drillResult), result, clock));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function problemsOf(text?: string, now = NOW): Promise<readonly (readonly [code: string, level: string])[]> {
  return [...drillProblems({ state: await stateAfter(text), limits: standinConfig().limits, now })].map((
    { code, level },
  ) => [code, level] as const);
}

async function statusAfter(text?: string): Promise<Status> {
  const build = { version: "0", revision: "test", denoVersion: "0", target: "test" };
  const options = {
    config: standinConfig(),
    build,
    hostname: undefined,
    telemetryPath: "/metrics",
    sandbox: undefined,
    now: NOW,
  };
  return statusOf(viewOf(await stateAfter(text), undefined), options);
}

Deno.test("a drill that passed is no problem, until it is older than 35 days", async () => {
  assert.deepEqual(await problemsOf(drillText()), []);
  const end = Date.parse("2026-11-20T04:20:00Z");
  assert.deepEqual(await problemsOf(drillText(), end + 35 * DAY), []);
  assert.deepEqual(await problemsOf(drillText(), end + 35 * DAY + 1), [["drill_overdue", "warning"]]);
});

Deno.test("a drill that passed in the future is not taken for a recent one", async () => {
  const end = Date.parse("2026-11-20T04:20:00Z");
  assert.deepEqual(await problemsOf(drillText(), end - 60_000), []);
  assert.deepEqual(await problemsOf(drillText(), end - DAY), [["drill_result_broken", "warning"]]);
});

Deno.test("no drill is no problem, nor is one that never passed overdue", async () => {
  assert.deepEqual(await problemsOf(), []);
  const never = drillText({ outcome: "could_not_run", phase: "space", reason: "no space", last_success: null });
  assert.deepEqual(await problemsOf(never, NOW + 100 * DAY), [["drill_not_run", "warning"]]);
});

Deno.test("failed is critical, could not be run a warning, beside which the last success may be overdue", async () => {
  const failed = drillText({ outcome: "failed", phase: "fetch", reason: "the part is gone" });
  assert.deepEqual(await problemsOf(failed), [["drill_failed", "critical"]]);
  assert.deepEqual(await problemsOf(failed, NOW + 100 * DAY), [["drill_failed", "critical"]]);
  const notRun = drillText({ outcome: "could_not_run", phase: "plan", reason: "no plan" });
  assert.deepEqual(await problemsOf(notRun), [["drill_not_run", "warning"]]);
  assert.deepEqual(await problemsOf(notRun, NOW + 100 * DAY), [["drill_not_run", "warning"], [
    "drill_overdue",
    "warning",
  ]]);
  const [problem] = drillProblems({ state: await stateAfter(failed), limits: standinConfig().limits, now: NOW });
  assert.equal(problem?.sentence, "The restore drill failed in phase fetch, 3 d ago: the part is gone");
  assert.ok(problem?.sentence.endsWith(problem.cause ?? "?"));
});

Deno.test("a broken result is a problem of its own that says what to do", async () => {
  const status = await statusAfter("{");
  const [{ code, level, sentence, fix } = { code: "none" }] = status.problems;
  assert.deepEqual([code, level], ["drill_result_broken", "warning"]);
  assert.match(sentence ?? "", /^The result of the last restore drill cannot be used.*default\.json: it is not JSON$/);
  assert.match(fix ?? "", /remove it/);
  assert.equal(status.operations[0]?.lastFailure?.fix, fix);
});

Deno.test("a result that is broken later takes the one before with it: nothing is shown as passed any more", async () => {
  const passed = await stateAfter(drillText());
  assert.equal(outcomeOf(passed, drillResult).snapshot?.value.result?.outcome, "passed");
  assert.equal(outcomeOf(await stateAfter("{", passed), drillResult).snapshot, undefined);
});

Deno.test("JSON and page have it", async () => {
  const jsonOf = (status: Status) => JSON.parse([...statusJson(status)].join(""));
  assert.equal(jsonOf(await statusAfter()).restore_drill, null);
  const failed = drillText({ outcome: "failed", phase: "fetch", reason: "<b>gone</b>", last_words: "a\nb" });
  for (const text of [drillText(), failed, drillText({ recovered_until: null })]) {
    const parsed = safeParse(StatusSchema, jsonOf(await statusAfter(text)));
    assert.ok(parsed.success, JSON.stringify(parsed.issues?.[0]));
  }
  const { restore_drill: drill } = jsonOf(await statusAfter(failed));
  assert.deepEqual([drill.outcome, drill.phase, drill.last_words], ["failed", "fetch", "a\nb"]);
  assert.equal(drill.last_success.end_time, "2026-11-20T04:20:00.000Z");
  const facts = factsList(await statusAfter(drillText())).text.replace(/<[^>]*>|&nbsp;|\s+/g, " ").replace(/\s+/g, " ");
  assert.match(facts, /Last restore drill 3.d ago 14.min, up to 2026-11-20.03:55:12.UTC/);
  assert.match(factsList(await statusAfter()).text, /none.yet/);
});

Deno.test("drill problems: what to do names the unit of the cluster", async () => {
  const state = await stateAfter(drillText({ outcome: "failed", phase: "fetch", reason: "no space left" }));
  const fixOf = (cluster?: string): string => {
    const [problem] = drillProblems({ state, limits: standinConfig().limits, now: NOW, cluster });
    return problem?.fix ?? "";
  };
  assert.match(fixOf(), /'systemctl start walg-restore-drill@default'/);
  assert.match(fixOf("main"), /'journalctl -u walg-restore-drill@main'.*'systemctl start walg-restore-drill@main'/);
});
