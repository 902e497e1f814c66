import { exporterCommand } from "./exporter.ts";
import { ROOT } from "./paths.ts";

/** A folder with the config files of several clusters, each of which sets a stand-in of its own. */
export interface ClusterFolder extends AsyncDisposable {
  /** What `-clusters.dir` names. */
  readonly path: string;
  /** Beside it, for what else a test writes. */
  readonly scratch: string;
  /** Command line of the exporter in its sandbox, which may read the folder as it may read /etc/walg-exporter. */
  readonly command: readonly [string, ...string[]];
  /** Writes the config file of a cluster as a whole. */
  write(cluster: string, settings: Readonly<Record<string, string>>, suffix?: string): Promise<void>;
  writeText(file: string, text: string): Promise<void>;
  remove(file: string): Promise<void>;
}

/** Makes such a folder; it is gone in the end. */
export async function clusterFolder(): Promise<ClusterFolder> {
  const scratch = await Deno.makeTempDir({ prefix: "walg-clusters-" });
  const path = `${scratch}/clusters`;
  await Deno.mkdir(path);
  const writeText = async (file: string, text: string): Promise<void> => {
    const written = `${scratch}/${crypto.randomUUID()}`;
    await Deno.writeTextFile(written, text);
    await Deno.rename(written, `${path}/${file}`);
  };
  return {
    path,
    scratch,
    command: readingAlso(scratch),
    writeText,
    write(cluster, settings, suffix = "json") {
      const named = Object.entries(settings).map(([name, value]) => [`WALG_STANDIN_${name}`, value]);
      return writeText(`${cluster}.${suffix}`, JSON.stringify(Object.fromEntries(named), null, 1));
    },
    remove: (file) => Deno.remove(`${path}/${file}`),
    [Symbol.asyncDispose]: () => Deno.remove(scratch, { recursive: true }),
  };
}

/** The exporter from its sources in the sandbox of the executable, and one more folder that it may read. */
function readingAlso(folder: string): readonly [string, ...string[]] {
  const [program, ...args] = exporterCommand(ROOT);
  const at = args.indexOf("--no-prompt");
  return at < 0
    ? [
      Deno.execPath(),
      "run",
      "--quiet",
      `--config=${ROOT}/deno.json`,
      "-P=exporter",
      "--no-prompt",
      `--allow-read=${folder}`,
      `${ROOT}/main.ts`,
    ]
    : [program, ...args.slice(0, at), `--allow-read=${folder}`, ...args.slice(at)];
}

/** Of the series of one cluster: its own backups, by name. */
export function backupsOf(text: string, cluster: string): readonly string[] {
  const pattern = new RegExp(`^walg_backup_info\\{cluster="${cluster}",backup_name="([^"]+)"`, "gm");
  return [...text.matchAll(pattern)].map(([, name = ""]) => name);
}

/** The names of the clusters that have any series. */
export function clustersIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/^walg_\w+\{cluster="([^"]*)"/gm)].map(([, name = ""]) => name))].toSorted();
}
