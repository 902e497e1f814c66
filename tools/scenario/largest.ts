import { STDOUT_LIMIT_BYTES } from "../../src/walg/command.ts";
import { type GeneratedScenario, generateScenario } from "../generate_scenario.ts";

/** A scenario whose answers are as large as the exporter accepts. */
export interface LargestScenario extends GeneratedScenario {
  readonly backups: number;
}

/** The most backups and the most ranges whose lists are accepted, but for a fiftieth. */
export function largestScenario(seed: number): LargestScenario {
  const sample = { backups: 1000, ranges: 1000 };
  const { backupList, walVerify } = generateScenario({ ...sample, seed });
  let backups = Math.floor(STDOUT_LIMIT_BYTES * sample.backups / backupList.length);
  let ranges = Math.floor(STDOUT_LIMIT_BYTES * sample.ranges / walVerify.length);
  for (;;) {
    const scenario = generateScenario({ backups, ranges, seed });
    const [tooMany, tooLong] = [scenario.backupList, scenario.walVerify].map(({ length }) =>
      length > STDOUT_LIMIT_BYTES
    );
    if (!tooMany && !tooLong) return { ...scenario, backups };
    if (tooMany) backups = Math.floor(backups * 0.995);
    if (tooLong) ranges = Math.floor(ranges * 0.995);
  }
}
