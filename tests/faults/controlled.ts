import { controlStandin, type StandinOperation } from "../standin.ts";
import { type RunningExporter, startExporter } from "../support/exporter.ts";
import { type ParsedFamily, parseExposition } from "../support/exposition_parser.ts";

/** A run of the stand-in, from its log of runs. */
export interface LoggedRun {
  readonly operation: string;
  readonly pid: number;
  /** Unix seconds. */
  readonly start: number;
  /** Unix seconds; absent when it did not end by exiting. */
  readonly end?: number;
}

/** An exporter whose wal-g does as it is told. */
export interface Controlled extends RunningExporter {
  /** Sets the knobs of one operation from its next run on; none takes all back. */
  knobs(operation: StandinOperation | "all", knobs?: Readonly<Record<string, string | number>>): Promise<void>;
  /** The runs so far; those of one operation where it is named. */
  runs(operation?: StandinOperation): LoggedRun[];
  /** The pids of grandchildren so far. */
  grandchildren(): number[];
  families(): Promise<Map<string, ParsedFamily>>;
  /** The value of a series whose labels include these; undefined when there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): Promise<number | undefined>;
}

/** Options of {@link startControlled}. */
export interface ControlledOptions {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Knobs from the first run on. */
  readonly knobs?: Readonly<Partial<Record<StandinOperation | "all", Readonly<Record<string, string | number>>>>>;
}

/** All operations every 100 ms, none shifted. */
export const FAST: readonly string[] = [
  "-backup-list.scrape-interval=100ms",
  "-wal-verify.scrape-interval=100ms",
  "-storage-check.scrape-interval=100ms",
  "-scrape.jitter=0s",
];

/** Starts an exporter with a control folder and a log of runs; both go when it is disposed of. */
export async function startControlled({ flags = FAST, env = {}, knobs = {} }: ControlledOptions = {}): Promise<
  Controlled
> {
  const folder = await Deno.makeTempDir({ prefix: "walg-faults-" });
  const log = `${folder}/runs`;
  for (const [operation, values] of Object.entries(knobs)) {
    await controlStandin(folder, operation as StandinOperation, values);
  }
  const exporter = await startExporter({
    flags,
    env: { WALG_STANDIN_CONTROL: folder, WALG_STANDIN_RUNS_LOG: log, ...env },
  });
  const families = async (): Promise<Map<string, ParsedFamily>> => parseExposition(await exporter.metrics());
  return Object.assign(exporter, {
    knobs: (operation: StandinOperation | "all", values: Readonly<Record<string, string | number>> = {}) =>
      controlStandin(folder, operation, values),
    runs: (operation?: StandinOperation) =>
      readRuns(log).filter((run) => operation === undefined || run.operation === operation),
    grandchildren: () => grandchildrenIn(log),
    families,
    async value(name: string, labels: Readonly<Record<string, string>> = {}) {
      const wanted = Object.entries(labels);
      return (await families()).get(name)?.series
        .find((series) => wanted.every(([label, value]) => series.labels[label] === value))?.value;
    },
    async [Symbol.asyncDispose]() {
      await exporter.stop();
      await Deno.remove(folder, { recursive: true });
    },
  });
}

/** The pids of grandchildren in a log of runs. */
export function grandchildrenIn(path: string): number[] {
  return lines(path).flatMap((line) => Number(/^GRANDCHILD \S+ (\d+) /.exec(line)?.[1] ?? []) || []);
}

/** Reads a log of runs. */
export function readRuns(path: string): LoggedRun[] {
  const ends = new Map<string, number>();
  const starts: LoggedRun[] = [];
  for (const line of lines(path)) {
    const [, ended, operation = "", pid = "", time = ""] = /^(END )?([\w-]+) (\d+) (\d+\.\d+)(?: |$)/.exec(line) ?? [];
    if (operation === "" || operation === "GRANDCHILD") continue;
    if (ended !== undefined) ends.set(`${operation} ${pid}`, Number(time));
    else starts.push({ operation, pid: Number(pid), start: Number(time) });
  }
  return starts.map((run) => {
    const end = ends.get(`${run.operation} ${run.pid}`);
    return end === undefined || end < run.start ? run : { ...run, end };
  });
}

function lines(path: string): string[] {
  try {
    return Deno.readTextFileSync(path).split("\n").slice(0, -1);
  } catch {
    return [];
  }
}
