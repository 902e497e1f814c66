/** Bytes that follow each other. */
export type Pieces = readonly Uint8Array<ArrayBuffer>[];

/** Pieces up to this size are joined with their neighbours, bytes. */
const SMALL = 64 * 1024;

/** How many bytes the pieces hold. */
export function lengthOf(pieces: Pieces): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

/** One array of them all; a single piece is returned as it is. */
export function joined(pieces: Pieces): Uint8Array<ArrayBuffer> {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** The same bytes in fewer pieces: small neighbours are joined, long pieces stay as they are. */
export function coalesced(pieces: Pieces): Pieces {
  const out: Uint8Array<ArrayBuffer>[] = [];
  let open: Uint8Array<ArrayBuffer>[] = [];
  for (const piece of [...pieces, undefined]) {
    if (piece !== undefined && piece.length <= SMALL) {
      open.push(piece);
      continue;
    }
    if (open.length > 0) out.push(joined(open));
    if (piece !== undefined) out.push(piece);
    open = [];
  }
  return out;
}
