/**
 * `deno task bench:flood [--assert] [--seconds N]`: what an honest scrape waits while 1,000 wrong passwords a second
 * come in, beside what it waits in quiet, and what a first login takes. It needs a folder under /etc/walg-exporter.
 * WALG_EXPORTER names another executable than dist's. With `--assert` it exits with 1 when a median is 10 ms or more.
 */
import { hashSync } from "bcryptjs";
import { parseArgs } from "node:util";
import { floodWithGuesses } from "../tests/e2e/guesses.ts";
import { withConfigFolder, writeWhole } from "../tests/support/config_folder.ts";
import { pause, type RunningExporter, startExporter } from "../tests/support/exporter.ts";
import { basicAuth } from "../tests/support/secured_exporter.ts";
import { root } from "../tools/compile/bundle.ts";
import { ownArchitecture } from "../tools/compile/target.ts";
import { giveUp, say } from "../tools/say.ts";
import { median, quantile } from "./statistics.ts";

const { values: options } = parseArgs({
  args: Deno.args,
  options: { assert: { type: "boolean" }, seconds: { type: "string", default: "15" } },
});

const SECONDS = Number(options.seconds);
const PER_SECOND = 1000;
/** What the median of honest scrapes must stay below. */
const LIMIT_MS = 10;
const HONEST = "prometheus:a long password";

interface Measured {
  readonly logins: readonly number[];
  readonly quiet: readonly number[];
  readonly flooded: readonly number[];
  readonly guesses: string;
}

try {
  if (Deno.env.get("WALG_EXPORTER") === undefined) {
    Deno.env.set("WALG_EXPORTER", `${root}/dist/walg-exporter-linux-${ownArchitecture()}`);
  }
  say(
    "| cost | first login | scrape in quiet: median, p99, worst | in a flood: median, p99, worst | ratio of medians |",
  );
  say("| --- | --- | --- | --- | --- |");
  for (const cost of [10, 12]) {
    const { logins, quiet, flooded, guesses } = await withConfigFolder((folder) => measure(folder, cost));
    const ratio = (median(flooded) / median(quiet)).toFixed(1);
    say(`| ${cost} | ${median(logins).toFixed(0)} ms | ${figures(quiet)} | ${figures(flooded)} | ${ratio} |`);
    say(`${flooded.length} scrapes among ${guesses}`);
    if (options.assert && !(median(flooded) < LIMIT_MS)) Deno.exitCode = 1;
  }
} catch (error) {
  giveUp("bench:flood", error);
}

async function measure(folder: string, cost: number): Promise<Measured> {
  const hash = hashSync(HONEST.split(":")[1] ?? "", cost);
  const readers = ["prometheus", "a", "b", "c", "d", "e"];
  const users = [...readers, "alice"].map((user) => `  ${user}: ${hash}\n`).join("");
  await writeWhole(`${folder}/web.yml`, `basic_auth_users:\n${users}`);
  await using exporter = await startExporter({ flags: [`-web.config.file=${folder}/web.yml`] });
  await exporter.ready().catch(() => {});
  const logins = [];
  for (const reader of readers) logins.push(await scrape(exporter, HONEST.replace("prometheus", reader)));
  const quiet = await scrapeFor(exporter, pause(SECONDS * 1000));
  const { hostname, port } = new URL(exporter.url);
  const flood = floodWithGuesses({ hostname, port: Number(port), perSecond: PER_SECOND, count: PER_SECOND * SECONDS });
  const flooded = await scrapeFor(exporter, flood);
  const { answers, seconds } = await flood;
  const counts = [...answers].map(([status, count]) => `${count} of ${status}`).toSorted().join(", ");
  // The worker starts with the first login: the later ones are what every user but the first waits.
  return { logins: logins.slice(1), quiet, flooded, guesses: `${counts} in ${seconds.toFixed(1)} s` };
}

async function scrapeFor(exporter: RunningExporter, time: Promise<unknown>): Promise<readonly number[]> {
  let over = false;
  void time.finally(() => over = true);
  const times: number[] = [];
  for (; !over; await pause(50)) times.push(await scrape(exporter, HONEST));
  return times;
}

async function scrape({ get }: RunningExporter, login: string): Promise<number> {
  const start = performance.now();
  const response = await get("/metrics", basicAuth(login));
  await response.text();
  if (response.status !== 200) throw new Error(`a scrape with the right password got ${response.status}`);
  return performance.now() - start;
}

function figures(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  return [median(sorted), quantile(sorted, 0.99), quantile(sorted, 1)].map((time) => time.toFixed(1)).join(", ") +
    " ms";
}
