import axe from "axe-core";
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import * as v from "valibot";
import { systemClock } from "../../src/base/clock.ts";
import { createRespond } from "../../src/web/response.ts";
import { sitePages } from "../../src/web/page/site.ts";
import { StatusSchema } from "../status/schema.ts";
import { BUILD, defaultConfig, NOW, recoveryOf, statusAt } from "../status/scenario.ts";
import { startExporter } from "../support/exporter.ts";
import { type Browser, browserTest, openBrowser } from "./browser.ts";
import { viewOf } from "../../src/status/view.ts";
import { PAGE_SCENARIOS, type PageScenario } from "./page_scenarios.ts";

const SCREENSHOTS = new URL("../../.screenshots/", import.meta.url);
/** Contrast is a matter of the theme and layout one of the width: two of the four combinations tell it all. */
const LOOKS = [{ width: 1360, theme: "light" }, { width: 390, theme: "dark" }] as const;

/** Serves the pages of a state as the exporter does, with the clock standing still. */
async function serving({ state, now = NOW }: PageScenario): Promise<{ readonly url: string } & AsyncDisposable> {
  const shown = await state();
  const pages = sitePages({
    cluster: { config: defaultConfig(), shown: viewOf(shown, recoveryOf(shown)) },
    host: { build: BUILD, hostname: "db1", clock: { ...systemClock, now: () => now } },
    telemetryPath: "/metrics",
    respond: createRespond({}),
    sandbox: () => "run wal-g",
    onFault: assert.fail,
  });
  const missing = (): Response => new Response(null, { status: 404 });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => (pages[new URL(request.url).pathname] ?? missing)(request, { loggedIn: true }),
  );
  return { url: `http://127.0.0.1:${server.addr.port}/`, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** What is wrong with how a page is laid out. */
interface Layout {
  /** By how many pixels it is too wide. */
  readonly sideways: number;
  readonly clipped: readonly string[];
  /** Labels of the drawing that stand on another one. */
  readonly overlapping: readonly string[];
  /** Segment names of the sentence that are on two lines, or parted from the punctuation after them. */
  readonly parted: readonly string[];
}

const WELL: Layout = { sideways: 0, clipped: [], overlapping: [], parted: [] };

/** What the page's own code would have to do, were there any. */
async function lookAt(page: Page): Promise<Layout> {
  return await page.evaluate(`(() => ({
    overlapping: [...document.querySelectorAll(".tick text, .lane text, .switch text, .reach text")]
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }, index, all) => box.width > 0 && all.slice(0, index).some(({ box: other }) => other.width > 0 &&
        other.left < box.right && box.left < other.right && other.top + 4 < box.bottom && box.top + 4 < other.bottom))
      .map(({ element }) => element.textContent),
    parted: [...document.querySelectorAll(".segment")]
      .filter((element) => element.getClientRects().length > 1).map((element) => element.textContent),
    sideways: document.documentElement.scrollWidth - innerWidth,
    clipped: [...document.querySelectorAll("main *, header *, footer *")]
      .filter((element) => !element.closest("svg, thead, .skip, pre") && element.getBoundingClientRect().right > innerWidth + 1 ||
        element.matches(".facts div") && element.scrollWidth > element.clientWidth)
      .map((element) => element.outerHTML.slice(0, 120)),
  }))()`);
}

interface AxeResults {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
  readonly passes: readonly { readonly id: string }[];
}

async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations, passes }: AxeResults = await page.evaluate("axe.run()");
  assert.ok(passes.some(({ id }) => id === "color-contrast"), "axe-core looked at the contrast");
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

async function check(
  browser: Browser,
  url: string,
  name: string,
  { width, theme }: { readonly width: number; readonly theme: "light" | "dark" },
): Promise<void> {
  const page = await browser.context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  try {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: 844 });
    await page.goto(url);
    assert.deepEqual(await lookAt(page), WELL, `${name} at ${width} px`);
    await page.screenshot({ path: new URL(`${name}-${width}-${theme}.png`, SCREENSHOTS).pathname, fullPage: true });
    if (LOOKS.some((look) => look.width === width)) {
      assert.deepEqual(await violationsOf(page), [], `${name} at ${width} px, ${theme}: axe-core`);
    }
    assert.deepEqual(complaints, [], "the browser has no complaint, such as a breach of the policy");
  } finally {
    await page.close();
  }
}

