import { generateScenario } from "../../tools/generate_scenario.ts";
import type { Random } from "../../tools/scenario/random.ts";
import { controlStandin } from "../standin.ts";
import { type ClusterFolder, clusterFolder } from "../support/clusters.ts";
import type { ParsedFamily } from "../support/exposition_parser.ts";
import { followRuns, type RunsLog } from "./runs_log.ts";
import { Violation } from "./violation.ts";

/** One cluster with a stand-in of its own. */
export interface ChaosCluster {
  readonly name: string;
  readonly runs: RunsLog;
  /** When it was written, Unix seconds. */
  readonly since: number;
}

/** Clusters whose backups have the same names, and sizes by which each value says whose it is. */
export interface ClustersWorld extends AsyncDisposable {
  readonly folder: ClusterFolder;
  readonly clusters: ReadonlyMap<string, ChaosCluster>;
  add(name: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Sets the fault of all operations of a cluster; none for an empty one. */
  setFault(name: string, knobs: Knobs): Promise<void>;
  /** @throws Violation where a series of one shows a value of another, or a cluster has a part of its backups only */
  check(families: ReadonlyMap<string, ParsedFamily>): void;
}

type Knobs = Readonly<Record<string, string | number>>;

/** What hangs, floods or dies, drawn at random. */
export function drawFault(random: Random): Knobs {
  const faults: readonly Knobs[] = [
    { HANG: 1 },
    { HANG: 1, IGNORE_TERM: 1 },
    { ENDLESS: 1 },
    { ENDLESS: "stderr" },
    { KILL_SELF: "SEGV" },
    { KILL_SELF: "KILL" },
    { EXIT: 1 },
    { GARBAGE: 1 },
    { EMPTY: 1 },
    { GRANDCHILD: 2 },
    {},
  ];
  return faults[random.integer(0, faults.length - 1)] ?? {};
}

/** How many backups each has. */
const BACKUPS = 20;

/** A world without clusters. */
export async function createClustersWorld(): Promise<ClustersWorld> {
  const folder = await clusterFolder();
  const clusters = new Map<string, ChaosCluster>();
  // Never used twice: what comes again under the same name has other sizes.
  const numbers = new Map<string, number>();
  let made = 0;
  const entries = JSON.parse(generateScenario({ backups: BACKUPS, seed: 1, ranges: 1 }).backupList) as {
    compressed_size: number;
  }[];
  const control = (name: string): string => `${folder.scratch}/control-${name}`;
  const write = (name: string, knobs: Knobs): Promise<void> =>
    controlStandin(control(name), "all", knobs).then(() =>
      controlStandin(control(name), "backup-list", { STDOUT_FILE: `${control(name)}/list.json`, ...knobs })
    );
  return {
    folder,
    clusters,
    async add(name) {
      const number = ++made;
      numbers.set(name, number);
      await Deno.mkdir(control(name), { recursive: true });
      const list = entries.map((entry, n) => ({ ...entry, compressed_size: number * 1_000_000 + n }));
      await Deno.writeTextFile(`${control(name)}/list.json`, JSON.stringify(list));
      await write(name, {});
      const log = `${folder.scratch}/runs-${number}`;
      await folder.write(name, { CONTROL: control(name), RUNS_LOG: log });
      clusters.set(name, { name, runs: followRuns(log), since: Date.now() / 1000 });
    },
    async remove(name) {
      clusters.delete(name);
      await folder.remove(`${name}.json`);
    },
    setFault: write,
    check(families) {
      const found = new Map<string, number[]>();
      for (const { labels, value } of families.get("walg_backup_compressed_size_bytes")?.series ?? []) {
        const name = labels["cluster"] ?? "";
        found.set(name, [...found.get(name) ?? [], value]);
      }
      for (const [name, values] of found) {
        const of = new Set(values.map((value) => Math.floor(value / 1_000_000)));
        const number = numbers.get(name);
        // What is gone may be shown until SIGHUP has been obeyed, and what came anew as it was before.
        if (of.size !== 1 || values.length !== BACKUPS || number === undefined || Math.max(...of) > number) {
          throw new Violation("no series shows another's value", `${name} (${number}): ${values.length} of ${[...of]}`);
        }
        const others = [...numbers].filter(([other]) => other !== name).map(([, number]) => number);
        if (others.some((other) => of.has(other))) {
          throw new Violation("no series shows another's value", `${name} shows ${[...of]}`);
        }
      }
      const sums = (families.get("walg_backups_compressed_size_bytes")?.series ?? []).reduce(
        (all, { labels, value }) => all.set(labels["cluster"] ?? "", (all.get(labels["cluster"] ?? "") ?? 0) + value),
        new Map<string, number>(),
      );
      for (const [name, sum] of sums) {
        const own = (found.get(name) ?? []).reduce((all, value) => all + value, 0);
        if (own !== sum) throw new Violation("no series shows another's value", `${name}: sum ${sum}, backups ${own}`);
      }
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
