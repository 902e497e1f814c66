import type { CommandEnd } from "./command.ts";
import { JsonError } from "./json.ts";
import { unusable } from "./outcome.ts";
import { DecodeError } from "./schema.ts";

/**
 * Decodes an answer.
 *
 * @throws WalgError `invalid_output` that says where the answer is not what WAL-G prints
 */
export async function decodeOrFail<T>(end: CommandEnd, decode: () => Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (error) {
    if (!(error instanceof JsonError || error instanceof DecodeError)) throw error;
    throw unusable("invalid_output", `cannot read what it printed: ${error.message}`, end);
  }
}
