import type { Clock } from "../clock.ts";
import type { Place } from "./in_flight.ts";

/** How long a reader may take, milliseconds. */
const PATIENCE = 60_000;

/** Options of {@link bodyInPieces}. */
export interface PieceOptions {
  readonly clock: Clock;
  /** Absent when answers are not counted. */
  readonly place: Place | undefined;
}

/**
 * A body made piece by piece as it is read, with a turn of the event loop after each, so that neither a long one nor a
 * slow reader holds up others; it is broken off after a minute or when its place is lost.
 */
export function bodyInPieces(pieces: Iterator<string>, { clock, place }: PieceOptions): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const finished = new AbortController();
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const breakOff = (why: string): void => {
        if (finished.signal.aborted) return;
        finished.abort();
        controller.error(new Error(why));
      };
      place?.whenLost(() => breakOff("the reader took nothing while others waited"));
      clock.sleep(PATIENCE, finished.signal).then(() => breakOff("the reader took too long"));
    },
    async pull(controller) {
      place?.taken();
      const piece = pieces.next();
      if (piece.done === true) {
        finished.abort();
        return controller.close();
      }
      controller.enqueue(encoder.encode(piece.value));
      await clock.sleep(0);
    },
    cancel: () => finished.abort(),
  }, { highWaterMark: 0 });
}
