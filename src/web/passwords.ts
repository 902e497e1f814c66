import type { Clock } from "../base/clock.ts";

/** Checks passwords against bcrypt hashes on a thread of its own, so that scrapes are answered meanwhile. */
export interface PasswordChecker {
  /**
   * Whether a password fits a bcrypt hash; only its first 72 bytes count. Checks run one at a time, in the order in
   * which they were asked for. Rejects when the worker could not start, or died.
   */
  compare(password: string, hash: string): Promise<boolean>;
  /** Ends the worker; checks under way reject. */
  end(): void;
}

/** The part of a `Worker` that is used here. */
export type PasswordWorker = Pick<Worker, "onmessage" | "onerror" | "postMessage" | "terminate">;

interface PasswordCheckerOptions {
  readonly clock: Clock;
  /** Called when the worker could not start or died: once, until a check has succeeded again. */
  readonly onFault: (error: string) => void;
  /** Tests pass their own. */
  readonly startWorker?: () => PasswordWorker;
}

/** A worker that has had nothing to do for so long is ended: it holds a thread, and some 5 MB that the system gets back. */
const IDLE_TIMEOUT_MS = 30_000;

/** A worker that has not answered for so long is taken for dead: at cost 14 an answer takes seconds. */
const ANSWER_TIMEOUT_MS = 60_000;

/** How long after a failure no other worker is started, so that a flood of guesses does not start one each. */
const RESTART_DELAY_MS = 1000;

/** A checker whose worker starts with the first password, and again after it was idle or has died. */
export function createPasswordChecker(options: PasswordCheckerOptions): PasswordChecker {
  const { clock, onFault, startWorker = startPasswordWorker } = options;
  const waiting: PromiseWithResolvers<boolean>[] = [];
  let worker: PasswordWorker | undefined;
  let timer = new AbortController();
  let failing = false;
  let restartTime = -Infinity;

  function end(why: string): void {
    timer.abort();
    worker?.terminate();
    worker = undefined;
    // Answers come in the order of the questions: no question may outlive the worker that was asked.
    for (const { reject } of waiting.splice(0)) reject(new Error(why));
  }

  function fail(error: string): void {
    end(error);
    restartTime = clock.monotonic() + RESTART_DELAY_MS;
    if (!failing) onFault(error);
    failing = true;
  }

  /** Ends the worker later unless something is asked or answered before. */
  function restartTimer(): void {
    timer.abort();
    const { signal } = timer = new AbortController();
    const isIdle = waiting.length === 0;
    void clock.sleep(isIdle ? IDLE_TIMEOUT_MS : ANSWER_TIMEOUT_MS, signal).then(() => {
      if (signal.aborted) return;
      if (isIdle) end("idle");
      else fail(`no answer within ${ANSWER_TIMEOUT_MS / 1000} s`);
    });
  }

  function start(): PasswordWorker {
    const started = startWorker();
    started.onmessage = ({ data }: MessageEvent<boolean>) => {
      if (worker !== started) return;
      failing = false;
      waiting.shift()?.resolve(data);
      restartTimer();
    };
    started.onerror = (event) => {
      // Otherwise the error would be thrown here, too, and end the exporter.
      event.preventDefault();
      if (worker === started) fail(event.message);
    };
    return started;
  }

  return {
    async compare(password, hash) {
      if (clock.monotonic() < restartTime) throw new Error("the password worker has just failed");
      try {
        worker ??= start();
        worker.postMessage([password, hash]);
      } catch (error) {
        fail(String(error));
        throw error;
      }
      const check = Promise.withResolvers<boolean>();
      waiting.push(check);
      restartTimer();
      return await check.promise;
    },
    end: () => end("the exporter stops"),
  };
}

// No permission is taken from it: `deno: { permissions: "none" }` ends the process unless it was started with
// --unstable-worker-options, and what a worker revokes is revoked for the whole process. It gets none beyond those
// that the exporter has left.
function startPasswordWorker(): Worker {
  // In exactly this form: bundling knows it by that.
  return new Worker(new URL("./password_worker.ts", import.meta.url), { type: "module" });
}
