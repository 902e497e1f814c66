import { pause, type RunningExporter, startExporter } from "../tests/support/exporter.ts";
import { generateScenario, writeScenario } from "../tools/generate_scenario.ts";
import { quiet } from "./served.ts";

/** Options of {@link startMeasured}. */
export interface MeasuredOptions {
  readonly backups: number;
  /** A folder for its scenario. */
  readonly folder: string;
  /** From one backup-list to the next, as a flag has it. Default `1h`: none while scrapes are measured. */
  readonly refresh?: string;
  /** Whether backup-list prints something else each time. */
  readonly changing?: boolean;
}

/** An exporter whose `wal-g` is the stand-in with a generated list of backups. */
export interface MeasuredExporter extends RunningExporter {
  /** Runs of backup-list so far. */
  refreshes(): number;
}

/** Starts an exporter, waits until it shows all its backups and has nothing left to do. */
export async function startMeasured(
  { backups, folder, refresh = "1h", changing = false }: MeasuredOptions,
): Promise<MeasuredExporter> {
  const scenario = await Deno.makeTempDir({ dir: folder, prefix: `${backups}-backups-` });
  await writeScenario(scenario, generateScenario({ backups, seed: 1 }));
  const lists = `${scenario}/lists`;
  await Deno.mkdir(lists);
  for (const seed of changing ? [1, 2, 3] : [1]) {
    await Deno.writeTextFile(`${lists}/${seed}.json`, generateScenario({ backups, seed }).backupList);
  }
  const runs = `${scenario}/runs.log`;
  const exporter = await startExporter({
    scenario,
    flags: [
      `-backup-list.scrape-interval=${refresh}`,
      ...["wal-verify", "storage-check"].map((operation) => `-${operation}.scrape-interval=1h`),
      "-scrape.jitter=0s",
    ],
    env: { WALG_STANDIN_RUNS_LOG: runs, ...(changing && { WALG_STANDIN_ROTATE_DIR_BACKUP_LIST: lists }) },
  });
  await exporter.ready();
  if (refresh === "1h") {
    await quiet(exporter.pid);
    await requireBackups(exporter, backups);
  }
  return Object.assign(exporter, {
    refreshes: () =>
      Deno.readTextFileSync(runs).split("\n").filter((line) => line.startsWith("END backup-list")).length,
  });
}

/** The body of a scrape as it is sent. */
export async function bodyOf(url: string, gzip: boolean): Promise<Uint8Array<ArrayBuffer>> {
  // Unlike fetch, curl leaves it as it is.
  const { stdout, success } = await new Deno.Command("curl", {
    args: ["-sS", "--fail", ...(gzip ? ["-H", "Accept-Encoding: gzip"] : []), `${url}/metrics`],
  }).output();
  if (!success) throw new Error(`curl: no answer from ${url}`);
  return stdout;
}

async function requireBackups({ url }: RunningExporter, expected: number): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    const text = new TextDecoder().decode(await bodyOf(url, false));
    if (text.split("\nwalg_backup_info{").length - 1 === expected) return;
    await pause(200);
  }
  throw new Error(`The exporter does not show ${expected} backups within 10 s`);
}
