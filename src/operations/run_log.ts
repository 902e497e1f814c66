import type { Clock } from "../base/clock.ts";
import type { Fields, Log } from "../base/log.ts";
import type { Failure } from "../walg/failure.ts";
import type { Operation } from "./operation.ts";

/** Logs the runs of one operation: each failure once, the same one again at most once a minute. */
export interface RunLog {
  failed(failure: Failure, seconds: number): void;
  succeeded(seconds: number): void;
  /** Says once that this wal-g does not have the command. */
  unsupported(reason: string): void;
}

const REPEAT_AFTER_MS = 60_000;
/** How many different failures are remembered. */
const REMEMBERED = 16;

/** A run log of one operation. */
export function createRunLog(
  { operation: { name: operation }, log, clock }: {
    operation: Pick<Operation<unknown>, "name">;
    log: Log;
    clock: Clock;
  },
): RunLog {
  /** What was logged last of each failure, and how often it came again since. */
  const said = new Map<string, { readonly at: number; repeated: number }>();
  /** Whether a failure was logged and no success since. */
  let failing = false;
  let saidUnsupported = false;
  const logAgain = (key: string, fields: Fields, now: number): void => {
    const repeated = said.get(key)?.repeated ?? 0;
    log.error("run failed", repeated > 0 ? { ...fields, repeated } : fields);
    failing = true;
    said.delete(key);
    said.set(key, { at: now, repeated: 0 });
    const [oldest = key] = said.keys();
    if (said.size > REMEMBERED) said.delete(oldest);
  };
  return {
    failed(failure, seconds) {
      const fields = {
        operation,
        error_type: failure.type,
        error: failure.message,
        duration_seconds: round(seconds),
        ...(failure.exitCode !== undefined && { exit_status: failure.exitCode }),
        ...(failure.stderr !== undefined && { stderr: failure.stderr.trimEnd() }),
      };
      const key = `${failure.type} ${failure.exitCode} ${withoutIds(failure.message)}`;
      const now = clock.monotonic();
      const last = said.get(key);
      if (last === undefined || now - last.at >= REPEAT_AFTER_MS) return logAgain(key, fields, now);
      last.repeated++;
      log.debug("run failed again", fields);
    },
    succeeded(seconds) {
      const fields = { operation, duration_seconds: round(seconds) };
      if (!failing) return log.debug("run succeeded", fields);
      failing = false;
      const repeated = said.values().reduce((sum, each) => sum + each.repeated, 0);
      for (const each of said.values()) each.repeated = 0;
      log.info("run succeeded again", repeated > 0 ? { ...fields, repeated } : fields);
    },
    unsupported(reason) {
      if (!saidUnsupported) log.warn("this operation is off", { operation, reason });
      saidUnsupported = true;
    },
  };
}

/** Ids and numbers in WAL-G's words differ from run to run of the same failure. */
function withoutIds(message: string): string {
  return message.replace(/[\w+/=-]{16,}|\d+/g, "#");
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
