import { textOf } from "../base/bytes.ts";
import { createPace, type Pace } from "../base/clock.ts";
import type { Host } from "../base/host.ts";
import { oneLine } from "../base/text.ts";
import { createExposition, type Part } from "../metrics/exposition.ts";
import { createMerger } from "../metrics/merged.ts";
import { buildPart, createPartRenderer, createTextRenderer } from "../cluster/parts.ts";
import { SOURCE_FLAGS } from "../cluster/sources.ts";
import { readConfig } from "./config.ts";
import { overriddenVariables } from "../walg/version.ts";
import { type Command, type Invocation, USAGE_ERROR } from "./command.ts";
import { createProgress } from "./progress.ts";
import { type ClusterRound, failuresOf, noClusters, type Rounds, runRound, runRounds } from "./round.ts";
import { listenForInterrupt } from "./signals.ts";
import { LIMIT_FLAGS } from "../operations/limits.ts";
import { INTERVAL_FLAGS, SERIES_FLAGS, TIMEOUT_FLAGS, WALG_FLAGS } from "../operations/config.ts";
import { type Flag, UsageError } from "../base/flag.ts";

/** The flag that gives every series labels of the operator's. */
const LABEL_FLAG: Flag = {
  name: "label",
  kind: "texts",
  placeholder: "NAME=VALUE",
  help: "A label for every series, such as cluster=main; may be given several times.",
};

/** Runs every operation once and prints the metrics. */
export const ONCE: Command = {
  name: "once",
  summary: "Run every operation once and print the metrics.",
  description:
    "Runs every operation once, all at the same time, and writes the metrics to stdout, for node_exporter's " +
    "textfile collector: without the process_* series, which would clash with its own. An operation that fails is reported " +
    "on stderr and by its own series; the series of the others are there.",
  flags: [
    ...WALG_FLAGS,
    ...SOURCE_FLAGS,
    ...INTERVAL_FLAGS,
    ...TIMEOUT_FLAGS,
    ...SERIES_FLAGS,
    ...LIMIT_FLAGS,
    LABEL_FLAG,
  ],
  exitStatuses: [
    { status: "0", means: "every operation succeeded" },
    { status: "1", means: "an operation failed; the metrics are complete all the same" },
    USAGE_ERROR,
    { status: "3", means: "there is no cluster, or the metrics could not be written to stdout completely" },
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
  const labels = readLabels(given.get(LABEL_FLAG.name) ?? [], config.sources !== undefined);
  for (const warning of overriddenVariables(host.env)) host.stderr(`walg-exporter: ${warning}\n`);
  using interrupt = listenForInterrupt();
  using progress = createProgress(host);
  const options = { config, host, progress, signal: interrupt.signal, endsEarly: false };
  const { sources } = config;
  const { rounds, refused }: Rounds = sources === undefined
    ? { rounds: [{ name: "", config, state: await runRound(options) }], refused: [] }
    : await runRounds({ ...options, sources });
  progress.close();
  if (interrupt.received !== undefined) {
    host.stderr(`walg-exporter: ended by ${interrupt.received}; nothing was written to stdout\n`);
    return interrupt.exitStatus;
  }
  if (sources !== undefined && rounds.length === 0 && refused.length === 0) throw noClusters(sources);
  const exposition = createExposition({ clock: host.clock, moreSeries: () => [] });
  const [only] = sources === undefined ? rounds : [];
  exposition.show(only === undefined ? await mergedPartsOf(rounds, host) : await partsOf(only, host));
  host.stdout(withLabels(textOf(exposition.body("text", false)), labels));
  const complaints = [
    ...refused.map(({ file, why }) => `${oneLine(file)} ${oneLine(why)}`),
    ...new Set(rounds.flatMap(({ state }) => state.foreignWalg ?? [])),
    ...rounds.flatMap(({ name, state }) =>
      failuresOf(state).map(({ operation, failure }) =>
        `${name === "" ? "" : `${name}: `}${operation} failed (${failure.type}): ${oneLine(failure.message)}`
      )
    ),
  ];
  for (const complaint of complaints) host.stderr(`walg-exporter: ${complaint}\n`);
  return complaints.length === 0 ? 0 : 1;
}

/** The parts of the exposition of one cluster without a name. */
async function partsOf({ config, state }: ClusterRound, { build, clock }: Host): Promise<readonly Part[]> {
  const render = createPartRenderer({ config, build, pace: () => createPace(clock) });
  return (await render(state)).parts;
}

/** The parts of the exposition of several clusters. */
async function mergedPartsOf(rounds: readonly ClusterRound[], { build, clock }: Host): Promise<readonly Part[]> {
  const pace = (): Pace => createPace(clock);
  let parts: readonly Part[] = [];
  const merger = createMerger({
    clock,
    pace,
    more: [await buildPart(build, pace())],
    onParts: (merged) => parts = merged,
    onFault: (fault) => {
      throw fault;
    },
  });
  for (const { name, config, state } of rounds) {
    merger.set(name, (await createTextRenderer(name, { config, pace, now: clock.now })(state)).parts);
  }
  await merger.settled();
  return parts;
}

/** The labels that series have: another one of that name would be there twice. */
export const TAKEN_LABELS: readonly string[] = [
  "backup_name",
  "backup_type",
  "code",
  "content",
  "data_dir",
  "delta_origin",
  "deno_version",
  "error_type",
  "finish_lsn",
  "hostname",
  "instance_name",
  "is_permanent",
  "operation",
  "pg_version",
  "revision",
  "start_lsn",
  "status",
  "storage_name",
  "system_identifier",
  "timeline_hex",
  "timeline_id",
  "version",
  "wal_file",
];

/**
 * Reads labels as NAME=VALUE, by Prometheus' rules for names.
 *
 * @param named whether the clusters have names, which are in a label of their own
 * @throws UsageError that says what is wrong with one and what to write
 */
function readLabels(texts: readonly string[], named: boolean): ReadonlyMap<string, string> {
  const taken = named ? [...TAKEN_LABELS, "cluster"] : TAKEN_LABELS;
  const labels = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf("=");
    const refuse = (why: string): UsageError => new UsageError(`-label: '${text}'${why}`);
    if (at < 0) throw refuse(" has no =; write NAME=VALUE, such as cluster=main");
    const [name, value] = [text.slice(0, at), text.slice(at + 1)];
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw refuse(`: '${name}' is not a label name; it has letters, digits and _, and does not begin with a digit`);
    }
    if (name.startsWith("__")) {
      throw refuse(": names that begin with __ are reserved by Prometheus; choose another");
    }
    if (taken.includes(name)) throw refuse(`: series have a label '${name}' already; choose another name`);
    if (value === "") throw refuse(" has an empty value, which Prometheus takes for no label; give it one");
    if (labels.has(name)) throw new UsageError(`-label: '${name}' is given twice; give each name once`);
    labels.set(name, value);
  }
  return labels;
}

/** A text exposition with more labels in each series; HELP and TYPE stay as they are. */
function withLabels(exposition: string, labels: ReadonlyMap<string, string>): string {
  if (labels.size === 0) return exposition;
  const more = [...labels].map(([name, value]) => `${name}="${escaped(value)}"`).join(",");
  return exposition.replace(/^([a-z_]+)(\{?)/gm, (_, name, brace) => `${name}{${more}${brace === "" ? "}" : ","}`);
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
