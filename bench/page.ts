/** `deno run -A bench/page.ts [BACKUPS] [RANGES]`: how long the status page and its JSON hold the event loop. */
import { atOnce } from "../src/base/clock.ts";
import { recoveryOf } from "../src/cluster/parts.ts";
import { readConfig } from "../src/commands/config.ts";
import { backupList } from "../src/operations/backup_list.ts";
import type { State } from "../src/operations/state.ts";
import { walVerify } from "../src/operations/wal_verify.ts";
import { statusJson } from "../src/status/json.ts";
import { statusOf, viewOf } from "../src/status/view.ts";
import { decodeBackupList } from "../src/walg/backup_list.ts";
import { decodeWalVerify } from "../src/walg/wal_verify.ts";
import { renderPage } from "../src/web/page/document.ts";
import { changed, emptyState } from "../tests/support/state.ts";
import { generateScenario } from "../tools/generate_scenario.ts";

const [backups = 10_000, ranges = 1000] = Deno.args.map(Number);
const ROUNDS = 20;
const build = { version: "0", revision: "bench", denoVersion: Deno.version.deno, target: Deno.build.target };
const config = readConfig(new Map());
const scenario = generateScenario({ backups, ranges, seed: 1 });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Answers that have not been seen before, as after a run of wal-g. */
async function answers(): Promise<{ state: State; now: number }> {
  const list = await decodeBackupList(bytes(scenario.backupList), atOnce);
  const wal = await decodeWalVerify(bytes(scenario.walVerify), atOnce);
  const now = 1_795_410_000_000;
  const snapshot = <T>(value: T) => ({
    value: { ...value, digest: "", positions: [] },
    startTime: now - 60_000,
    time: now - 60_000,
    monotonic: 0,
  });
  const listed = changed(
    emptyState(),
    backupList,
    (outcome) => ({ ...outcome, snapshot: snapshot({ backups: list }) }),
  );
  return { state: changed(listed, walVerify, (outcome) => ({ ...outcome, snapshot: snapshot(wal) })), now };
}

function milliseconds<T>(work: () => T): { readonly took: number; readonly value: T } {
  const start = performance.now();
  const value = work();
  return { took: performance.now() - start, value };
}

function print(line: string): void {
  Deno.stdout.writeSync(bytes(`${line}\n`));
}

function report(what: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(2).padStart(7);
  print(`${what.padEnd(44)} median ${at(0.5)} ms   95 % ${at(0.95)} ms   worst ${at(1)} ms`);
}

const PLAIN = { refreshes: true, allBackups: false };
const [first, again, pieces]: [number[], number[], number[]] = [[], [], []];
let size = 0;
for (let round = 0; round < ROUNDS; round++) {
  const { state, now } = await answers();
  const recovery = recoveryOf(state);
  const options = { config, build, hostname: "db1", telemetryPath: "/metrics", sandbox: "run wal-g", now };
  let view = viewOf(state, recovery);
  first.push(
    milliseconds(() => {
      view = viewOf(state, recovery);
      return renderPage(statusOf(view, options), PLAIN);
    }).took,
  );
  for (let repeat = 0; repeat < 5; repeat++) {
    const { took, value } = milliseconds(() => renderPage(statusOf(view, { ...options, now: now + repeat }), PLAIN));
    again.push(took);
    size = value.length;
  }
  const json = statusJson(statusOf(view, options));
  for (let step = milliseconds(() => json.next());; step = milliseconds(() => json.next())) {
    pieces.push(step.took);
    if (step.value.done) break;
  }
}
print(`${backups} backups, ${ranges} ranges; the page has ${size} bytes`);
report("page, first after new answers", first);
report("page, further", again);
report("one piece of the JSON", pieces);
