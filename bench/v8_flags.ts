/**
 * `deno run -A bench/v8_flags.ts [FLAGS ...]`: what V8's flags are worth, each set of them (comma between two) in an
 * executable of its own, as a Markdown table. Without arguments the sets that were weighed up. It needs `ab` and `curl`.
 */
import { bundle } from "../tools/compile/bundle.ts";
import { compileExecutable } from "../tools/compile/executable.ts";
import { ownArchitecture } from "../tools/compile/target.ts";
import { V8_FLAGS } from "../tools/compile/v8_flags.ts";
import { say } from "../tools/say.ts";
import { SCOPES } from "../src/base/host.ts";
import { scrapeLoad } from "./apache_bench.ts";
import { startMeasured } from "./exporter.ts";
import { settledMemory } from "./idle_memory.ts";
import { table } from "./markdown.ts";
import { measureRefreshLatency } from "./refresh_cost.ts";
import { cpuSeconds } from "./served.ts";
import { median } from "./statistics.ts";

const without = (...starts: string[]): string =>
  V8_FLAGS.filter((flag) => !starts.some((start) => flag.startsWith(`--${start}`))).join();
const [baked, unbounded, wide] = [V8_FLAGS.join(), without("max-old-space"), without("max-semi-space")];
const WEIGHED = [
  "",
  baked,
  wide,
  ...[1, 4].map((mib) => `--max-semi-space-size=${mib},${wide}`),
  unbounded,
  ...[160, 192].map((mib) => `--max-old-space-size=${mib},${unbounded}`),
  without("invocation-count"),
  ...["optimize-for-size", "lite-mode", "single-threaded-gc", "no-opt"].map((flag) => `${baked},--${flag}`),
];
const ROUNDS = 2;

/** What one executable costs: bytes, seconds. */
interface Worth {
  readonly idleAnonymous: number;
  readonly idleResident: number;
  readonly cpuPerSmallScrape: number;
  readonly cpuUntilShown: number;
  readonly cpuPerScrape: number;
  readonly loadedAnonymous: number;
  readonly peak: number;
}

const COLUMNS: readonly (readonly [keyof Worth, string, (figure: number) => string])[] = [
  ["idleAnonymous", "RssAnon idle at 12, MB", (bytes) => (bytes / 1e6).toFixed(1)],
  ["idleResident", "VmRSS idle at 12, MB", (bytes) => (bytes / 1e6).toFixed(1)],
  ["cpuPerSmallScrape", "CPU per scrape at 12, ms", (seconds) => (seconds * 1000).toFixed(3)],
  ["cpuUntilShown", "CPU until 10,000 are shown, s", (seconds) => seconds.toFixed(2)],
  ["cpuPerScrape", "CPU per scrape at 10,000, ms", (seconds) => (seconds * 1000).toFixed(2)],
  ["loadedAnonymous", "RssAnon at 10,000, scraped and refreshed, MB", (bytes) => (bytes / 1e6).toFixed(0)],
  ["peak", "most resident, MB", (bytes) => (bytes / 1e6).toFixed(0)],
];

const folder = await Deno.makeTempDir({ prefix: "walg-exporter-v8-flags-" });
try {
  const sets = Deno.args.length === 0 ? WEIGHED : Deno.args;
  const executables = await compileAll(sets);
  const worths = new Map<string, Worth[]>(sets.map((set) => [set, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [set, executable] of executables) {
      Deno.env.set("WALG_EXPORTER", executable);
      try {
        worths.get(set)?.push(await measure());
      } catch (error) {
        // What V8 cannot hold ends the process; the table shows no figures then.
        say(`${set}: ${String(error).slice(0, 300)}`);
      }
    }
  }
  say(table(["flags", ...COLUMNS.map(([, head]) => head)], sets.map((set) => row(set, worths.get(set) ?? []))));
} finally {
  await Deno.remove(folder, { recursive: true });
}

async function compileAll(sets: readonly string[]): Promise<Map<string, string>> {
  const script = await bundle("main.ts", `${folder}/bundle`, "bench");
  const executables = new Map<string, string>();
  for (const [index, set] of sets.entries()) {
    const output = `${folder}/walg-exporter-${index}`;
    const v8Flags = set === "" ? [] : set.split(",");
    await compileExecutable({ bundle: script, architecture: ownArchitecture(), scopes: SCOPES, output, v8Flags });
    executables.set(set, output);
  }
  return executables;
}

async function measure(): Promise<Worth> {
  const load = { gzip: true, amount: { seconds: 2 } };
  const few = await (async () => {
    await using exporter = await startMeasured({ backups: 12, folder });
    const { anonymous: idleAnonymous, resident: idleResident } = await settledMemory(exporter);
    const { cpu: cpuPerSmallScrape } = await scrapeLoad(exporter, load);
    return { idleAnonymous, idleResident, cpuPerSmallScrape };
  })();
  const many = await (async () => {
    await using exporter = await startMeasured({ backups: 10_000, folder });
    const cpuUntilShown = cpuSeconds(exporter.pid);
    const { cpu: cpuPerScrape } = await scrapeLoad(exporter, load);
    return { cpuUntilShown, cpuPerScrape };
  })();
  const { memory } = await measureRefreshLatency({ backups: 10_000, folder, seconds: 4 });
  return { ...few, ...many, loadedAnonymous: memory.anonymous, peak: memory.peak };
}

function row(set: string, worths: readonly Worth[]): string[] {
  const figures = COLUMNS.map(([key, , print]) =>
    worths.length === 0 ? "ended" : print(median(worths.map((worth) => worth[key])))
  );
  return [set === "" ? "none" : set.split(",").map((flag) => `\`${flag}\``).join(" "), ...figures];
}
