/** The middle of some figures, or the mean of the two in the middle. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}

/** The value below which a share (0 to 1) of sorted figures lies. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/**
 * Latencies as scrapes that come at any moment would see them. A client that waits for its answer asks nothing while
 * the server stalls, so its own list shows a stall once however long it was: each wait is counted again for every
 * millisecond in which a further scrape would have found it (HdrHistogram's correction for coordinated omission).
 *
 * @param latencies milliseconds
 */
export function atAnyMoment(latencies: readonly number[]): number[] {
  const all = latencies.flatMap((latency) => {
    const steps = Math.max(1, Math.ceil(latency));
    return Array.from({ length: steps }, (_, passed) => latency - passed);
  });
  return all.toSorted((a, b) => a - b);
}
