import { joined, lengthOf, type Pieces } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import { createYield } from "../base/pace.ts";
import type { Place } from "./in_flight.ts";

/** Shares the event loop between the answers that are being made. */
export interface InTurns {
  /** Does work that was made to be done in slices, one piece of work after the other. */
  run<T>(work: Generator<void, T>): Promise<T>;
  /** Resolves when it is one's turn to make a short piece of an answer: one piece per turn of the event loop. */
  next(): Promise<void>;
}

/** How long a piece of work may keep the event loop before scrapes get their turn, milliseconds. */
const TURN = 2;

/** Turns for all answers of a server, so that many at once hold up nobody more than one does. */
export function createInTurns(clock: Clock): InTurns {
  let last: Promise<unknown> = Promise.resolve();
  let turn: Promise<void> = Promise.resolve();
  const yieldNow = createYield(clock);
  return {
    run(work) {
      const result = last.then(() => runInTurns(work, clock));
      last = result.catch(() => {});
      return result;
    },
    next: () => turn = turn.then(yieldNow),
  };
}

async function runInTurns<T>(work: Generator<void, T>, clock: Clock): Promise<T> {
  const yieldNow = createYield(clock);
  let turnEnd = clock.monotonic() + TURN;
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (clock.monotonic() < turnEnd) continue;
    await yieldNow();
    turnEnd = clock.monotonic() + TURN;
  }
}

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
