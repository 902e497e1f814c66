import { OperatorError } from "../base/host.ts";

/**
 * Writes all of a text to stdout.
 *
 * @throws OperatorError when it does not get there: what is redirected into a file must not be taken for whole
 */
export function writeWhole(bytes: Uint8Array): void {
  try {
    for (let left = bytes; left.length > 0;) left = left.subarray(Deno.stdout.writeSync(left));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OperatorError(`cannot write to stdout: ${why}; what was written is not whole, do not use it`);
  }
}
