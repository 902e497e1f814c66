import type { Place } from "./in_flight.ts";
import type { InTurns } from "./in_turns.ts";

/** Options of {@link bodyInPieces}. */
export interface PieceOptions {
  readonly inTurns: Pick<InTurns, "next">;
  /** Absent when answers are not counted. */
  readonly place: Place | undefined;
}

/**
 * A body made piece by piece as it is read, in turns with all others, so that neither a long one nor many readers nor a
 * slow one hold up scrapes; it is broken off when its place is lost.
 */
export function bodyInPieces(pieces: Iterator<string>, { inTurns, place }: PieceOptions): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let ended = false;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      place?.whenLost(() => {
        if (!ended) controller.error(new Error("the reader took nothing while others waited, or took too long"));
        ended = true;
      });
    },
    async pull(controller) {
      place?.taken();
      await inTurns.next();
      if (ended) return;
      const piece = pieces.next();
      if (piece.done !== true) return controller.enqueue(encoder.encode(piece.value));
      ended = true;
      controller.close();
    },
    cancel() {
      ended = true;
    },
  }, { highWaterMark: 0 });
}
