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
      // Ids and times in WAL-G's words differ from run to run, so the type and status tell what is the same.
      const key = `${failure.type} ${failure.exitCode}`;
      const now = clock.monotonic();
      if (said?.key === key && now - said.at < REPEAT_AFTER) {
        silenced++;
        log.debug("run failed again", fields);
        return;
      }
      log.error("run failed", silenced > 0 ? { ...fields, repeated: silenced } : fields);
      said = { key, at: now };
      silenced = 0;
    },
    succeeded(seconds) {
      const fields = { operation, duration_seconds: round(seconds) };
      if (said === undefined) return log.debug("run succeeded", fields);
      log.info("run succeeded again", silenced > 0 ? { ...fields, repeated: silenced } : fields);
      said = undefined;
      silenced = 0;
    },
  };
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
