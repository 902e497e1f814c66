import { formatCount } from "../../base/text.ts";
import { COMMANDS, type Operation } from "../../operations/operation.ts";
import type { OperationStatus, Problem, Status } from "../../status/status.ts";
import { fixFor } from "../../walg/advice.ts";
import type { Finding } from "./judge.ts";

/** One thing that a round looks at: what can be wrong with it, and what is to be said when nothing is. */
interface Subject {
  readonly check: string;
  readonly problems: readonly Problem["code"][];
  readonly operation?: Operation;
  /** What is said where no problem is. */
  readonly fine: (status: Status) => Omit<Finding, "check">;
}

const SUBJECTS: readonly Subject[] = [
  {
    check: "wal-g",
    problems: ["walg_not_run"],
    fine: ({ exporter: { walgVersion } }) => ok(walgVersion === undefined ? "runs" : `version ${walgVersion}`),
  },
  { check: "storage", problems: ["storage_down"], operation: "storage-check", fine: storage },
  {
    check: "backups",
    problems: ["backup_list_failed", "no_backups"],
    operation: "backup-list",
    fine: ({ backups }) => backups === undefined ? skipped("not listed") : ok(counts(backups)),
  },
  {
    check: "newest backup",
    problems: ["nothing_restorable", "newest_not_restorable", "restorable_unknown"],
    fine: newestBackup,
  },
  { check: "backup times", problems: ["backup_in_future"], fine: backupTimes },
  {
    check: "wal-verify",
    problems: ["wal_verify_failed"],
    operation: "wal-verify",
    fine: ({ verify }) => verify === undefined ? skipped("no answer") : ok(`Answered: integrity ${verify.integrity}`),
  },
  {
    check: "WAL archive",
    problems: ["wal_lost"],
    fine: ({ recovery }) =>
      recovery === undefined ? skipped("wal-verify or backup-list gave no answer") : ok("No WAL segment is lost"),
  },
  { check: "timeline", problems: ["timeline_mismatch"], fine: timeline },
];

/** What each thing that has no threshold is found to be, in the order in which it is shown. */
export function problemFindings(status: Status, problems: readonly Problem[]): readonly Finding[] {
  const notRun = problems.some(({ code }) => code === "walg_not_run");
  return SUBJECTS.map(({ check, problems: codes, operation, fine }): Finding => {
    const problem = problems.find(({ code }) => codes.includes(code));
    if (problem !== undefined) return { check, ...found(problem, failedRun(status, problem, operation), status) };
    if (notRun) return { check, ...skipped("wal-g cannot be run") };
    return { check, ...fine(status) };
  });
}

function failedRun(status: Status, { code }: Problem, operation: Operation | undefined): OperationStatus | undefined {
  return status.operations.find((run) =>
    run.outcome === "failed" && (code === "walg_not_run" || run.operation === operation)
  );
}

function found(problem: Problem, run: OperationStatus | undefined, { exporter }: Status): Omit<Finding, "check"> {
  const { level } = problem;
  const failure = run?.lastFailure;
  if (run === undefined || failure === undefined) {
    return { level, text: problem.sentence, ...(problem.fix !== undefined && { fix: problem.fix }) };
  }
  const { operation } = run;
  const fix = fixFor(failure, { operation, command: COMMANDS[operation], walgPath: exporter.walgPath });
  return { level, text: failureSentence(problem, failure.message), fix };
}

/** The page's words but for how long it has been so: a single round has no past. */
function failureSentence({ code, sentence }: Problem, message: string): string {
  switch (code) {
    case "storage_down":
      return `The storage does not answer: ${message}`;
    case "backup_list_failed":
      return `Backups cannot be listed: ${message}`;
    case "wal_verify_failed":
      return `wal-verify gives no answer: ${message}`;
    default:
      return sentence;
  }
}

function storage({ operations }: Status): Omit<Finding, "check"> {
  const run = operations.find(({ operation }) => operation === "storage-check");
  if (run?.outcome === "unsupported") return skipped("WAL-G before 2.0 cannot check its storage");
  return ok(`Answered in ${(run?.durationSeconds ?? 0).toFixed(2)} s`);
}

function counts(backups: NonNullable<Status["backups"]>): string {
  const full = backups.filter(({ backup }) => backup.type === "full").length;
  return `${formatCount(backups.length, "backup")}: ${full} full, ${backups.length - full} delta`;
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
