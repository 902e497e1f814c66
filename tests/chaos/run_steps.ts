import { connect, type RawConnection, requestText } from "../faults/raw_http.ts";
import { pause } from "../support/exporter.ts";
import type { ParsedSeries } from "../support/exposition_parser.ts";
import { type Scrape, scrape, scrapeOn } from "./honest_scraper.ts";
import { createProcessChecks, type ProcessChecks, watchProcesses } from "./process_checks.ts";
import { createScrapeCheck, type ScrapeCheck } from "./scrape_checks.ts";
import { OPERATIONS, type Step } from "./step.ts";
import { type Invariant, Violation } from "./violation.ts";
import { createWorld, type World } from "./world.ts";

/** What a sequence came to. */
export interface Outcome {
  /** Absent when all held. */
  readonly violation?: { readonly invariant: Invariant; readonly message: string; readonly step: number };
  readonly commands: number;
  readonly scrapes: number;
  readonly steps: number;
  /** The slowest answer and that of 99 in 100, milliseconds. */
  readonly slowest: number;
  readonly p99: number;
  /** Of the last process: open descriptors, private bytes. */
  readonly figures: { readonly descriptors: number; readonly anonymous: number };
  /** The end of the exporter's log. */
  readonly log: string;
}

/** How many honest scrapers ask at the same time. */
const SCRAPERS = 3;

/** Takes the steps one after the other; stops at the first violation, or when the time is up (milliseconds). */
export async function runSteps(steps: readonly Step[], limit = Infinity): Promise<Outcome> {
  const world = await createWorld();
  const end = new AbortController();
  const times: number[] = [];
  let violation: Outcome["violation"];
  let at = 0;
  let checks = createProcessChecks();
  let checkScrapes: readonly ScrapeCheck[] = [];
  const renew = (): void => {
    checks = createProcessChecks();
    checkScrapes = Array.from({ length: SCRAPERS }, () => createScrapeCheck(world.lists));
  };
  const onViolation = (error: unknown): void => {
    if (!(error instanceof Violation)) throw error;
    violation ??= { invariant: error.invariant, message: error.message, step: at };
    end.abort();
  };
  let background: Promise<unknown> = Promise.resolve();
  try {
    await world.printList(3);
    for (const operation of OPERATIONS) await world.setKnobs(operation, {});
    await startWorld(world, renew);
    background = Promise.all([
      watchProcesses({ world, checks: () => checks, onViolation, signal: end.signal }),
      ...Array.from({ length: SCRAPERS }, (_, n) =>
        scrapeOn({
          target: () => world.process,
          onScrape(scraped, before) {
            times.push(scraped.ms);
            checkScrapes[n]?.(scraped, before);
          },
          onViolation,
          signal: end.signal,
        })),
    ]);
    const start = performance.now();
    for (const step of steps) {
      if (end.signal.aborted) break;
      if (performance.now() - start > limit) break;
      const since = Date.now() / 1000;
      await takeStep(step, { world, renew, checks: () => checks });
      await pause(step.ms);
      if (!end.signal.aborted) checks.afterStep(world, since - 2);
      at++;
    }
    if (violation === undefined) {
      await heal(world);
      await world.stop();
    }
  } catch (error) {
    onViolation(error);
  } finally {
    end.abort();
    await background;
  }
  const log = world.log().split("\n").slice(-12).map((line) => line.slice(0, 400)).join("\n");
  world.runs.poll();
  await world.remove();
  times.sort((a, b) => a - b);
  return {
    ...(violation && { violation }),
    commands: world.runs.count(),
    scrapes: times.length,
    steps: at,
    slowest: times.at(-1) ?? NaN,
    p99: times[Math.floor(times.length * 0.99)] ?? NaN,
    figures: checks.figures,
    log,
  };
}

interface StepContext {
  readonly world: World;
  /** Begins the checks anew, for another process. */
  readonly renew: () => void;
  readonly checks: () => ProcessChecks;
}

