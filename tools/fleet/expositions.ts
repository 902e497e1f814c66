import { standinEnv } from "../../tests/standin.ts";
import { startExporter, until } from "../../tests/support/exporter.ts";
import { generateScenario, writeScenario } from "../generate_scenario.ts";

/** What the hosts of a fleet look like. */
export interface HostShape {
  /** Backups that WAL-G lists. */
  readonly backups: number;
  /** `-backups.max-series` of the exporter; 0 for all. */
  readonly maxSeries: number;
}

/** What a real exporter shows of generated backups, one exposition per seed from 1 to `variants`. */
export async function recordExpositions(
  { backups, maxSeries }: HostShape,
  variants: number,
): Promise<readonly string[]> {
  const folder = await Deno.makeTempDir({ prefix: "fleet-" });
  try {
    const expositions: string[] = [];
    for (let seed = 1; seed <= variants; seed++) {
      await writeScenario(
        folder,
        generateScenario({ ...{ backups, seed }, end: Math.floor(Date.now() / 1000) - 3600 }),
      );
      await using exporter = await startExporter({
        // A listing of the files counts once the backups have been listed after it.
        flags: [`-backups.max-series=${maxSeries}`, "-backup-list.scrape-interval=1s"],
        lists: true,
        env: standinEnv({ SCENARIO: folder }),
      });
      await exporter.ready();
      let text = "";
      await until(
        "the backups and their files are shown",
        async () => (text = await exporter.metrics()).includes("\nwalg_backup_complete{"),
      );
      expositions.push(text);
    }
    return expositions;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The number of series of an exposition. */
export function countSeries(exposition: string): number {
  return exposition.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length;
}
