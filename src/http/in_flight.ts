/** Counts the requests that are being answered, up to a limit. */
export interface InFlight {
  /** Counts one until its answer is sent; false when the limit is reached. */
  enter(sent: () => Promise<unknown>): boolean;
}

/** A counter with that limit; 0 for none. */
export function createInFlight(limit: number): InFlight {
  let count = 0;
  const leave = (): void => {
    count--;
  };
  return {
    enter(sent) {
      if (limit > 0 && count >= limit) return false;
      count++;
      sent().then(leave, leave);
      return true;
    },
  };
}
