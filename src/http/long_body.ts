import type { Clock } from "../clock.ts";
import { joined, lengthOf, type Pieces } from "../metrics/pieces.ts";
import type { Place } from "./in_flight.ts";

/** Bodies up to this size are handed over whole, which copies them: for longer ones a stream costs less, bytes. */
const WHOLE = 16 * 1024;
/** How long a reader may take for a long body, milliseconds. */
const PATIENCE = 60_000;

/** Options of {@link bodyFor}. */
export interface BodyOptions {
  readonly clock: Clock;
  /** Absent when answers are not counted. */
  readonly place?: Place | undefined;
}

/** A body and, where it is a stream, its length: without, it would be sent in chunks. */
export interface LongBody {
  readonly body: BodyInit;
  readonly length?: number;
}

/**
 * A body that a slow reader can neither keep for ever nor have copied for itself: the pieces of a long one are shared
 * by all its readers, handed over as they are read, and broken off after a minute or when the place is lost.
 */
export function bodyFor(pieces: Pieces, { clock, place }: BodyOptions): LongBody {
  const length = lengthOf(pieces);
  if (length <= WHOLE) return { body: joined(pieces) };
  let at = 0;
  const finished = new AbortController();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const breakOff = (why: string): void => {
        if (finished.signal.aborted) return;
        finished.abort();
        controller.error(new Error(why));
      };
      place?.whenLost(() => breakOff("the reader took nothing while others waited"));
      clock.sleep(PATIENCE, finished.signal).then(() => breakOff("the reader took too long"));
    },
    pull(controller) {
      place?.taken();
      const piece = pieces[at++];
      if (piece !== undefined) controller.enqueue(piece);
      if (at < pieces.length) return;
      finished.abort();
      controller.close();
    },
    cancel: () => finished.abort(),
  }, { highWaterMark: 0 });
  return { body, length };
}
