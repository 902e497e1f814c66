import assert from "node:assert/strict";
import fc from "fast-check";
import type { Clock } from "../../src/base/clock.ts";
import { outcomeOf, type State } from "../../src/operations/state.ts";
import { walVerify } from "../../src/operations/wal_verify.ts";
import type { Page, Visit } from "../../src/web/handler.ts";
import { escape, html } from "../../src/web/page/markup.ts";
import { sitePages } from "../../src/web/page/site.ts";
import { contentPolicy } from "../../src/web/page/style.ts";
import { createRespond } from "../../src/web/response.ts";
import { visible } from "../../src/base/text.ts";
import { BUILD, defaultConfig, NOW, recoveryOf, runCapture } from "../status/scenario.ts";
import { viewOf } from "../../src/status/view.ts";
import { answering, changed, emptyState, withBackups } from "../support/state.ts";

const clock: Clock = {
  now: () => NOW,
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

function pagesOf(state: State, pagesClock = clock): Readonly<Record<string, Page>> {
  return sitePages({
    cluster: { config: defaultConfig(), shown: viewOf(state, recoveryOf(state)) },
    host: { build: BUILD, hostname: "db1", clock: pagesClock },
    telemetryPath: "/metrics",
    respond: createRespond({}),
    sandbox: () => "run wal-g",
    onFault: assert.fail,
  });
}

async function get(state: State, path = "/", method = "GET"): Promise<Response> {
  const page = pagesOf(state)[path.split("?")[0] ?? ""];
  assert.ok(page);
  return await page(new Request(`http://localhost${path}`, { method }));
}

async function pageOf(state: State, query = ""): Promise<string> {
  return (await (await get(state, `/${query}`)).text()).replaceAll("\u00a0", " ");
}

const rowsIn = (page: string): number => page.match(/<th scope="row" role="rowheader"><code>/g)?.length ?? 0;

Deno.test("page: what is put into a template is text, markup stands as it is", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    const escaped = escape(text);
    assert.doesNotMatch(escaped, /[<>"']|&(?!amp;|lt;|gt;|quot;|#39;)/);
    const back = escaped.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"')
      .replaceAll("&#39;", "'").replaceAll("&amp;", "&");
    assert.equal(back, visible(text));
    assert.equal(
      html`<p title="${text}">${html`<b>${text}</b>`}${undefined}${7}</p>`.text,
      `<p title="${escaped}"><b>${escaped}</b>7</p>`,
    );
  }));
});

Deno.test("page: everything from WAL-G is escaped", async () => {
  const evil = `"><script>alert(1)</script><img src=x onerror='x'>`;
  const state = withBackups(
    await runCapture("wal-g-3.0.9/healthy"),
    (backups) => backups.map((backup) => ({ ...backup, name: backup.name + evil, parent: evil, storages: [evil] })),
  );
  const verified = answering(state, walVerify, ({ integrity, timeline, ...wal }) => ({
    ...wal,
    integrity: { status: evil, ranges: integrity.ranges.map((range) => ({ ...range, start: evil, status: evil })) },
    timeline: { ...timeline, status: evil },
  }));
  const failed = changed(verified, walVerify, (outcome) => ({
    ...outcome,
    last: { success: false, endTime: NOW, durationSeconds: 1 },
    lastFailure: { type: "network", message: evil, stderr: `</pre>${evil}`, time: NOW },
  }));
  const page = await pageOf({ ...failed, walgVersion: evil });
  assert.doesNotMatch(page, /<script|<img/);
  assert.ok(page.split("&lt;script&gt;").length > 10);
});

Deno.test("page: what would reorder or hide text is shown, everywhere", async () => {
  const evil = "a\u202eb\u2066c\u200bd\u00ade\ufefff\u{e0041}g\u001bh";
  const page = await pageOf(withBackups(
    await runCapture("wal-g-3.0.9/healthy"),
    (backups) => backups.map((backup) => ({ ...backup, name: backup.name + evil, parent: evil, storages: [evil] })),
  ));
  assert.doesNotMatch(page, /[\p{Default_Ignorable_Code_Point}\p{Cf}]|[^\P{Cc}\t\r\n]/u);
  assert.ok(page.includes("a\\u202eb\\u2066c\\u200bd\\u00ade\\ufefff\\u{e0041}g\\u001bh"));
});

