import type { Clock } from "../clock.ts";
import { joined } from "../metrics/gzip_member.ts";
import type { Place } from "./in_flight.ts";

/** Bodies up to this size are handed over whole: the connection's buffers take them, bytes. */
const WHOLE = 256 * 1024;
/** Small pieces of a longer one are handed over together up to this size, bytes. */
const HANDFUL = 32 * 1024;
/** How long a reader may take for a long body, milliseconds. */
const PATIENCE = 60_000;

/** Options of {@link bodyFor}. */
export interface BodyOptions {
  readonly clock: Clock;
  /** Absent when answers are not counted. */
  readonly place?: Place | undefined;
}

/**
 * A body that a slow reader can neither keep for ever nor have copied for itself: the pieces of a long one are shared
 * by all its readers, handed over as they are read, and broken off after a minute or when the place is lost.
 */
export function bodyFor(pieces: readonly Uint8Array<ArrayBuffer>[], { clock, place }: BodyOptions): BodyInit {
  if (pieces.reduce((sum, piece) => sum + piece.length, 0) <= WHOLE) return joined(pieces);
  let at = 0;
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
    pull(controller) {
      place?.taken();
      const end = handfulEnd(pieces, at);
      const [only, ...more] = pieces.slice(at, end);
      at = end;
      if (only !== undefined) controller.enqueue(more.length === 0 ? only : joined([only, ...more]));
      if (at < pieces.length) return;
      finished.abort();
      controller.close();
    },
    cancel: () => finished.abort(),
  }, { highWaterMark: 0 });
}

/** Where the pieces end that go together with the one at `start`. */
function handfulEnd(pieces: readonly Uint8Array[], start: number): number {
  let size = pieces[start]?.length ?? 0;
  let end = start + 1;
  for (let next = pieces[end]; next !== undefined && size + next.length <= HANDFUL; next = pieces[++end]) {
    size += next.length;
  }
  return end;
}
