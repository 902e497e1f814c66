/**
 * `deno task soak [--minutes N] [--backups N] [--source]`: the executable with 10,000 backups, ever other ones, at 50 times
 * the normal cadence; its private memory at the end may be at most 1.1 times that after two minutes (a tenth of shorter
 * runs). Exit status 1 when it is more.
 */
import { parseArgs } from "node:util";
import { figuresOf } from "../tests/faults/processes.ts";
import { pause, startExporter } from "../tests/support/exporter.ts";
import { parseExposition } from "../tests/support/exposition_parser.ts";
import { exists, ROOT } from "../tests/support/paths.ts";
import { generateScenario, writeScenario } from "./generate_scenario.ts";
import { complain, say } from "./say.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    minutes: { type: "string", default: "20" },
    backups: { type: "string", default: "10000" },
    source: { type: "boolean", default: false },
  },
});
const minutes = Number(values.minutes);
const backups = Number(values.backups);
/** A fiftieth of each default. */
const FLAGS = [
  "-backup-list.scrape-interval=1200ms",
  "-wal-verify.scrape-interval=6s",
  "-storage-check.scrape-interval=600ms",
];
/** How long after the start the first figure is taken, and how long each is averaged over; seconds. */
const settled = Math.min(120, minutes * 6);
const span = Math.min(30, settled / 2);
const arch = Deno.build.arch === "aarch64" ? "arm64" : "amd64";
const executable = `${ROOT}/dist/walg-exporter-linux-${arch}`;
if (!values.source) {
  if (!exists(executable)) {
    complain(`soak: there is no executable '${executable}'; compile it with: deno task compile`);
    Deno.exit(2);
  }
  Deno.env.set("WALG_EXPORTER", executable);
}
const folder = await Deno.makeTempDir({ prefix: "walg-soak-" });
let failed = false;
try {
  failed = !await soak();
} finally {
  await Deno.remove(folder, { recursive: true });
}
Deno.exit(failed ? 1 : 0);

async function soak(): Promise<boolean> {
  await Deno.mkdir(`${folder}/lists`);
  for (const seed of [1, 2, 3]) {
    const scenario = generateScenario({ backups, seed });
    if (seed === 1) await writeScenario(`${folder}/scenario`, scenario);
    await Deno.writeTextFile(`${folder}/lists/${seed}.json`, scenario.backupList);
  }
  await using exporter = await startExporter({
    scenario: `${folder}/scenario`,
    flags: FLAGS,
    env: { WALG_STANDIN_ROTATE_DIR: `${folder}/lists` },
  });
  await exporter.ready();
  const start = performance.now();
  const elapsed = (): number => (performance.now() - start) / 1000;
  const samples: { readonly at: number; readonly bytes: number }[] = [];
  let scrapes = 0;
  for (let next = 0; elapsed() < minutes * 60; scrapes++) {
    const response = await exporter.get("/metrics", { "accept-encoding": "gzip" });
    const body = await response.bytes();
    if (response.status !== 200) throw new Error(`a scrape was answered ${response.status}`);
    if (scrapes % 100 === 0) parseExposition(new TextDecoder().decode(body));
    samples.push({ at: elapsed(), bytes: figuresOf(exporter.pid).anonymous });
    if (elapsed() >= next) {
      say(`${Math.round(elapsed())} s: ${mib(samples.at(-1)?.bytes ?? NaN)} MiB private, ${scrapes} scrapes`);
      next += 60;
    }
    await pause(300);
  }
  const mean = (from: number, to: number): number => {
    const within = samples.filter(({ at }) => at >= from && at <= to);
    return within.reduce((sum, { bytes }) => sum + bytes, 0) / within.length;
  };
  const before = mean(settled, settled + span);
  const after = mean(elapsed() - span, Infinity);
  const failures = [...parseExposition(await exporter.metrics()).get("walg_errors_total")?.series ?? []]
    .reduce((sum, { value }) => sum + value, 0);
  say(
    `RssAnon after ${settled} s ${mib(before)} MiB, at the end ${mib(after)} MiB: ${
      (after / before).toFixed(3)
    } times; ` +
      `peak ${mib(Math.max(...samples.map(({ bytes }) => bytes)))} MiB, ${scrapes} scrapes, ${failures} failed runs`,
  );
  return after <= before * 1.1;
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
