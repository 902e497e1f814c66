import assert from "node:assert/strict";
import { systemClock } from "../../src/base/clock.ts";
import type { State } from "../../src/operations/state.ts";
import { viewOf } from "../../src/status/view.ts";
import { contentPolicy, STYLE } from "../../src/web/page/style.ts";
import { sitePages } from "../../src/web/page/site.ts";
import { createRespond } from "../../src/web/response.ts";
import { BUILD, defaultConfig, NOW, recoveryOf, runCapture } from "../status/scenario.ts";
import { emptyState, withBackups } from "../support/state.ts";

async function get(state: State, path: string, method = "GET"): Promise<Response> {
  const pages = sitePages({
    cluster: { config: defaultConfig(), shown: viewOf(state, recoveryOf(state)) },
    host: { build: BUILD, hostname: "db1", clock: { ...systemClock, now: () => NOW } },
    telemetryPath: "/metrics",
    respond: createRespond({}),
    onFault: assert.fail,
  });
  const [page = ""] = path.split("?");
  return await pages[page]?.(new Request(`http://x${path}`, { method })) ?? assert.fail(`no page ${page}`);
}

Deno.test("api: a plan for the latest state; wrong parameters are 400 with what is wrong", async () => {
  const state = await runCapture("wal-g-3.0.9/two-timelines");
  const response = await get(state, "/api/v1/plan");
  assert.equal(response.headers.get("content-type"), "application/json");
  const plan = await response.json();
  assert.equal(plan.possible, true);
  assert.ok(plan.steps.every(({ text, command }: Record<string, string>) => text && command));
  for (
    const [query, error] of [
      ["to=yesterday", /^to: 'yesterday' is not a point in time/],
      ["to_lsn=x", /^to_lsn: 'x' is not an LSN/],
      ["lsn=0/1", /^there is no parameter 'lsn'; there are to, to_lsn, backup, timeline$/],
    ] as const
  ) {
    const bad = await get(state, `/api/v1/plan?${query}`);
    assert.equal(bad.status, 400);
    assert.match((await bad.json()).error, error);
  }
  // A + that was not encoded arrives as a blank.
  const zoned = await (await get(state, "/api/v1/plan?to=2020-01-01T01:00:00+01:00")).json();
  assert.deepEqual([zoned.target.time, zoned.target.zone_assumed], ["2020-01-01T00:00:00Z", false]);
  assert.equal(await (await get(state, "/api/v1/plan", "HEAD")).text(), "");
});

Deno.test("api: before anything has answered a plan is not known", async () => {
  const plan = await (await get(emptyState(), "/api/v1/plan")).json();
  assert.deepEqual([plan.possible, plan.reason], [null, "backup-list has not answered yet"]);
});

Deno.test("restore page: the form may be sent to this server only, and nothing runs", async () => {
  const response = await get(await runCapture("wal-g-3.0.9/two-timelines"), "/restore?to=2026-11-23T05:00");
  const page = await response.text();
  const policy = response.headers.get("content-security-policy");
  assert.equal(policy, await contentPolicy(STYLE, "'self'"));
  assert.match(policy ?? "", /; form-action 'self';/);
  assert.match(page, /<form method="get">/);
  assert.match(page, /value="2026-11-23T05:00"/);
  // The form asks for UTC.
  assert.doesNotMatch(page, /names no time zone/);
  assert.doesNotMatch(page, /<script| style=| on[a-z]+=|(?:href|action|src)="\//);
});

Deno.test("restore page: a plan warns of tablespaces, which no list shows", async () => {
  const page = await (await get(await runCapture("wal-g-3.0.9/two-timelines"), "/restore")).text();
  assert.match(page, /<li>Whether there are tablespaces is not known: .*over what is there/);
});

Deno.test("restore page: the script is of the time that was asked for, to the microsecond", async () => {
  const state = await runCapture("wal-g-3.0.9/two-timelines");
  const { nearest_after } = await (await get(state, "/api/v1/plan?to=2001-01-01T00:00Z")).json();
  const asked = `${nearest_after.time.slice(0, -1)}456Z`;
  const page = await (await get(state, `/restore?to=${asked}`)).text();
  assert.ok(page.includes(`recovery_target_time = &#39;${asked.replace("T", " ").replace("Z", "+00")}&#39;`), page);
  assert.ok(page.includes(`walg-exporter plan -to=${asked} `), page);
});

Deno.test("restore page: everything that was asked for or came from WAL-G is escaped", async () => {
  const evil = `"><script>alert(1)</script>`;
  const state = withBackups(
    await runCapture("wal-g-3.0.9/healthy"),
    (backups) => backups.map((backup) => ({ ...backup, name: backup.name + evil, dataDir: `/${evil}` })),
  );
  for (
    const query of [
      "",
      ...["to", "to_lsn", "backup", "timeline"].map((name) => `${name}=${encodeURIComponent(evil)}`),
    ]
  ) {
    const page = await (await get(state, `/restore?${query}`)).text();
    assert.doesNotMatch(page, /<script/, query);
    assert.ok(page.includes("&lt;script&gt;"), query);
  }
});
