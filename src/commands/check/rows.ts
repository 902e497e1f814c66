import { formatNumber } from "../../base/text.ts";
import { LIMITS, type Measure } from "../../operations/limits.ts";
import { PROBLEM_CODES, type ProblemRow, PROBLEMS, rowOf } from "../../operations/problems.ts";
import { inOrderOfNeed, OPERATIONS } from "../../operations/registry.ts";
import { lostForGood } from "../../recovery/lost.ts";
import { measureText } from "../../status/limit_problems.ts";
import type { Level, Status } from "../../status/status.ts";

/** A row of the table; `skipped` where it could not be looked at, for a reason that another row gives. */
export interface Row {
  /** What was looked at, in a few words. */
  readonly check: string;
  readonly level: Level | "skipped";
  /** One line, without a full stop. */
  readonly text: string;
  /** What to do about it, where that is known. */
  readonly fix?: string;
}

type Fine = Omit<Row, "check">;

/** What is said where no problem of a row is; a row without it is shown only where there is one. */
const FINE: Readonly<Partial<Record<ProblemRow, (status: Status) => Fine>>> = {
  "wal-g": ({ exporter: { walgVersion } }) => ok(walgVersion === undefined ? "runs" : `version ${walgVersion}`),
  "newest backup": newestBackup,
  "older backups": ({ backups = [] }) => {
    const known = backups.slice(1).filter(({ restorable }) => restorable !== undefined);
    if (known.length === 0) return skipped(backups.length > 1 ? "not known to be restorable" : "there is none");
    const bad = known.filter(({ restorable }) => restorable === false).length;
    return ok(
      `${formatNumber(known.length - bad)} restorable${
        bad === 0 ? "" : `, ${formatNumber(bad)} not (accepted, or another row says why)`
      }`,
    );
  },
  "backup age": (status) => measured(status, "backup_age", "The newest backup ended", " ago"),
  "full backup age": (status) => measured(status, "full_backup_age", "The newest full backup ended", " ago"),
  "recovery window": (status) => measured(status, "recovery_window", "The recovery window is", ""),
  "recovery point": (status) => measured(status, "rpo", "The last moment that can be recovered was", " ago"),
  "WAL at risk": (status) => {
    const isClusterKnown = status.verify !== undefined;
    const what = isClusterKnown ? "Beside the current segment, losing this host now would lose" : "Not reached are";
    const more = isClusterKnown ? "" : " of the archive; what waits on the host is not known";
    return measured(status, "at_risk_segments", what, `${more}${perhapsArchived(status)}`);
  },
  "WAL archive": ({ recovery, time }) => {
    if (recovery === undefined) return skipped("what is recoverable is not known");
    if (recovery.lost && lostForGood(recovery.lost, time)) {
      return ok("No WAL segment is lost but those that are accepted");
    }
    const overtaken = recovery.lostSegments > 0 ? "; later ones were archived before others, which may still come" : "";
    return ok(`No WAL segment is lost${overtaken}`);
  },
  timeline,
};

/** The rows in their order: wal-g, the operations with each after those that it needs, then by the problems there are. */
export function rowsOf(status: Status): readonly Row[] {
  const { problems, operations, off } = status;
  const own = inOrderOfNeed(OPERATIONS).map(({ name, problem }) => ({ name, row: rowOf(problem.code) }));
  const all = new Set<ProblemRow>(["wal-g", ...own.map(({ row }) => row), ...PROBLEM_CODES.map(rowOf)]);
  const cannotRun = problems.some(({ code }) => code === "walg_not_run");
  return [...all].flatMap((check): readonly Row[] => {
    const found = problems.filter(({ code }) => rowOf(code) === check);
    if (found.length > 0) {
      return found.map(({ level, sentence: text, fix }) => ({ check, level, text, ...(fix !== undefined && { fix }) }));
    }
    const name = own.find(({ row }) => row === check)?.name;
    if (off.some(({ operation }) => operation === name)) return [{ check, ...skipped(BY_CHOICE) }];
    const behind = problems.find(({ effectsOn = [] }) => effectsOn.some((code) => rowOf(code) === check));
    if (behind !== undefined) {
      return [{ check, ...skipped(`no answer, for the reason that ${rowOf(behind.code)} gives`) }];
    }
    if (cannotRun) {
      return name === undefined && FINE[check] === undefined ? [] : [{ check, ...skipped(PROBLEMS.walg_not_run.says) }];
    }
    if (name === undefined) return (FINE[check] === undefined ? [] : [{ check, ...FINE[check](status) }]);
    const run = operations.find(({ operation }) => operation === name);
    return [{ check, ...(run?.fine === undefined ? skipped(run?.unsupported ?? "no answer") : ok(run.fine())) }];
  });
}

const BY_CHOICE = "not verified by choice: it is switched off";

/** A value with its limits; one that is beyond them, but no problem, loses nothing by waiting. */
function measured({ measures, limits }: Status, measure: Measure, before: string, after: string): Fine {
  const { value, reason = "" } = measures[measure];
  if (value === undefined || reason !== "") return skipped(reason);
  const { warning, critical } = limits[measure];
  const side = "isFloor" in LIMITS[measure] ? "below" : "above";
  const bounds = [
    ...warning === undefined ? [] : [`warning ${side} ${bound(measure, warning)}`],
    ...critical === undefined ? [] : [`critical ${side} ${bound(measure, critical)}`],
  ].join(", ");
  const waits = measure === "rpo" && value > Math.min(warning ?? Infinity, critical ?? Infinity)
    ? ", and no WAL waits"
    : "";
  return ok(`${before} ${measureText(measure, value)}${after}${waits}${bounds === "" ? "" : `; ${bounds}`}`);
}

/** What is beyond a limit, but was written since the archive was listed, waits for nothing that is known. */
function perhapsArchived({ recovery, measures: { at_risk_segments: { value = 0 } }, limits }: Status): string {
  const { warning = Infinity, critical = Infinity } = limits.at_risk_segments;
  const since = value - (recovery?.waitingSegments ?? value);
  if (since === 0 || value <= Math.min(warning, critical)) return "";
  return `, of which ${formatNumber(since)} may have been archived since the archive was listed`;
}

function bound(measure: Measure, value: number): string {
  return LIMITS[measure].unit === "segments" ? formatNumber(value) : measureText(measure, value);
}

function newestBackup({ backups, recovery }: Status): Fine {
  const [newest] = backups ?? [];
  if (newest === undefined) {
    return skipped(backups === undefined ? "backups could not be listed" : "there is no backup");
  }
  const { backup: { name }, restorable, reason } = newest;
  if (restorable === true) return ok(`${name} is restorable${reason === "" ? "" : `: ${reason}`}`);
  return skipped(recovery === undefined ? `${name}: what is recoverable is not known` : `${name}: ${reason}`);
}

function timeline({ verify, recovery, off }: Status): Fine {
  if (verify === undefined) {
    if (recovery?.currentTimeline !== undefined) {
      return ok(`No mismatch in the archive: it is on ${recovery.currentTimeline}`);
    }
    return skipped(off.some(({ operation }) => operation === "wal-verify") ? BY_CHOICE : "wal-verify gave no answer");
  }
  const { timeline: word, currentTimeline = "unknown", highestStorageTimeline = "unknown" } = verify;
  const said = `cluster on ${currentTimeline}, storage up to ${highestStorageTimeline}`;
  return ok(word === "OK" ? `No mismatch: ${said}` : `No mismatch known (wal-verify says ${word}): ${said}`);
}

function ok(text: string): Fine {
  return { level: "ok", text };
}

function skipped(text: string): Fine {
  return { level: "skipped", text };
}
