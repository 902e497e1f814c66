/** The zero time of Go, which WAL-G prints for a time that it does not know: Unix milliseconds. */
export const ZERO_TIME = -62_135_596_800_000;

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[-+]\d\d:\d\d)$/;

/**
 * Reads a time as Go prints it in JSON (RFC 3339, 0 to 9 fractional digits, any offset).
 *
 * @returns Unix milliseconds, rounded down; undefined when it is not such a time
 */
export function parseTime(text: string): number | undefined {
  if (!RFC3339.test(text)) return undefined;
  const time = Date.parse(text.replace(" ", "T").toUpperCase());
  return Number.isNaN(time) ? undefined : time;
}

/** Unix seconds, rounded down, as series hold them. */
export function unixSeconds(time: number): number {
  return Math.floor(time / 1000);
}

/** Whether WAL-G knew the time: Go's zero time says that it did not. */
export function isKnown(time: number): boolean {
  return time > ZERO_TIME;
}