Deno.test("page of a running exporter: the sentence, and the JSON of the same state", async () => {
  await using exporter = await startExporter({ scenario: "two-timelines", env: { WALG_STANDIN_SHIFT: "1" } });
  await exporter.ready();
  const { status, headers, body } = await exporter.get("/").then(async (response) => ({
    status: response.status,
    headers: response.headers,
    body: (await response.text()).replaceAll("\u00a0", " "),
  }));
  assert.equal(status, 200);
  assert.match(headers.get("content-security-policy") ?? "", /^default-src 'none'/);
  assert.match(
    body,
    /Recoverable from \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC up to WAL segment <code class="segment">000000020000000000000012,<\/code> verified \d+ s ago; last backup [23] min ago</,
  );
  const json = v.parse(StatusSchema, await (await exporter.get("/api/v1/status")).json());
  assert.equal(json.summary.level, "warning");
  assert.equal(json.recovery?.until_lsn, "0/13000000");
  assert.equal(json.backups?.length, 8);
  assert.equal((await discarded(exporter.get("/api/v1/status/"))).status, 404);
});

async function discarded(response: Promise<Response>): Promise<Response> {
  await (await response).body?.cancel();
  return await response;
}

browserTest("restore page in a browser: laid out well, and its form makes a plan without a script", async () => {
  await Deno.mkdir(SCREENSHOTS, { recursive: true });
  await using browser = await openBrowser();
  const scenario = PAGE_SCENARIOS["archive-switched"] ?? assert.fail("there is such a scenario");
  await using site = await serving(scenario);
  const queries = { latest: "", time: "?to=2026-11-26T15:11:20", none: "?to=2020-11-26T15:11:20.5Z" };
  for (const [name, query] of Object.entries(queries)) {
    for (const look of LOOKS) await check(browser, `${site.url}restore${query}`, `restore-${name}`, look);
  }
  const page = await browser.context.newPage();
  await page.goto(site.url);
  await page.click("nav a:has-text('Restore')");
  await page.fill("input[name=to]", "2026-11-26T15:11:20");
  await page.click("button");
  await page.waitForURL(/to=2026-11-26T15%3A11%3A20/);
  assert.match(await page.innerText("h1"), /^2026-11-26T15:11:20Z can be recovered/);
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.isVisible("form"), false);
  assert.equal(await page.isVisible(".steps pre"), true);
  await page.close();
});

browserTest("page in a browser: every scenario, both themes, both widths", async (t) => {
  await Deno.mkdir(SCREENSHOTS, { recursive: true });
  await using browser = await openBrowser();
  for (const [name, scenario] of Object.entries(PAGE_SCENARIOS)) {
    await t.step(name, async () => {
      const state = await scenario.state();
      const status = statusAt(state, scenario.now);
      assert.equal(status.summary.word, scenario.word);
      await using site = await serving(scenario);
      const page = await browser.context.newPage();
      await page.goto(site.url);
      assert.ok((await page.title()).startsWith(`${scenario.word}: db1`));
      const [worst] = status.problems;
      const said = (await page.locator(".verdict").innerText()).replace(/\s+/g, " ");
      assert.ok(said.toLowerCase().startsWith(scenario.word.toLowerCase()), said);
      assert.ok(worst !== undefined || said.includes(status.summary.sentence), said);
      assert.ok(said.includes(status.recoverable ?? ""), said);
      assert.equal(await page.locator("h1").count(), 1);
      assert.equal(await page.locator("#backups tbody tr").count(), Math.min(30, status.backups?.length ?? 0));
      assert.equal(await page.locator("#operations tbody th").count(), state.operations.length);
      assert.equal(await page.locator("script, [style], img, iframe").count(), 0);
      await page.close();
      for (const look of LOOKS) await check(browser, site.url, name, look);
    });
  }
});

