import { formatAge, formatAgeElsewhere, formatMinute, formatSeconds, isFuture } from "../base/text.ts";
import { drillResult } from "../operations/drill_result.ts";
import { levelBeyond, type Limits, worstOf } from "../operations/limits.ts";
import { answerOf, type State } from "../operations/state.ts";
import type { Problem } from "./status.ts";

/** What the restore drills say; nothing where there was none yet. `now` is Unix milliseconds. */
export function* drillProblems(
  { state, limits, now, cluster = "default" }: {
    readonly state: State;
    readonly limits: Limits;
    readonly now: number;
    readonly cluster?: string | undefined;
  },
): Generator<Problem> {
  const unit = `walg-restore-drill@${cluster}`;
  const readOn = `Its last words are in the result file and in 'journalctl -u ${unit}'. Then run it again: ` +
    `'systemctl start ${unit}'.`;
  const drill = answerOf(state, drillResult)?.result;
  if (drill === undefined) return;
  const { outcome, phase, reason, end_time, last_success: success } = drill;
  const age = formatAgeElsewhere(end_time, now);
  if (outcome === "failed") {
    const sentence = `The restore drill failed in phase ${phase}, ${age}: ${reason}`;
    const fix = `Find out why before a restore is needed in earnest. ${readOn}`;
    return yield { code: "drill_failed", level: "critical", sentence, cause: reason, fix };
  }
  if (outcome === "could_not_run") {
    const sentence = `The restore drill could not be run, ${age}, phase ${phase}: ${reason}`;
    yield { code: "drill_not_run", level: "warning", sentence, cause: reason, fix: readOn };
  }
  if (success === null) return;
  if (isFuture(success.end_time, now) && worstOf(limits.drill_age) !== undefined) {
    const sentence = `The last restore drill that passed is dated ${formatMinute(success.end_time)}, in the future: ` +
      "how long ago it was is not known";
    const fix = "Correct the clock of the host that ran it, or this host's ('timedatectl'), then run a drill: " +
      `'systemctl start ${unit}'.`;
    return yield { code: "drill_result_broken", level: "warning", sentence, fix };
  }
  const level = levelBeyond("drill_age", (now - success.end_time) / 1000, limits.drill_age);
  if (level === undefined) return;
  const sentence = `The last restore drill that passed was ${formatAge(success.end_time, now)}: ` +
    `there should be one every ${formatSeconds(limits.drill_age[level] ?? 0)}`;
  const fix = "See why its timer runs none: 'systemctl list-timers walg-restore-drill@*'.";
  yield { code: "drill_overdue", level, sentence, fix };
}
