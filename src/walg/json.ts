import * as v from "valibot";
import type { Pace } from "../base/clock.ts";
import { oneLine } from "../base/text.ts";
import { parseTime } from "../base/time.ts";

/** Building blocks that read what Go's JSON encoder writes: a missing or null member is Go's zero value. */

/** A text. */
export const text = v.nullish(v.string(), "");

/** True or false. */
export const flag = v.nullish(v.boolean(), false);

const notWhole = ({ received }: v.BaseIssue<unknown>): string => `expected an integer, found ${received}`;

/** A whole number as a double, rounded like Go's float64 where it is larger than one can hold. */
export const count = v.nullish(v.pipe(v.number(notWhole), v.integer(notWhole)), 0);

const isWhole = (value: unknown): boolean =>
  typeof value === "string" ? /^\d{16,}$/.test(value) : Number.isSafeInteger(value);

/** An unsigned 64-bit number, exact: {@link parseJson} gives a large one as its digits. */
export const uint64 = v.pipe(
  v.nullish(v.custom<number | string>(isWhole, notWhole), 0),
  v.transform((whole): bigint => BigInt(whole)),
  v.minValue(0n),
  v.maxValue(0xffff_ffff_ffff_ffffn),
);

/** A time: Unix milliseconds. */
export const time = v.pipe(
  v.nullish(v.string(), "0001-01-01T00:00:00Z"),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = parseTime(dataset.value);
    if (parsed !== undefined) return parsed;
    addIssue({ message: `expected an RFC 3339 time, found ${JSON.stringify(dataset.value)}` });
    return NEVER;
  }),
);

/**
 * Applies a schema to a part of a document.
 *
 * @param at where the part stands, such as `[3]` or ``
 * @throws Error with path, expectation and finding in one line
 */
export function decode<S extends v.GenericSchema>(schema: S, value: unknown, at: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  const place = [at, path].filter((part) => part !== null && part !== "").join(".");
  const isMissing = issue.received === "undefined";
  const message = isMissing
    ? "is missing"
    : issue.message.replace(/^Invalid \w+: E/, "e").replace(/ but received /, ", found ");
  const separator = isMissing ? "" : ":";
  throw new DecodeError(`${place === "" ? "the document" : place}${separator} ${message}`);
}

/** Thrown for JSON that is not what WAL-G prints. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

/** Thrown for text that is not JSON; its message says what was found and where. */
export class JsonError extends Error {
  override readonly name = "JsonError";
}

/** More values than the largest accepted answer has: each costs memory, however short. */
const MAX_COMMAS = 2_000_000;
/** Deeper nesting than any real answer has. */
const MAX_DEPTH = 1000;
/** How much is scanned between two yields, bytes. */
const SCAN_BYTES = 64 * 1024;
/** How many elements are decoded between two yields. */
const BATCH_SIZE = 64;

// A key's closing quote stands before a colon, where no string has an unescaped one: this finds keys only.
const LARGE_INTEGER = /("(?:[a-z_]+_lsn|system_identifier)"\s*:\s*)([1-9]\d{15,})(?![\d.eE])/g;

/**
 * Parses JSON. Integers of 16 digits and more come out as a string of their digits where they must be exact: LSNs and
 * system identifiers. `JSON.parse` with a reviver would do it, too, in ten times the time.
 *
 * @throws JsonError
 */
export async function parseJson(bytes: Uint8Array, pace: Pace): Promise<unknown> {
  await checkLimits(bytes, pace);
  let text = new TextDecoder().decode(bytes);
  const beginning = JSON.stringify(text.trimStart().slice(0, 60));
  await pace();
  text = text.replace(LARGE_INTEGER, '$1"$2"');
  await pace();
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? oneLine(error.message).replace(/ is not valid JSON$/, "") : "";
    throw new JsonError(`invalid JSON: ${why}; its ${bytes.length} bytes begin with ${beginning}`);
  }
}

/**
 * Decodes the elements of a list that may be long, in place: it is never held twice.
 *
 * @param at where the list stands, as for {@link decode}
 */
export async function decodeElements<S extends v.GenericSchema>(
  schema: S,
  elements: unknown[],
  at: string,
  pace: Pace,
): Promise<v.InferOutput<S>[]> {
  for (const [index, element] of elements.entries()) {
    if (index % BATCH_SIZE === 0) await pace();
    elements[index] = decode(schema, element, `${at}[${index}]`);
  }
  return elements as v.InferOutput<S>[];
}

const encoder = new TextEncoder();

/** Refuses what would take much memory or stack: a look at the brackets and commas outside of strings. */
async function checkLimits(bytes: Uint8Array, pace: Pace): Promise<void> {
  const [QUOTE, COMMA, BACKSLASH, OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = encoder.encode('",\\[]{}');
  let [depth, commas, inString] = [0, 0, false];
  for (let at = 0; at < bytes.length;) {
    for (const end = Math.min(bytes.length, at + SCAN_BYTES); at < end; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) inString = !inString;
      else if (inString && byte === BACKSLASH) at++;
      else if (inString) continue;
      else if (byte === COMMA) commas++;
      else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) {
        if (++depth > MAX_DEPTH) throw new JsonError(`nesting deeper than ${MAX_DEPTH} at byte ${at}`);
      } else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) depth--;
    }
    if (commas > MAX_COMMAS) throw new JsonError(`more than ${MAX_COMMAS} values in the first ${at} bytes`);
    await pace();
  }
}
