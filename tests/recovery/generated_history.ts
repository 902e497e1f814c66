import fc from "fast-check";
import type { Stretch } from "./builders.ts";

/** Generated histories: several timelines, gaps of every status, and now and then what wal-verify never prints. */
export interface HistoryPlan {
  readonly firstTimeline: number;
  /** The number of the oldest segment. */
  readonly first: number;
  readonly stretches: readonly {
    /** How much higher its timeline is than the one before. */
    readonly step: number;
    /** Segments left out before it, which wal-verify never does. */
    readonly jump: number;
    readonly runs: readonly { readonly status: string; readonly length: number }[];
  }[];
  /** What waits in pg_wal at the end: WAL-G calls the newest ones uploading and the others lost. */
  readonly waiting: { readonly lost: number; readonly uploading: number };
}

const run = fc.record({
  status: fc.oneof(
    { weight: 8, arbitrary: fc.constant("FOUND") },
    { weight: 2, arbitrary: fc.constant("MISSING_LOST") },
    { weight: 1, arbitrary: fc.constantFrom("MISSING_UPLOADING", "MISSING_DELAYED", "MISSING_SOMEWHERE") },
  ),
  length: fc.integer({ min: 1, max: 5 }),
});

const stretch = fc.record({
  step: fc.integer({ min: 1, max: 3 }),
  jump: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) }),
  runs: fc.array(run, { minLength: 1, maxLength: 4 }),
});

const waiting = fc.record({ lost: fc.nat(5), uploading: fc.nat(4) });

export const historyPlan: fc.Arbitrary<HistoryPlan> = fc.record({
  firstTimeline: fc.integer({ min: 1, max: 20 }),
  first: fc.integer({ min: 5, max: 300 }),
  stretches: fc.oneof(
    { weight: 19, arbitrary: fc.array(stretch, { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constant([]) },
  ),
  waiting: fc.oneof(fc.constant({ lost: 0, uploading: 0 }), waiting),
});

/** Gives every segment of a plan its timeline, number and status. */
export function layOut({ firstTimeline, first, stretches, waiting }: HistoryPlan): Stretch[] {
  const laid: Stretch[] = [];
  let [timeline, number] = [firstTimeline, first];
  for (const [at, { step, jump, runs }] of stretches.entries()) {
    if (at > 0) [timeline, number] = [timeline + step, number + jump];
    const statuses = runs.flatMap(({ status, length }) => Array<string>(length).fill(status));
    if (at === stretches.length - 1) {
      statuses.push(...Array<string>(waiting.lost).fill("MISSING_LOST"));
      statuses.push(...Array<string>(waiting.uploading).fill("MISSING_UPLOADING"));
    }
    laid.push({ timeline, first: number, statuses });
    number += statuses.length;
  }
  return laid;
}
