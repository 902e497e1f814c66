import { joined, lengthOf, type Pieces } from "../base/bytes.ts";
import type { Place } from "./in_flight.ts";

/** Headers of every answer: nothing is cached or guessed at. */
const COMMON: Readonly<Record<string, string>> = {
  // Without no-transform the server would compress identity answers itself.
  "cache-control": "no-store, no-transform",
  "x-content-type-options": "nosniff",
};

const POLICY = "content-security-policy";

/** Makes answers. */
export interface Respond {
  (body: BodyInit | null, type: string, more?: ResponseOptions): Response;
  /** Makes the headers of many answers once; each may add the length of its body. */
  prepare(type: string, more?: ResponseOptions): (body: BodyInit | null, length?: number) => Response;
}

interface ResponseOptions {
  readonly status?: number;
  /** With names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A maker of answers; `operators` are the headers that the operator set for all of them, beside the common ones. */
export function createRespond(operators: Readonly<Record<string, string>>): Respond {
  const lowered = Object.entries(operators).map(([name, value]) => [name.toLowerCase(), value] as const);
  const always: Readonly<Record<string, string>> = { ...COMMON, ...Object.fromEntries(lowered) };
  const prepare: Respond["prepare"] = (type, { status = 200, headers = {} } = {}) => {
    // Neither policy replaces the other: a browser obeys both.
    const [page, operator] = [headers[POLICY], always[POLICY]];
    const policies = page === undefined ? {} : {
      [POLICY]: operator === undefined ? page : `${page}, ${operator}`,
      // Only a page has links.
      "referrer-policy": "no-referrer",
    };
    const entries = Object.entries({ ...always, "content-type": type, ...headers, ...policies });
    return (body, length) => {
      const own: [string, string][] = length === undefined ? entries : [...entries, ["content-length", String(length)]];
      return new Response(body, { status, headers: own });
    };
  };
  return Object.assign(
    (body: BodyInit | null, type: string, more?: ResponseOptions) => prepare(type, more)(body),
    { prepare },
  );
}

/** The type of short answers for people. */
export const PLAIN_TEXT = "text/plain; charset=utf-8";

/** Sends the reader to another page. */
export function redirect(respond: Respond, location: string): Response {
  return respond(null, PLAIN_TEXT, { status: 307, headers: { location } });
}

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

interface PieceOptions {
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
