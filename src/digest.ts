import { createHash } from "node:crypto";
import type { Pace } from "./pace.ts";

/** How much is hashed in one go, bytes. */
const SLICE = 1024 * 1024;

/** A SHA-256 of bytes, as hex: tells whether wal-g printed the very same again. */
export async function digest(bytes: Uint8Array, pace: Pace): Promise<string> {
  // Unlike crypto.subtle it takes no copy, and a third of the time.
  const hash = createHash("sha256");
  for (let at = 0; at < bytes.length; at += SLICE) {
    hash.update(bytes.subarray(at, at + SLICE));
    await pace();
  }
  return hash.digest("hex");
}
