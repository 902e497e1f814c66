import type { Clock } from "../clock.ts";

/** Bodies up to this size are handed over whole: the connection's buffers take them, bytes. */
const WHOLE = 256 * 1024;
/** What is handed over at a time of a longer one, bytes. */
const PIECE = 128 * 1024;
/** How long a reader may take for a long body, milliseconds. */
const PATIENCE = 60_000;

/**
 * A body that a slow reader cannot keep for ever nor have copied for itself: a long one is handed over in pieces as
 * they are read, and broken off after a minute.
 */
export function bodyFor(bytes: Uint8Array<ArrayBuffer>, clock: Clock): BodyInit {
  if (bytes.length <= WHOLE) return bytes;
  let at = 0;
  const finished = new AbortController();
  return new ReadableStream<Uint8Array>({
    start(controller) {
      clock.sleep(PATIENCE, finished.signal).then(() => {
        if (!finished.signal.aborted) controller.error(new Error("the reader took too long"));
      });
    },
    pull(controller) {
      controller.enqueue(bytes.subarray(at, at + PIECE));
      at += PIECE;
      if (at < bytes.length) return;
      finished.abort();
      controller.close();
    },
    cancel: () => finished.abort(),
  }, { highWaterMark: 0 });
}
