import assert from "node:assert/strict";
import { hashSync } from "bcryptjs";
import { configTest, writeWhole } from "../support/config_folder.ts";
import { pause, type RunningExporter, startExporter } from "../support/exporter.ts";
import { basicAuth } from "../support/secured_exporter.ts";
import { floodWithGuesses } from "./guesses.ts";

const LOGIN = basicAuth("prometheus:a long password");
const PER_SECOND = 1000;
/** Seconds in which connections, compiled code and caches come to be what they stay. */
const WARM_UP = 10;
const SECONDS = 10;
/** KiB by which memory may differ between the first and the last quarter; half a KiB kept per guess would be as much. */
const GROWTH = 4096;
/** From its sources what full collections leave is measured; the executable, with its own flags, as it is. */
const COLLECTING = "--gc-global,--min-semi-space-size=16,--max-semi-space-size=16";
const V8 = Deno.env.has("WALG_EXPORTER") ? {} : { DENO_V8_FLAGS: COLLECTING };

interface Scrape {
  readonly status: number;
  /** When it was, seconds from the start of the flood. */
  readonly second: number;
  /** RssAnon afterwards, KiB: what the exporter holds beside the pages of its executable. */
  readonly memory: number;
}

configTest(
  "among 20,000 wrong passwords every honest scrape is answered, and the memory does not grow",
  [],
  async (folder) => {
    await writeWhole(`${folder}/web.yml`, usersFile({ prometheus: "a long password", alice: "never guessed" }));
    await using exporter = await startExporter({ flags: [`-web.config.file=${folder}/web.yml`], env: V8 });
    const start = performance.now();
    assert.equal((await scrape(exporter, start)).status, 200);

    const count = PER_SECOND * (WARM_UP + SECONDS);
    const { hostname, port } = new URL(exporter.url);
    let over = false;
    const flood = floodWithGuesses({ hostname, port: Number(port), perSecond: PER_SECOND, count });
    void flood.finally(() => over = true);
    const scrapes: Scrape[] = [];
    for (; !over; await pause(100)) scrapes.push(await scrape(exporter, start));
    const { answers } = await flood;

    assert.deepEqual(new Set(answers.keys()), new Set(["401", "503"]));
    assert.equal([...answers.values()].reduce((total, one) => total + one, 0), count);
    assert.deepEqual(new Set(scrapes.map(({ status }) => status)), new Set([200]));
    const [first, last] = [memoryFrom(WARM_UP, scrapes), memoryFrom(WARM_UP + SECONDS * 3 / 4, scrapes)];
    assert.ok(last - first < GROWTH, `RssAnon went from ${first} to ${last} KiB`);
    assert.doesNotMatch(exporter.log(), /guess \d|long password/);
  },
);

function usersFile(users: Readonly<Record<string, string>>): string {
  const lines = Object.entries(users).map(([user, password]) => `  ${user}: ${hashSync(password, 10)}\n`);
  return `basic_auth_users:\n${lines.join("")}`;
}

async function scrape({ get, pid }: RunningExporter, start: number): Promise<Scrape> {
  const second = (performance.now() - start) / 1000;
  const response = await get("/metrics", LOGIN);
  await response.text();
  const [, memory] = /^RssAnon:\s+(\d+) kB$/m.exec(await Deno.readTextFile(`/proc/${pid}/status`)) ?? [];
  return { status: response.status, second, memory: Number(memory) };
}

/** The median over a quarter of the measured time. */
function memoryFrom(second: number, scrapes: readonly Scrape[]): number {
  const quarter = scrapes.filter((one) => one.second >= second && one.second < second + SECONDS / 4);
  return quarter.map(({ memory }) => memory).toSorted((a, b) => a - b)[Math.floor(quarter.length / 2)] ?? NaN;
}
