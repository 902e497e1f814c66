import { OperatorError } from "../base/host.ts";
import { createPace } from "../base/pace.ts";
import { oneLine } from "../base/text.ts";
import { createExposition } from "../metrics/exposition.ts";
import { createPartRenderer } from "../metrics/parts.ts";
import { readConfig } from "../operations/config.ts";
import { overriddenVariables } from "../walg/version.ts";
import { type Invocation, refusePositionals } from "./command.ts";
import { createProgress } from "./progress.ts";
import { failuresOf, runRound } from "./round.ts";
import { listenForInterrupt } from "./signals.ts";
import { writeWhole } from "./stdout.ts";

/** Runs every operation once and writes the exposition to stdout; resolves to the exit status. */
export async function runOnceCommand({ given, positionals, host }: Invocation): Promise<number> {
  refusePositionals(positionals, "once");
  const config = readConfig(given);
  for (const warning of overriddenVariables(host.env)) host.stderr(`walg-exporter: ${warning}\n`);
  const interrupt = listenForInterrupt();
  const progress = createProgress(host);
  try {
    const state = await runRound({ config, host, progress, signal: interrupt.signal });
    progress.close();
    if (interrupt.received !== undefined) {
      host.stderr(`walg-exporter: ended by ${interrupt.received}; nothing was written to stdout\n`);
      return interrupt.exitStatus;
    }
    let fault: unknown;
    const exposition = createExposition({
      render: createPartRenderer({ ...host, ...config, pace: () => createPace(host.clock) }),
      snapshotMaxAge: 0,
      clock: host.clock,
      onFault: (thrown) => fault = thrown,
    });
    exposition.update(state);
    await exposition.shown();
    if (fault !== undefined) throw new OperatorError(`fault of walg-exporter itself: ${String(fault)}`);
    writeWhole(exposition.body("text", false));
    const failures = failuresOf(state);
    for (const { operation, failure } of failures) {
      host.stderr(`walg-exporter: ${operation} failed (${failure.type}): ${oneLine(failure.message)}\n`);
    }
    return failures.length === 0 ? 0 : 1;
  } finally {
    progress.close();
    interrupt.release();
  }
}
