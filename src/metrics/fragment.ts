import { constants, deflateRawSync } from "node:zlib";
import type { Pace } from "../pace.ts";
import type { Family } from "./family.ts";
import { type Format, renderFamily } from "./render.ts";

/** A part of an exposition that is rendered and compressed once, in pieces that follow each other. */
export interface Fragment {
  readonly plain: readonly Uint8Array<ArrayBuffer>[];
  /** Raw deflate data that ends on a byte and is not the end of a stream, so that fragments can be joined. */
  readonly deflated: readonly Uint8Array<ArrayBuffer>[];
}

const encoder = new TextEncoder();

/** Renders families into a fragment. */
export async function renderFragment(families: readonly Family[], format: Format, pace: Pace): Promise<Fragment> {
  const plain: Uint8Array<ArrayBuffer>[] = [];
  const deflated: Uint8Array<ArrayBuffer>[] = [];
  const close = async (text: string): Promise<void> => {
    const bytes = encoder.encode(text);
    plain.push(bytes);
    deflated.push(new Uint8Array(deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })));
    await pace();
  };
  let pending = "";
  for (const family of families) {
    for await (const text of renderFamily(family, format, pace)) {
      pending += text;
      if (pending.length < PIECE) continue;
      await close(pending);
      pending = "";
    }
  }
  if (pending !== "") await close(pending);
  return { plain, deflated };
}

/** About how much is compressed in one go, bytes. */
const PIECE = 48 * 1024;
