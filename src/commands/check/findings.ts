import type { Operation } from "../../operations/operation.ts";
import { inOrderOfNeed, OPERATIONS } from "../../operations/registry.ts";
import type { Problem, Status } from "../../status/status.ts";
import type { Finding } from "./judgement.ts";

/** One thing that a round looks at, and what is said where no problem of that row is. */
interface Row {
  readonly check: string;
  readonly fine: (status: Status) => Omit<Finding, "check">;
}

const WALG: Row = {
  check: "wal-g",
  fine: ({ exporter: { walgVersion } }) => ok(walgVersion === undefined ? "runs" : `version ${walgVersion}`),
};

/** What all operations together say. */
const RECOVERY: readonly Row[] = [
  { check: "newest backup", fine: newestBackup },
  { check: "backup times", fine: backupTimes },
  {
    check: "WAL archive",
    fine: ({ recovery }) =>
      recovery === undefined ? skipped("wal-verify or backup-list gave no answer") : ok("No WAL segment is lost"),
  },
  { check: "timeline", fine: timeline },
];

/** What each thing that has no threshold is found to be, in the order in which it is shown. */
export function problemFindings(status: Status, problems: readonly Problem[]): readonly Finding[] {
  const notRun = problems.some(({ code }) => code === "walg_not_run");
  return [WALG, ...inOrderOfNeed(OPERATIONS).flatMap((operation) => rowOf(operation, status)), ...RECOVERY].map(
    ({ check, fine }): Finding => {
      const problem = problems.find((one) => one.check === check);
      if (problem !== undefined) return { check, ...found(problem) };
      if (notRun) return { check, ...skipped("wal-g cannot be run") };
      return { check, ...fine(status) };
    },
  );
}

/** The row of an operation; none of one that is off. */
function rowOf({ name }: Operation<unknown>, { operations }: Status): Row[] {
  return operations.filter(({ operation }) => operation === name).map(({ row, fine, unsupported }) => ({
    check: row,
    fine: () => fine === undefined ? skipped(unsupported ?? "no answer") : ok(fine),
  }));
}

/** A single round has no past: how long it has been so is left out. */
function found({ level, sentence, now = sentence, fix }: Problem): Omit<Finding, "check"> {
  return { level, text: now, ...(fix !== undefined && { fix }) };
}

function newestBackup({ backups, recovery }: Status): Omit<Finding, "check"> {
  const [newest] = backups ?? [];
  if (newest === undefined) {
    return skipped(backups === undefined ? "backups could not be listed" : "there is no backup");
  }
  const { backup: { name }, restorable, reason } = newest;
  if (restorable === true) return ok(`${name} is restorable`);
  return skipped(recovery === undefined ? `${name}: wal-verify gave no answer` : `${name}: ${reason}`);
}

function backupTimes({ backups }: Status): Omit<Finding, "check"> {
  if (backups === undefined) return skipped("backups could not be listed");
  return backups.length === 0 ? skipped("there is no backup") : ok("No backup is dated in the future");
}

function timeline({ verify }: Status): Omit<Finding, "check"> {
  if (verify === undefined) return skipped("wal-verify gave no answer");
  const { timeline: word, currentTimeline = "unknown", highestStorageTimeline = "unknown" } = verify;
  const said = `cluster on ${currentTimeline}, storage up to ${highestStorageTimeline}`;
  return ok(word === "OK" ? `No mismatch: ${said}` : `No mismatch known (wal-verify says ${word}): ${said}`);
}

function ok(text: string): Omit<Finding, "check"> {
  return { level: "ok", text };
}

function skipped(text: string): Omit<Finding, "check"> {
  return { level: "skipped", text };
}
