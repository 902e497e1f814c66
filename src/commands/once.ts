import { textOf } from "../base/bytes.ts";
import { createPace } from "../base/clock.ts";
import { oneLine } from "../base/text.ts";
import { createExposition } from "../metrics/exposition.ts";
import { createPartRenderer } from "../cluster/parts.ts";
import { readConfig } from "./config.ts";
import { LABEL_FLAG, readLabels, withLabels } from "./labels.ts";
import { overriddenVariables } from "../walg/version.ts";
import { type Command, type Invocation, USAGE_ERROR } from "./command.ts";
import { createProgress } from "./progress.ts";
import { failuresOf, runRound } from "./round.ts";
import { listenForInterrupt } from "./signals.ts";
import { LIMIT_FLAGS } from "../operations/limits.ts";
import { INTERVAL_FLAGS, SERIES_FLAGS, TIMEOUT_FLAGS, WALG_FLAGS } from "../operations/config.ts";

/** Runs every operation once and prints the metrics. */
export const ONCE: Command = {
  name: "once",
  summary: "Run every operation once and print the metrics.",
  description:
    "Runs every operation once, all at the same time, and writes the metrics to stdout, for node_exporter's " +
    "textfile collector: without the process_* series, which would clash with its own. An operation that fails is reported " +
    "on stderr and by its own series; the series of the others are there.",
  flags: [...WALG_FLAGS, ...INTERVAL_FLAGS, ...TIMEOUT_FLAGS, ...SERIES_FLAGS, ...LIMIT_FLAGS, LABEL_FLAG],
  exitStatuses: [
    { status: "0", means: "every operation succeeded" },
    { status: "1", means: "an operation failed; the metrics are complete all the same" },
    USAGE_ERROR,
    { status: "3", means: "the metrics could not be written to stdout completely" },
    { status: "130, 143", means: "ended by SIGINT or SIGTERM; nothing was written" },
  ],
  examples: [
    { line: "walg-exporter once", does: "what a scrape would show" },
    {
      line: "walg-exporter once > walg.prom.tmp; [ $? -le 1 ] && mv walg.prom.tmp walg.prom",
      does: "for the textfile collector: it never sees half a file, and failures show as series",
    },
    {
      line: "walg-exporter once -walg.config-path=/etc/wal-g/main.json -label=cluster=main",
      does: "one of several clusters whose files one node_exporter reads: they would collide",
    },
  ],
  errorStatus: 3,
  run: runOnceCommand,
};

/** Runs every operation once and writes the exposition to stdout; resolves to the exit status. */
async function runOnceCommand({ given, host }: Invocation): Promise<number> {
  const config = readConfig(given);
  const labels = readLabels(given.get(LABEL_FLAG.name) ?? []);
  for (const warning of overriddenVariables(host.env)) host.stderr(`walg-exporter: ${warning}\n`);
  using interrupt = listenForInterrupt();
  using progress = createProgress(host);
  const state = await runRound({ config, host, progress, signal: interrupt.signal, endsEarly: false });
  progress.close();
  if (interrupt.received !== undefined) {
    host.stderr(`walg-exporter: ended by ${interrupt.received}; nothing was written to stdout\n`);
    return interrupt.exitStatus;
  }
  const exposition = createExposition({ clock: host.clock, moreSeries: () => [] });
  const render = createPartRenderer({ config, build: host.build, pace: () => createPace(host.clock) });
  exposition.show((await render(state)).parts);
  host.stdout(withLabels(textOf(exposition.body("text", false)), labels));
  const { foreignWalg } = state;
  if (foreignWalg !== undefined) {
    host.stderr(`walg-exporter: ${foreignWalg}\n`);
    return 1;
  }
  const failures = failuresOf(state);
  for (const { operation, failure } of failures) {
    host.stderr(`walg-exporter: ${operation} failed (${failure.type}): ${oneLine(failure.message)}\n`);
  }
  return failures.length === 0 ? 0 : 1;
}
