import { childrenOf, figuresOf, isRunning, type ProcessFigures } from "../faults/processes.ts";
import { controlStandin } from "../standin.ts";
import { pause, type RunningExporter, startExporter } from "../support/exporter.ts";
import { createLists, type Lists } from "./lists.ts";
import { followRuns, type RunsLog } from "./runs_log.ts";
import { type ChaosOperation, OPERATIONS } from "./step.ts";
import { Violation } from "./violation.ts";

/** One exporter, what its WAL-G prints, and the log of its runs. */
export interface World {
  readonly lists: Lists;
  readonly runs: RunsLog;
  /** The process; undefined while it is being started anew. */
  readonly process: { readonly url: string; readonly pid: number; readonly incarnation: number } | undefined;
  /** The exit status of the process, if it ended without being asked to. */
  readonly endedBy: number | undefined;
  /** When the process was started, Unix seconds. */
  readonly since: number;
  /** Since when an operation is known to be well, Unix seconds; undefined from its next fault on. */
  wellSince(operation: ChaosOperation): number | undefined;
  /** Tells that all operations were seen to be well. */
  allWell(): void;
  setKnobs(operation: ChaosOperation, knobs: Readonly<Record<string, string | number>>): Promise<void>;
  printList(backups: number): Promise<void>;
  figures(): ProcessFigures;
  /** Its zombies. */
  zombies(): number[];
  hangUp(): void;
  log(): string;
  start(): Promise<void>;
  /** TERM, and that all is gone within 5 s. */
  stop(): Promise<void>;
  remove(): Promise<void>;
}

/** Milliseconds between two runs of an operation. */
export const INTERVAL = 80;
/** Milliseconds after which a run is ended. */
const TIMEOUT = 600;

const FLAGS = ["backup-list", "wal-verify", "storage-check"].flatMap((operation) => [
  `-${operation}.scrape-interval=${INTERVAL}ms`,
  `-${operation}.timeout=${TIMEOUT}ms`,
]);

/** An exporter to be; `start` starts it. */
export async function createWorld(): Promise<World> {
  const folder = await Deno.makeTempDir({ prefix: "walg-chaos-" });
  const lists = createLists();
  const runs = followRuns(`${folder}/runs`);
  const faults = new Map<ChaosOperation, Readonly<Record<string, string | number>>>();
  const well = new Map<ChaosOperation, number>();
  let printed: Record<string, string> = {};
  let exporter: RunningExporter | undefined;
  let last: RunningExporter | undefined;
  let incarnation = 0;
  let since = 0;
  let endedBy: number | undefined;
  const write = (operation: ChaosOperation): Promise<void> =>
    controlStandin(folder, operation, {
      ...(operation === "backup-list" && printed),
      ...faults.get(operation),
    });
  return {
    lists,
    runs,
    get process() {
      return exporter && { url: exporter.url, pid: exporter.pid, incarnation };
    },
    get endedBy() {
      return endedBy;
    },
    get since() {
      return since;
    },
    wellSince: (operation) => well.get(operation),
    allWell() {
      for (const operation of OPERATIONS) if (!well.has(operation)) well.set(operation, Date.now() / 1000);
    },
    async setKnobs(operation, knobs) {
      if (Object.keys(knobs).length > 0) well.delete(operation);
      faults.set(operation, knobs);
      await write(operation);
    },
    async printList(backups) {
      const { number, json } = lists.add(backups);
      const file = `${folder}/list-${number}.json`;
      await Deno.writeTextFile(file, json);
      printed = { STDOUT_FILE: file };
      const from = Date.now() / 1000;
      lists.wasSet(number, from, from + 60);
      await write("backup-list");
      lists.wasSet(number, from, Date.now() / 1000);
    },
    figures: () => figuresOf(exporter?.pid ?? 0),
    zombies: () => childrenOf(exporter?.pid ?? 0).filter(({ state }) => state === "Z").map(({ pid }) => pid),
    hangUp: () => exporter?.signal("SIGHUP"),
    log: () => last?.log() ?? "",
    async start() {
      incarnation++;
      since = Date.now() / 1000;
      const started = await startExporter({
        flags: FLAGS,
        env: { WALG_STANDIN_CONTROL: folder, WALG_STANDIN_RUNS_LOG: `${folder}/runs` },
      });
      exporter = started;
      last = started;
      started.status.then(({ code }) => {
        if (exporter === started) endedBy = code;
      });
    },
    async stop() {
      const stopping = exporter;
      if (stopping === undefined) return;
      exporter = undefined;
      await endWithin5Seconds(stopping, runs);
    },
    async remove() {
      const left = exporter;
      exporter = undefined;
      await left?.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function endWithin5Seconds(exporter: RunningExporter, runs: RunsLog): Promise<void> {
  const start = performance.now();
  exporter.signal("SIGTERM");
  const ended = await Promise.race([exporter.status, pause(5000)]);
  if (ended === undefined) {
    await exporter.stop();
    throw new Violation("TERM ends all in 5 s", "the exporter is still there");
  }
  if (ended.code !== 0) throw new Violation("TERM ends all in 5 s", `status ${ended.code}\n${exporter.log()}`);
  runs.poll();
  while (performance.now() - start < 5000) {
    // Grandchildren are out of reach: killing them would need the right to run anything.
    if (runs.alive().every(({ grandchild }) => grandchild)) return;
    await pause(50);
  }
  const left = runs.alive().filter(({ grandchild, pid }) => !grandchild && isRunning(pid));
  throw new Violation("TERM ends all in 5 s", `left: ${left.map(({ operation, pid }) => `${operation} ${pid}`)}`);
}
