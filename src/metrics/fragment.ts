import { constants, crc32, deflateRawSync } from "node:zlib";
import type { Pace } from "../pace.ts";
import type { Family } from "./family.ts";
import { joined } from "../pieces.ts";
import { asOpenMetrics, type Format, renderFamily } from "./render.ts";

/** A part of an exposition that is rendered and compressed once, in pieces that follow each other. */
export interface Fragment {
  readonly plain: readonly Uint8Array<ArrayBuffer>[];
  /** Raw deflate data that ends on a byte and is not the end of a stream, so that fragments can be joined. */
  readonly deflated: readonly Uint8Array<ArrayBuffer>[];
  /** The checksum (CRC-32) of the plain pieces. */
  readonly crc: number;
}

const encoder = new TextEncoder();

/** Renders families into a fragment for each format: the same one twice where the formats do not differ. */
export async function renderFragments(
  families: readonly Family[],
  pace: Pace,
): Promise<Readonly<Record<Format, Fragment>>> {
  const text = createFragment(pace);
  const openmetrics = families.some(({ type }) => type === "counter") ? createFragment(pace) : text;
  for (const family of families) {
    for await (const piece of renderFamily(family, pace)) {
      await text.add(piece);
      if (openmetrics !== text) await openmetrics.add(asOpenMetrics(piece));
    }
  }
  const whole = await text.all();
  return { text: whole, openmetrics: openmetrics === text ? whole : await openmetrics.all() };
}

/** A fragment that grows by pieces of text. */
function createFragment(pace: Pace): { add(text: string): Promise<void> | void; all(): Promise<Fragment> } {
  const plain = createBlocks();
  const deflated = createBlocks();
  let crc = 0;
  let pending = "";
  const close = async (): Promise<void> => {
    const bytes = encoder.encode(pending);
    pending = "";
    plain.add(bytes);
    crc = crc32(bytes, crc);
    deflated.add(new Uint8Array(deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })));
    await pace();
  };
  return {
    add(text) {
      pending += text;
      return pending.length < PIECE ? undefined : close();
    },
    async all() {
      if (pending !== "") await close();
      return { plain: plain.all(), deflated: deflated.all(), crc };
    },
  };
}

/** About how much is compressed in one go, bytes. */
const PIECE = 24 * 1024;
/** About how long the pieces of a fragment are at most: each costs its readers a turn, bytes. */
const BLOCK = 1024 * 1024;

/** Gathers pieces into blocks. */
function createBlocks(): { add(piece: Uint8Array<ArrayBuffer>): void; all(): readonly Uint8Array<ArrayBuffer>[] } {
  const blocks: Uint8Array<ArrayBuffer>[] = [];
  let open: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const close = (): void => {
    if (open.length > 0) blocks.push(joined(open));
    open = [];
    size = 0;
  };
  return {
    add(piece) {
      open.push(piece);
      size += piece.length;
      if (size >= BLOCK) close();
    },
    all() {
      close();
      return blocks;
    },
  };
}
