import * as v from "valibot";
import type { Pace } from "../base/pace.ts";
import { parseTime } from "../base/time.ts";

/** Building blocks that read what Go's JSON encoder writes: a missing or null member is Go's zero value. */

/** A text. */
export const text = v.nullish(v.string(), "");

/** True or false. */
export const flag = v.nullish(v.boolean(), false);

const notWhole = ({ received }: v.BaseIssue<unknown>): string => `expected a whole number, found ${received}`;
const integer = v.union([v.pipe(v.number(), v.integer(notWhole)), v.bigint()], notWhole);

/** A whole number as a double, rounded like Go's float64 where it is larger than one can hold. */
export const count = v.pipe(v.nullish(integer, 0), v.transform((whole): number => Number(whole)));

/** An unsigned 64-bit number, exact. */
export const uint64 = v.pipe(
  v.nullish(integer, 0),
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

/** Thrown for text that is no JSON; its message says what was found and where. */
export class JsonError extends Error {
  override readonly name = "JsonError";
}

const QUOTE = 34;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const COMMA = 44;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
/** More elements than any real list has: each costs memory, however short. */
const MOST_ELEMENTS = 500_000;
/** Deeper nesting than any real answer has. */
const DEEPEST = 1000;
/** How many elements are parsed in one go. */
const BATCH = 64;

const decoder = new TextDecoder();

/**
 * Parses JSON with its integers exact: those that a double cannot hold come out as bigint.
 *
 * About five times slower than `JSON.parse`, so for texts that are known to need it.
 */
export function parseExact(text: string): unknown {
  // TypeScript's library does not know the reviver's third argument yet.
  const reviver = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
      ? BigInt(context?.source ?? "")
      : value;
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
}

/** A document whose one long array is read in batches, so that no step is long. */
export interface LongDocument {
  /** The document with that array emptied; as it is where no array stands there. */
  readonly frame: unknown;
  /** The elements of the array, in order, with the index of each batch's first one. */
  readonly batches: AsyncIterable<{ readonly from: number; readonly elements: readonly unknown[] }>;
}

/** Options of {@link readLongDocument}. */
export interface LongDocumentOptions {
  /** The keys that lead to the long array; none when the document is that array. */
  readonly path: readonly string[];
  /** Tells of a batch's text whether it holds integers that a double cannot hold and that matter. */
  readonly needsExact?: (text: string) => boolean;
  readonly pace: Pace;
}

/**
 * Reads a JSON document that consists mostly of one array.
 *
 * @throws JsonError when it is no JSON, at once or while the batches are read
 */
export async function readLongDocument(bytes: Uint8Array, options: LongDocumentOptions): Promise<LongDocument> {
  if (BYTE_ORDER_MARK.every((byte, at) => bytes[at] === byte)) {
    return await readLongDocument(bytes.subarray(BYTE_ORDER_MARK.length), options);
  }
  const array = locate(bytes, options.path);
  if (array === undefined) return wholeDocument(decoder.decode(bytes), options);
  const commas = await topLevelCommas(bytes, array, options.pace);
  const end = commas.at(-1) ?? array;
  const frame = decoder.decode(bytes.subarray(0, array + 1)) + decoder.decode(bytes.subarray(end));
  return { frame: parse(frame, "around its list at"), batches: batchesOf(bytes, array, commas, options) };
}

/** The document read in one go: where no array was found at that path, or escaped keys hide it. */
function wholeDocument(text: string, { path, needsExact, pace }: LongDocumentOptions): LongDocument {
  const frame = parse(text, "at", needsExact?.(text) ? parseExact : JSON.parse);
  const array = path.reduce<unknown>((value, key) => isObject(value) ? value[key] : undefined, frame);
  return { frame, batches: Array.isArray(array) ? batchesIn(array, pace) : batchesIn([], pace) };
}

async function* batchesIn(
  array: readonly unknown[],
  pace: Pace,
): AsyncGenerator<{ from: number; elements: readonly unknown[] }> {
  for (let from = 0; from < array.length; from += BATCH) {
    yield { from, elements: array.slice(from, from + BATCH) };
    await pace();
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function* batchesOf(
  bytes: Uint8Array,
  array: number,
  commas: readonly number[],
  options: LongDocumentOptions,
): AsyncGenerator<{ from: number; elements: readonly unknown[] }> {
  let start = array + 1;
  for (let from = 0; from < commas.length; from += BATCH) {
    const last = Math.min(from + BATCH, commas.length);
    const end = commas[last - 1] ?? start;
    const text = decoder.decode(bytes.subarray(start, end));
    const blank = text.trim() === "";
    if (blank && commas.length === 1) return;
    if (blank) throw new JsonError(`invalid JSON: an element is missing at [${from}]`);
    const parseText = options.needsExact?.(text) ? parseExact : JSON.parse;
    yield { from, elements: parse(`[${text}]`, `between [${from}] and [${last - 1}] at`, parseText) as unknown[] };
    start = end + 1;
    await options.pace();
  }
}

function parse(text: string, where: string, parseText: (text: string) => unknown = JSON.parse): unknown {
  try {
    return parseText(text);
  } catch (cause) {
    const begins = JSON.stringify(text.trimStart().slice(0, 60));
    const why = cause instanceof Error ? cause.message.replace(/^.*?(position \d+).*$/s, "$1") : "";
    throw new JsonError(`invalid JSON ${where} ${/^position/.test(why) ? why : "its end"}; it begins with ${begins}`);
  }
}

/** The offset of the `[` at that path, or undefined when none stands there. */
function locate(bytes: Uint8Array, path: readonly string[]): number | undefined {
  let at = skipSpace(bytes, 0);
  for (const key of path) {
    if (bytes[at] !== OPEN_BRACE) return undefined;
    const member = findMember(bytes, at, key);
    if (member === undefined) return undefined;
    at = member;
  }
  return bytes[at] === OPEN_BRACKET ? at : undefined;
}

function findMember(bytes: Uint8Array, brace: number, key: string): number | undefined {
  const quoted = JSON.stringify(key);
  let at = skipSpace(bytes, brace + 1);
  while (bytes[at] === QUOTE) {
    const nameEnd = skipString(bytes, at);
    const name = decoder.decode(bytes.subarray(at, nameEnd));
    const colon = skipSpace(bytes, nameEnd);
    if (bytes[colon] !== COLON) return undefined;
    const value = skipSpace(bytes, colon + 1);
    if (name === quoted) return value;
    const next = skipSpace(bytes, skipValue(bytes, value));
    if (bytes[next] !== COMMA) return undefined;
    at = skipSpace(bytes, next + 1);
  }
  return undefined;
}

/** The offsets of the commas between an array's elements, then that of its closing bracket. */
async function topLevelCommas(bytes: Uint8Array, array: number, pace: Pace): Promise<number[]> {
  const commas: number[] = [];
  let at = array + 1;
  while (at < bytes.length) {
    at = skipValue(bytes, skipSpace(bytes, at));
    at = skipSpace(bytes, at);
    if (at >= bytes.length) break;
    commas.push(at);
    if (bytes[at] === CLOSE_BRACKET) return commas;
    if (bytes[at] !== COMMA) throw new JsonError(`invalid JSON at byte ${at}: expected ',' or ']'`);
    at++;
    if (commas.length > MOST_ELEMENTS) throw new JsonError(`a list of more than ${MOST_ELEMENTS} elements`);
    if (commas.length % BATCH === 0) await pace();
  }
  throw new JsonError(`invalid JSON: it is cut off after ${bytes.length} bytes, in element [${commas.length}]`);
}

function skipSpace(bytes: Uint8Array, at: number): number {
  while (bytes[at] === 32 || bytes[at] === 10 || bytes[at] === 13 || bytes[at] === 9) at++;
  return at;
}

/** The offset after a string whose opening quote is at `at`. */
function skipString(bytes: Uint8Array, at: number): number {
  for (at++; at < bytes.length; at++) {
    if (bytes[at] === BACKSLASH) at++;
    else if (bytes[at] === QUOTE) return at + 1;
  }
  return bytes.length;
}

/** The offset after the value at `at`: the comma or bracket that ends it, or the end of the text. */
function skipValue(bytes: Uint8Array, at: number): number {
  let depth = 0;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = skipString(bytes, at);
      continue;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > DEEPEST) throw new JsonError(`nesting deeper than ${DEEPEST} at byte ${at}`);
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === 0) return at;
      depth--;
    } else if (byte === COMMA && depth === 0) return at;
    at++;
  }
  return bytes.length;
}
