import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Failure } from "../walg/failure.ts";
import type { Collector } from "./collector.ts";

/** Logs the runs of one operation: each failure once, the same one again at most once a minute. */
export interface FailureLog {
  failed(failure: Failure, seconds: number): void;
  succeeded(seconds: number): void;
}

const REPEAT_AFTER = 60_000;

/** A failure log of one operation. */
export function createFailureLog(
  { collector: { operation }, log, clock }: {
    collector: Pick<Collector<unknown>, "operation">;
    log: Log;
    clock: Clock;
  },
): FailureLog {
  let said: { readonly key: string; readonly at: number } | undefined;
  let silenced = 0;
  /** Whether the last failure was logged and no success since. */
  let failing = false;
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
      if (said?.key === key && now - said.at < REPEAT_AFTER) {
        silenced++;
        log.debug("run failed again", fields);
        return;
      }
      log.error("run failed", silenced > 0 ? { ...fields, repeated: silenced } : fields);
      failing = true;
      said = { key, at: now };
      silenced = 0;
    },
    succeeded(seconds) {
      const fields = { operation, duration_seconds: round(seconds) };
      if (!failing) return log.debug("run succeeded", fields);
      failing = false;
      log.info("run succeeded again", silenced > 0 ? { ...fields, repeated: silenced } : fields);
      silenced = 0;
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
