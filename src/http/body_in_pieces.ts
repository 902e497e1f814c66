import type { Clock } from "../clock.ts";

/** How long a reader may take, milliseconds. */
const PATIENCE = 60_000;

/**
 * A body made piece by piece as it is read, with a turn of the event loop after each, so that neither a long one nor a
 * slow reader holds up others; it is broken off after a minute.
 */
export function bodyInPieces(pieces: Iterator<string>, clock: Clock): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const finished = new AbortController();
  return new ReadableStream<Uint8Array>({
    start(controller) {
      clock.sleep(PATIENCE, finished.signal).then(() => {
        if (!finished.signal.aborted) controller.error(new Error("the reader took too long"));
      });
    },
    async pull(controller) {
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
