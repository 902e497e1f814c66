import { STDOUT_LIMIT } from "../../src/walg/command.ts";
import { generateScenario } from "../generate_scenario.ts";

/** A backup list as large as the exporter accepts. */
export interface LargestList {
  readonly backups: number;
  readonly text: string;
}

/** The most backups whose list is accepted, but for a hundredth. */
export function largestBackupList(seed: number): LargestList {
  const sample = 1000;
  const bytesEach = generateScenario({ backups: sample, seed }).backupList.length / sample;
  for (let backups = Math.floor(STDOUT_LIMIT / bytesEach);; backups = Math.floor(backups * 0.995)) {
    const text = generateScenario({ backups, seed }).backupList;
    if (text.length <= STDOUT_LIMIT) return { backups, text };
  }
}
