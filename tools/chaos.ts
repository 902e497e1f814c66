/**
 * `deno task chaos [--seed N] [--seconds N] [--source | --executable PATH] [--replay FILE]`: the exporter under a seeded
 * random sequence of faults; what must hold is checked at every step. Exit status 1 when something did not.
 */
import { parseArgs } from "node:util";
import { type Outcome, runSteps } from "../tests/chaos/run_steps.ts";
import { shrink } from "../tests/chaos/shrink.ts";
import { describe, drawSteps, type Step } from "../tests/chaos/step.ts";
import { exists, ROOT } from "../tests/support/paths.ts";
import { complain, say } from "./say.ts";
import { seededRandom } from "./scenario/random.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    seed: { type: "string" },
    seconds: { type: "string", default: "120" },
    source: { type: "boolean", default: false },
    executable: { type: "string" },
    replay: { type: "string" },
    "shrink-seconds": { type: "string", default: "180" },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const seconds = Number(values.seconds);
if (!Number.isSafeInteger(seed) || !(seconds > 0)) {
  complain(`chaos: --seed takes a whole number and --seconds a number above 0`);
  Deno.exit(2);
}

const executable = chooseExecutable();
if (executable !== undefined) Deno.env.set("WALG_EXPORTER", executable);
say(`exporter: ${executable ?? "from its sources"}`);
if (values.replay === undefined) say(`seed: ${seed}`);

const steps = values.replay === undefined
  // Far more than the time allows: a step lasts about half a second.
  ? drawSteps(seededRandom(seed), Math.ceil(seconds * 10))
  : JSON.parse(Deno.readTextFileSync(values.replay)) as Step[];
const outcome = await runSteps(steps, seconds * 1000);
report(outcome);
if (outcome.violation === undefined) Deno.exit(0);
if (values.replay === undefined) await reportShortest(outcome, outcome.violation);
Deno.exit(1);

function chooseExecutable(): string | undefined {
  if (values.source) return undefined;
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "amd64";
  const path = values.executable ?? `${ROOT}/dist/walg-exporter-linux-${arch}`;
  if (exists(path)) return path;
  if (values.executable === undefined) return undefined;
  complain(`chaos: there is no executable '${path}'; compile it with: deno task compile`);
  Deno.exit(2);
}

function report({ violation, commands, scrapes, steps: taken, slowest, p99, figures, log }: Outcome): void {
  say(
    `${taken} steps, ${commands} command runs, ${scrapes} scrapes (p99 ${p99.toFixed(1)} ms, slowest ` +
      `${slowest.toFixed(1)} ms), at the end ${figures.descriptors} descriptors and ` +
      `${(figures.anonymous / 2 ** 20).toFixed(1)} MiB private`,
  );
  if (violation === undefined) return say("all invariants held");
  complain(`VIOLATED at step ${violation.step}: ${violation.message}\nThe end of the exporter's log:\n${log}`);
}

async function reportShortest(first: Outcome, violation: NonNullable<Outcome["violation"]>): Promise<void> {
  const end = performance.now() + Number(values["shrink-seconds"]) * 1000;
  const failing = steps.slice(0, first.steps + 1);
  complain(`looking for a shorter sequence than these ${failing.length} steps …`);
  const fails = async (shorter: readonly Step[]): Promise<boolean> =>
    (await runSteps(shorter)).violation?.invariant === violation.invariant;
  const shortest = await shrink(failing, fails, () => performance.now() > end);
  const file = `${Deno.makeTempDirSync({ prefix: "walg-chaos-" })}/seed-${seed}.json`;
  Deno.writeTextFileSync(file, JSON.stringify(shortest, null, 1));
  complain(`${shortest.length} steps:\n${shortest.map((step) => `  ${describe(step)}`).join("\n")}`);
  complain(`again with: deno task chaos --replay ${file}${values.source ? " --source" : ""}`);
}
