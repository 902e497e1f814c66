import { createHash } from "node:crypto";
import { type Flag, type FlagValues, UsageError } from "../base/flag.ts";
import { type Host, OperatorError, readFailure } from "../base/host.ts";
import { oneLine } from "../base/text.ts";
import type { ClusterConfig } from "../operations/config.ts";
import { settingFreeEnvironment } from "../walg/version.ts";

/** The flags that name the clusters, for every command that runs wal-g. */
export const SOURCE_FLAGS: readonly Flag[] = [
  {
    name: "cluster",
    kind: "texts",
    placeholder: "NAME=FILE",
    help: "A cluster by its name and its WAL-G config file, which alone sets its wal-g; may be given several times. " +
      "check, plan, once and doctor take a NAME alone, too: that cluster only.",
  },
  {
    name: "clusters.dir",
    kind: "text",
    placeholder: "FOLDER",
    help:
      "A folder with one WAL-G config file per cluster: NAME.yaml, NAME.yml or NAME.json. Looked at again on SIGHUP.",
  },
  {
    name: "walg.max-running",
    kind: "count",
    default: "4",
    placeholder: "N",
    help: "How many runs of wal-g there may be at the same time over all clusters; one cluster has one at most. " +
      "Without -cluster and -clusters.dir it has no effect.",
  },
];

/** What the operator said of the clusters. */
export interface Sources {
  /** The files of `-cluster=NAME=FILE`, by name. */
  readonly files: ReadonlyMap<string, string>;
  readonly folder: string | undefined;
  /** The names of `-cluster=NAME`: only these are wanted. Empty for all. */
  readonly wanted: readonly string[];
  readonly maxRunning: number;
}

/** A cluster's config file that can be used. */
export interface ClusterSource {
  readonly name: string;
  readonly file: string;
  /** Changes with the file. */
  readonly stamp: string;
}

/** A config file that cannot be used. */
export interface Refused {
  /** The cluster's name, where the file has a usable one. */
  readonly name: string | undefined;
  readonly file: string;
  /** One line: what is wrong, where, what to do. */
  readonly why: string;
}

/** All config files that were found at one look. */
export interface Found {
  /** By name. */
  readonly clusters: ReadonlyMap<string, ClusterSource>;
  readonly refused: readonly Refused[];
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const NAME_RULE = "a name has letters, digits, '.', '_' and '-', begins with a letter or digit, and is 64 long at most";
const SUFFIX = /\.(?:yaml|yml|json)$/;

/**
 * Reads the flags that name the clusters; undefined where they name none, and one cluster without a name is meant.
 *
 * @throws UsageError that names the flag and the fix
 */
export function readSources(flags: FlagValues): Sources | undefined {
  const given = flags.texts("cluster");
  const folder = flags.text("clusters.dir") || undefined;
  const maxRunning = flags.count("walg.max-running") ?? 0;
  if (maxRunning < 1) throw new UsageError("-walg.max-running: '0' lets no wal-g run; the minimum is 1");
  if (given.length === 0 && folder === undefined) return undefined;
  if (flags.text("walg.config-path")) {
    throw new UsageError(
      "-walg.config-path is for one cluster without a name; leave it out beside -cluster and -clusters.dir",
    );
  }
  const files = new Map<string, string>();
  const wanted: string[] = [];
  for (const text of given) {
    const equals = text.indexOf("=");
    const name = equals < 0 ? text : text.slice(0, equals);
    const file = equals < 0 ? undefined : text.slice(equals + 1);
    if (!NAME.test(name)) throw new UsageError(`-cluster: '${oneLine(name)}' is no name for a cluster: ${NAME_RULE}`);
    if (file === undefined) wanted.push(name);
    else if (file === "") throw namesNoFile(name);
    else if (files.has(name)) {
      throw new UsageError(`-cluster: '${name}' is given twice; each cluster needs a name of its own`);
    } else files.set(name, file);
  }
  const [first] = wanted;
  if (first !== undefined && files.size === 0 && folder === undefined) throw namesNoFile(first);
  return { files, folder, wanted, maxRunning };
}

/** What is said of a cluster that is named where it must be defined. */
export function namesNoFile(name: string): UsageError {
  return new UsageError(`-cluster: '${name}' names no file; write -cluster=${name}=/etc/walg-exporter/${name}.yaml`);
}

/** The config that several clusters have in common: their wal-g inherits no setting. */
export function commonConfig<C extends ClusterConfig>(config: C, { env }: Pick<Host, "env">): C {
  return { ...config, environment: settingFreeEnvironment(env) };
}

/** The config of a cluster, whose own are its name, its file, and the file of its restore drill. */
export function clusterConfig<C extends ClusterConfig>(common: C, { name, file }: ClusterSource): C {
  return { ...common, name, walgConfigPath: file, drillFile: common.drillFile.replace(/[^/]*$/, `${name}.json`) };
}

/** With what the config files are looked at. */
export type SourceHost = Pick<Host, "readText" | "namesIn">;

/**
 * Looks at the config files. What is wrong with one of them stops no other.
 *
 * @param inUse the file of each cluster that is watched: it keeps its name as long as it is there
 * @throws OperatorError when the folder cannot be read, or has no file for a name that is wanted
 */
export async function findClusters(
  { files, folder, wanted }: Sources,
  host: SourceHost,
  inUse: ReadonlyMap<string, string> = new Map(),
): Promise<Found> {
  const found = [...files].map(([name, file]) => ({ name, file }));
  for (const entry of folder === undefined ? [] : await namesIn(folder, host)) {
    found.push({ name: entry.replace(SUFFIX, ""), file: `${folder?.replace(/\/+$/, "")}/${entry}` });
  }
  const named = Map.groupBy(found, ({ name }) => name);
  const missing = wanted.find((name) => !named.has(name));
  if (missing !== undefined) {
    const known = [...named.keys()].filter((name) => NAME.test(name)).slice(0, 10).join(", ");
    throw new OperatorError(`-cluster: there is no cluster '${missing}'; there is ${known || "none"}`);
  }
  const clusters = new Map<string, ClusterSource>();
  const refused: Refused[] = [];
  for (const [name, candidates] of named) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    if (!NAME.test(name)) {
      const why = `'${oneLine(name)}' is no name for a cluster: ${NAME_RULE}; rename the file`;
      refused.push(...candidates.map(({ file }) => ({ name: undefined, file, why })));
      continue;
    }
    const looked: readonly Looked[] = await Promise.all(candidates.map(({ file }) => look(file, host)));
    const holder = looked.find(({ file }) => file === files.get(name)) ??
      looked.find(({ file }) => file === inUse.get(name)) ?? looked.find(({ why }) => why === undefined);
    for (const { file, stamp, why } of looked) {
      if (why !== undefined) refused.push({ name, file, why });
      else if (file === holder?.file) clusters.set(name, { name, file, stamp });
      else refused.push({ name, file, why: `the name '${name}' is taken by ${holder?.file}; rename one of them` });
    }
  }
  return { clusters, refused };
}

