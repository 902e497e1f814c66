import { joined, lengthOf, type Pieces } from "../pieces.ts";
import type { Place } from "./in_flight.ts";

/** Bodies up to this size are handed over whole, which copies them: for longer ones a stream costs less, bytes. */
const WHOLE = 32 * 1024;
/** A body and, where it is a stream, its length: without, it would be sent in chunks. */
export interface LongBody {
  readonly body: BodyInit;
  readonly length?: number;
}

/**
 * A body that a slow reader can neither keep for ever nor have copied for itself: the pieces of a long one are shared
 * by all its readers, handed over as they are read, and broken off when the place is lost.
 */
export function bodyFor(pieces: Pieces, place: Place | undefined): LongBody {
  const length = lengthOf(pieces);
  if (length <= WHOLE) return { body: joined(pieces) };
  let at = 0;
  let ended = false;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      place?.whenLost(() => {
        if (!ended) controller.error(new Error("the reader took nothing while others waited, or took too long"));
        ended = true;
      });
    },
    pull(controller) {
      place?.taken();
      const piece = pieces[at++];
      if (piece !== undefined) controller.enqueue(piece);
      if (at < pieces.length) return;
      ended = true;
      controller.close();
    },
    cancel() {
      ended = true;
    },
  }, { highWaterMark: 0 });
  return { body, length };
}
