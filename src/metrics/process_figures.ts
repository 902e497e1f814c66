import type { Clock } from "../clock.ts";
import type { ProcessFigures } from "./live.ts";

/** How long a sample serves, milliseconds: asking the system costs more than all else of a short scrape. */
const FRESH = 100;

/** The figures of the process, asked for at most ten times a second. */
export function sampled(sample: () => ProcessFigures, { monotonic }: Clock): () => ProcessFigures {
  let last: ProcessFigures | undefined;
  let taken = -Infinity;
  return () => {
    const now = monotonic();
    if (last === undefined || now - taken >= FRESH) {
      last = sample();
      taken = now;
    }
    return last;
  };
}