Deno.test("page: strict headers, and a policy that allows its one style and nothing else", async () => {
  const response = await get(await runCapture("wal-g-3.0.9/healthy"));
  const page = await response.text();
  const styles = [...page.matchAll(/<style>([^]*?)<\/style>/g)].map(([, style]) => style ?? "");
  assert.equal(styles.length, 1);
  const policy = response.headers.get("content-security-policy");
  assert.equal(policy, await contentPolicy(styles[0] ?? "", "'none'"));
  assert.match(
    policy ?? "",
    /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
  );
  assert.doesNotMatch(page, /<script| style=| on[a-z]+=|@import|url\(|src=/);
  assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  assert.equal(response.headers.get("referrer-policy"), "no-referrer");
  assert.equal(response.headers.get("cache-control"), "no-store, no-transform");
});

Deno.test("page: it refreshes itself until the reader pauses it", async () => {
  const state = await runCapture("wal-g-3.0.9/healthy");
  const [going, paused] = [await get(state), await get(state, "/?refresh=off")];
  assert.equal(going.headers.get("refresh"), "30");
  assert.match(await going.text(), /href="\.\/\?refresh=off">Pause/);
  assert.equal(paused.headers.get("refresh"), null);
  assert.match(await paused.text(), /href="\.\/">Go on/);
});

Deno.test("page: the answer to HEAD has the headers and no body", async () => {
  for (const path of ["/", "/api/v1/status"]) {
    const response = await get(emptyState(), path, "HEAD");
    assert.equal(response.status, 200);
    assert.equal(await response.text(), "");
  }
});

Deno.test("page: before anything is known", async () => {
  const page = await pageOf(emptyState());
  assert.match(page, /<p class="word">Unknown<\/p>/);
  assert.match(page, /What is recoverable is not known yet/);
  assert.match(page, /Not listed yet\./);
  assert.match(page, /Not verified yet\./);
});

Deno.test("page: the newest 30 backups, and the others on demand, without a script", async () => {
  const state = await runCapture("wal-g-3.0.9/healthy");
  const many = (count: number): State =>
    withBackups(state, ([backup]) =>
      Array.from({ length: count }, (_, index) => {
        assert.ok(backup);
        return { ...backup, name: `base_${index}_end`, finishTime: backup.finishTime + index * 60_000 };
      }));
  const some = await pageOf(many(30));
  assert.equal(rowsIn(some), 30);
  assert.doesNotMatch(some, /older|backups=all/);
  const more = await pageOf(many(400));
  assert.equal(rowsIn(more), 30);
  assert.ok(more.includes("<code>base_399_end</code>") && more.includes("<code>base_370_end</code>"));
  assert.ok(!more.includes("<code>base_369_end</code>"));
  assert.match(
    more,
    /and 370 older: <a href="\.\/\?backups=all#backups">show all 400<\/a>; all of them are in <a href="api\/v1\/status">/,
  );
  const all = await pageOf(many(400), "?backups=all");
  assert.equal(rowsIn(all), 400);
  assert.match(all, /<a href="\.\/#backups">show the newest 30 only<\/a>/);
  assert.match(all, /href="\.\/\?backups=all&amp;refresh=off">Pause/);
  assert.match(await pageOf(many(400), "?refresh=off&backups=all"), /href="\.\/\?backups=all">Go on/);
  assert.match(await pageOf(many(1234)), /and 1,204 older: <a [^>]*>show the newest 1,000<\/a>; all of them are in/);
  const capped = await pageOf(many(1234), "?backups=all");
  assert.equal(rowsIn(capped), 1000);
  assert.match(capped, /and 234 older, in <a href="api\/v1\/status">the JSON<\/a>; <a [^>]*>show the newest 30 only</);
});

Deno.test("page: every link is relative, so that it leads somewhere below any path of a proxy", async () => {
  for (const state of [emptyState(), await runCapture("wal-g-3.0.9/two-timelines")]) {
    for (const query of ["", "?refresh=off", "?backups=all"]) {
      const page = await pageOf(state, query);
      const links = [...page.matchAll(/ (?:href|src|action)="([^"]*)"/g)].map(([, link = ""]) => link);
      assert.ok(links.length > 8);
      for (const link of links) {
        assert.doesNotMatch(link, /^\//, link);
        const { origin, pathname } = new URL(link.replaceAll("&amp;", "&"), "https://proxy/hosts/db1/");
        if (origin === "https://proxy") {
          assert.ok(
            ["", "metrics", "api/v1/status", "restore"].map((path) => `/hosts/db1/${path}`).includes(pathname),
            link,
          );
        }
      }
    }
  }
});

Deno.test("page: no number is parted from its unit, wherever it stands", async () => {
  const state = await runCapture("wal-g-3.0.9/archiving-stuck-long");
  for (
    const shown of [
      state,
      await runCapture("wal-g-3.0.9/s3-bad-key", state),
      await runCapture("wal-g-3.0.9/no-backups"),
    ]
  ) {
    const page = (await (await get(shown)).text()).replace(/<style>[^]*?<\/style>/, "");
    assert.ok((page.match(/\d\u00a0(?:s|min|h|d|[KMG]iB)\b/g)?.length ?? 0) > 10);
    assert.deepEqual(page.match(/.{20}\d (?:s|ms|min|h|d|B|[KMGTPE]iB|UTC)\b/g) ?? [], []);
  }
});

Deno.test("page and JSON: what wal-g wrote to stderr is for who has logged in, message and fix are for all", async () => {
  const state = await runCapture("wal-g-3.0.9/postgres-down");
  const failure = outcomeOf(state, walVerify).lastFailure;
  assert.ok(failure?.stderr !== undefined && failure.stderr.trim() !== "");
  const pages = pagesOf(state);
  const show = async (path: string, visit?: Visit): Promise<string> =>
    await (await pages[path]?.(new Request(`http://localhost${path}`), visit))?.text() ?? "";
  for (const visit of [undefined, { loggedIn: false }, { loggedIn: true }]) {
    const shown = visit?.loggedIn === true;
    const json = JSON.parse(await show("/api/v1/status", visit));
    const error = json.operations.find(({ operation }: { operation: string }) => operation === "wal-verify").last_error;
    assert.equal(error.stderr, shown ? failure.stderr : null);
    assert.equal(error.message, failure.message);
    assert.equal(error.error_type, "postgres_down");
    assert.match(error.fix, /PostgreSQL/);
    const page = await show("/", visit);
    assert.equal(page.includes("What wal-g wrote to stderr"), shown);
    assert.ok(page.includes(escape(failure.message)) && page.includes("What to do:"));
  }
});

Deno.test("page: ages follow the clock", async () => {
  const state = await runCapture("wal-g-3.0.9/healthy");
  let now = NOW;
  const pages = pagesOf(state, { ...clock, now: () => now });
  const ages = async (): Promise<readonly string[]> => {
    const text = await (await pages["/"]?.(new Request("http://localhost/")))?.text() ?? "";
    const page = text.replaceAll("\u00a0", " ");
    return [/verified (.*? ago); last/, /last backup (.*? ago)/, /03:12:02<\/span><span class="quiet">(.*? ago)/]
      .map((pattern) => pattern.exec(page)?.[1] ?? "");
  };
  assert.deepEqual(await ages(), ["3 min ago", "2 h ago", "2 h ago"]);
  now += 24 * 3_600_000;
  assert.deepEqual(await ages(), ["24 h ago", "26 h ago", "26 h ago"]);
});

Deno.test("page: 10,000 backups have 30 rows and few marks; their JSON is whole, and yields before each of its pieces", async () => {
  const state = withBackups(
    await runCapture("wal-g-3.0.9/healthy"),
    ([backup]) =>
      Array.from({ length: 10_000 }, (_, index) => {
        assert.ok(backup);
        const name = `base_${index}${index % 7 === 0 ? "" : `_D_${index - 1}`}`;
        return {
          ...backup,
          name,
          parent: index % 7 === 0 ? "" : `base_${index - 1}`,
          finishTime: backup.finishTime - (10_000 - index) * 3_600_000,
        };
      }),
  );
  let yields = 0;
  const sleep: Clock["sleep"] = (_, signal) => {
    yields++;
    return clock.sleep(0, signal);
  };
  const pages = pagesOf(state, { ...clock, sleep });
  const page = await (await pages["/"]?.(new Request("http://localhost/")))?.text() ?? "";
  assert.equal(rowsIn(page), 30);
  assert.ok((page.match(/<svg class="mark/g)?.length ?? 0) <= 100);
  assert.match(page, /marks of several backups each/);
  const answer = await pages["/api/v1/status"]?.(new Request("http://localhost/api/v1/status"));
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const before = yields;
  for await (const piece of answer?.body ?? []) pieces.push(piece);
  assert.equal(JSON.parse(await new Blob(pieces).text()).backups.length, 10_000);
  assert.ok(pieces.length >= 20, `${pieces.length} pieces`);
  assert.ok(yields - before >= pieces.length, `${yields - before} yields for ${pieces.length} pieces`);
});
