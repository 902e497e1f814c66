import { joined, lengthOf, type Pieces } from "../base/bytes.ts";
import type { Place } from "./in_flight.ts";

/** Bodies up to this size are handed over whole, which copies them: for longer ones a stream costs less, bytes. */
const COPIED_SIZE = 32 * 1024;

/**
 * A body of pieces that exist already. A long one is not copied for each reader: its pieces are shared by all of them,
 * handed over as they are read, and the answer is broken off when its place is lost. Its length must stand in the
 * headers: without, a stream would be sent in chunks.
 */
export function bodyFor(pieces: Pieces, place: Place | undefined): BodyInit {
  if (lengthOf(pieces) <= COPIED_SIZE) return joined(pieces);
  let at = 0;
  return stream(place, (send, end) => {
    const piece = pieces[at++];
    if (piece !== undefined) send(piece);
    if (at >= pieces.length) end();
  });
}

/** Options of {@link bodyInPieces}. */
export interface PieceOptions {
  /** Awaited before each piece: gives the event loop back. */
  readonly nextTurn: () => Promise<void>;
  /** Absent when answers are not counted. */
  readonly place: Place | undefined;
  /** Called with what making a piece threw; the answer is broken off. */
  readonly onFault: (error: unknown) => void;
}

/**
 * A body whose pieces are made as it is read, with a turn of the event loop before each, so that neither a long one nor
 * a slow reader delays scrapes; it is broken off when its place is lost.
 */
export function bodyInPieces(
  pieces: Iterator<string>,
  { nextTurn, place, onFault }: PieceOptions,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return stream(place, async (send, end) => {
    await nextTurn();
    try {
      const piece = pieces.next();
      if (piece.done === true) end();
      else send(encoder.encode(piece.value));
    } catch (error) {
      onFault(error);
      throw error;
    }
  });
}

type MakeNext = (send: (piece: Uint8Array) => void, end: () => void) => void | Promise<void>;

/** A stream that asks for the next piece when its reader does. */
function stream(place: Place | undefined, makeNext: MakeNext): ReadableStream<Uint8Array> {
  let ended = false;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      place?.whenLost(() => {
        if (!ended) controller.error(new Error("the reader took nothing while others waited, or took too long"));
        ended = true;
      });
    },
    pull(controller) {
      place?.taken();
      const send = (piece: Uint8Array): void => {
        if (!ended) controller.enqueue(piece);
      };
      const end = (): void => {
        if (!ended) controller.close();
        ended = true;
      };
      return makeNext(send, end);
    },
    cancel() {
      ended = true;
    },
  }, { highWaterMark: 0 });
}