browserTest("page in a browser: at 1,920 and at 320 px too, and between", async () => {
  await Deno.mkdir(SCREENSHOTS, { recursive: true });
  await using browser = await openBrowser();
  for (const name of ["archiving-stuck-long", "healthy", "two-timelines", "segments-64mb"]) {
    const scenario = PAGE_SCENARIOS[name];
    assert.ok(scenario);
    await using site = await serving(scenario);
    for (const width of [320, 600, 870, 1150, 1920]) await check(browser, site.url, name, { width, theme: "light" });
  }
});

browserTest("page in a browser: the keyboard reaches every link, and the focus is seen", async () => {
  await using browser = await openBrowser();
  const scenario = PAGE_SCENARIOS["postgres-down"];
  assert.ok(scenario);
  await using site = await serving(scenario);
  const page = await browser.context.newPage();
  await page.goto(site.url);
  const links = await page.locator("a, summary").count();
  const reached: string[] = [];
  for (let press = 0; press < links; press++) {
    await page.keyboard.press("Tab");
    const focused: { text: string; outline: string } = await page.evaluate(`({
      text: document.activeElement.textContent,
      outline: getComputedStyle(document.activeElement).outlineStyle,
    })`);
    assert.equal(focused.outline, "solid", focused.text);
    reached.push(focused.text);
  }
  assert.equal(reached[0], "Skip to the status");
  for (const text of ["Backups", "metrics", "status as JSON", "Pause", "What wal-g wrote to stderr"]) {
    assert.ok(reached.includes(text), `${text} in ${reached}`);
  }
});

browserTest("page in a browser: where colours are forced, every key of the legend keeps its own", async () => {
  await using browser = await openBrowser();
  const scenario = PAGE_SCENARIOS["archiving-stuck-long"];
  assert.ok(scenario);
  await using site = await serving(scenario);
  const page = await browser.context.newPage();
  await page.emulateMedia({ forcedColors: "active" });
  await page.goto(site.url);
  const keys: readonly string[] = await page.evaluate(`[...document.querySelectorAll(".key:not(.count)")].map((key) => {
    const { backgroundColor, backgroundImage, borderTopColor, borderTopWidth, borderLeftColor, borderLeftWidth, width } = getComputedStyle(key);
    return [width, backgroundColor, backgroundImage, borderTopWidth === "0px" ? "" : borderTopColor, borderLeftWidth === "0px" ? "" : borderLeftColor].join(" ");
  })`);
  assert.ok(keys.length >= 7);
  assert.equal(new Set(keys).size, keys.length, "no two keys look alike");
  const states: readonly string[] = await page.evaluate(
    `[...document.querySelectorAll(".state.good")].map((state) => getComputedStyle(state, "::before").backgroundColor)`,
  );
  assert.ok(states.length > 0 && states.every((color) => color !== "rgba(0, 0, 0, 0)"));
});

browserTest("page in a browser: on a wide screen every backup's name is on one line", async () => {
  await using browser = await openBrowser();
  for (const name of ["archive-part-lost", "archive-failover", "listed-30", "failover-storage"]) {
    const scenario = PAGE_SCENARIOS[name];
    assert.ok(scenario);
    await using site = await serving(scenario);
    const page = await browser.context.newPage();
    await page.setViewportSize({ width: 1360, height: 900 });
    await page.goto(site.url);
    const broken: readonly string[] = await page.evaluate(`[...document.querySelectorAll("#backups tbody th > code")]
      .filter((name) => new Set([...name.getClientRects()].map(({ top }) => top)).size > 1).map((name) => name.textContent)`);
    assert.deepEqual(broken, [], name);
    await page.close();
  }
});

browserTest("page in a browser: 400 backups on a phone are no endless page", async () => {
  await using browser = await openBrowser();
  const scenario = PAGE_SCENARIOS["listed-400"];
  assert.ok(scenario);
  await using site = await serving(scenario);
  const page = await browser.context.newPage();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(site.url);
  const height: number = await page.evaluate("document.documentElement.scrollHeight");
  assert.ok(height < 16_000, `${height} px`);
  await page.getByText("show all 400").click();
  await page.waitForURL(/backups=all/, { waitUntil: "load" });
  assert.equal(await page.locator("#backups tbody tr").count(), 400);
  await page.close();
});