/** The names of the config files in a folder, in order. Hidden files are those that editors leave. */
async function namesIn(folder: string, { namesIn }: SourceHost): Promise<readonly string[]> {
  try {
    return (await namesIn(folder)).filter((name) => SUFFIX.test(name) && !name.startsWith(".")).toSorted();
  } catch (error) {
    throw new OperatorError(`-clusters.dir: cannot read '${folder}': ${readFailure(error)}`);
  }
}

/** A config file as it is now. */
interface Looked {
  readonly file: string;
  /** Changes with what it holds; "" where it cannot be used. */
  readonly stamp: string;
  /** What is wrong with it; undefined where it can be used. */
  readonly why: string | undefined;
}

async function look(file: string, { readText }: SourceHost): Promise<Looked> {
  try {
    const text = await readText(file);
    const why = await brokenBy(text, file.endsWith(".json"));
    // Not its time: where one file of a Kubernetes secret changes, all are written anew.
    return { file, stamp: why === undefined ? createHash("sha256").update(text).digest("hex") : "", why };
  } catch (error) {
    return { file, stamp: "", why: `cannot be read: ${readFailure(error)}` };
  }
}

/** What is wrong with a config file; it quotes nothing of what the file holds, as that is secrets. */
async function brokenBy(text: string, isJson: boolean): Promise<string | undefined> {
  // Hosts with one cluster do without it.
  const { loadAll, YAMLException } = await import("js-yaml");
  let settings: unknown;
  try {
    // WAL-G goes by the name, too.
    if (isJson) settings = JSON.parse(text);
    else [settings] = loadAll(text);
  } catch (error) {
    if (isJson) return "is not valid JSON; correct it";
    if (!(error instanceof YAMLException)) return "is not YAML; correct it";
    const line = error.mark === undefined ? "" : ` in line ${error.mark.line + 1}`;
    return `is not valid YAML${line}; correct it`;
  }
  const isMapping = typeof settings === "object" && settings !== null && !Array.isArray(settings);
  if (!isMapping || Object.keys(settings ?? {}).length === 0) {
    return "holds no settings of WAL-G; it needs lines such as WALG_S3_PREFIX: s3://bucket/path";
  }
  return undefined;
}
