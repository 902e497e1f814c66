import * as v from "valibot";
import { parseTime } from "./time.ts";

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