async function takeStep(step: Step, { world, renew, checks }: StepContext): Promise<void> {
  const url = world.process?.url ?? "";
  switch (step.do) {
    case "knobs":
      return await world.setKnobs(step.operation, step.knobs);
    case "list":
      return await world.printList(step.backups);
    case "heal":
      return await heal(world);
    case "hangup":
      for (let n = 0; n < step.times; n++) world.hangUp();
      return;
    case "slow": {
      const text =
        { nothing: "", half: "GET /metrics HTTP/1.1\r\nx-half: ", request: requestText("/metrics") }[step.sends];
      return await withMany(url, step.connections, async (connection) => {
        await connection.send(text);
        await pause(step.ms);
      });
    }
    case "abort":
      return await withMany(url, step.connections, (connection) => connection.send(requestText("/metrics").repeat(3)));
    case "pipeline":
      return await withMany(url, 1, async (connection) => {
        const requests = ["/metrics", "/-/healthy", "/nothing", "/../etc/passwd"].map((path) => requestText(path));
        await connection.send(Array.from({ length: step.requests }, (_, n) => requests[n % 4]).join(""));
        await connection.read(50);
      });
    case "restart":
      await world.stop();
      checks().now(world);
      return await startWorld(world, renew);
  }
}

async function startWorld(world: World, renew: () => void): Promise<void> {
  renew();
  await world.start();
}

async function withMany(url: string, count: number, use: (connection: RawConnection) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, async () => {
    const connection = await connect(url);
    try {
      await use(connection);
    } finally {
      connection.close();
    }
  }));
}

/** How long it may take until all is well, milliseconds: the timeout, KILL, pipes, a grandchild and a backed-off wait. */
const RECOVERY = 8000;

/** Ends all faults, and waits until all operations succeed and the newest list is shown. */
async function heal(world: World): Promise<void> {
  for (const operation of OPERATIONS) await world.setKnobs(operation, {});
  const healed = Date.now() / 1000;
  const process = world.process;
  if (process === undefined) return;
  const end = performance.now() + RECOVERY;
  let seen = "";
  for (let turn = 0; performance.now() < end; turn++) {
    const now = await scrape(process.url, turn);
    if (isWell(now, world, healed)) {
      world.allWell();
      return await countsNothing(process.url, now);
    }
    seen = JSON.stringify(now.families.get("walg_scrape_success")?.series);
    await pause(20);
  }
  throw new Violation(
    "all is well once healed",
    `not within ${RECOVERY} ms: ${seen}, newest list ${world.lists.newest}`,
  );
}

/** Whether the last run of each operation succeeded and began after a moment, Unix seconds. */
function isWell({ families }: Scrape, world: World, since: number): boolean {
  const seriesOf = (name: string): readonly ParsedSeries[] => families.get(name)?.series ?? [];
  const durations = new Map(
    seriesOf("walg_scrape_duration_seconds").map(({ labels, value }) => [labels["operation"], value]),
  );
  const successes = seriesOf("walg_scrape_success");
  const began = seriesOf("walg_scrape_last_success_timestamp_seconds")
    .map(({ labels, value }) => value - (durations.get(labels["operation"]) ?? 0));
  return successes.length === 3 && successes.every(({ value }) => value === 1) &&
    began.length === 3 && began.every((start) => start > since) &&
    families.get("walg_storage_up")?.series[0]?.value === 1 && world.lists.shown(families) === world.lists.newest;
}

/** While all is well, no error is counted; a timeout may be that of a machine which is busy with other things. */
async function countsNothing(url: string, well: Scrape): Promise<void> {
  const before = errorsOf(well);
  await pause(200);
  const after = errorsOf(await scrape(url, 0));
  if (after !== before) {
    throw new Violation("errors are counted once", `${before} errors, then ${after}, though all was well`);
  }
}

function errorsOf({ counters }: Scrape): number {
  return [...counters].filter(([series]) => series.startsWith("walg_errors_total") && !series.includes('"timeout"'))
    .reduce((sum, [, value]) => sum + value, 0);
}
