/** Runs jobs one at a time. */
export interface RunQueue {
  /** The job's outcome once its turn has come; undefined, at once, when too many wait already. */
  add<T>(job: () => Promise<T>): Promise<T> | undefined;
}

/** A queue in which at most `maxWaiting` jobs wait behind the running one. A job that fails does not stop the next. */
export function createRunQueue(maxWaiting: number): RunQueue {
  let size = 0;
  let last: Promise<unknown> = Promise.resolve();
  return {
    add<T>(job: () => Promise<T>): Promise<T> | undefined {
      if (size > maxWaiting) return undefined;
      size++;
      const done = last.then(job).finally(() => {
        size--;
      });
      last = done.catch(() => undefined);
      return done;
    },
  };
}
