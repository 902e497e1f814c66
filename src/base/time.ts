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
  return Number.isNaN(time) || !isDay(text.slice(0, 10)) ? undefined : time;
}

/** Whether there is such a day (`2026-02-28`): of 30 February, Date makes 2 March. */
export function isDay(date: string): boolean {
  return date.slice(8) <= "28" || new Date(date).toISOString().startsWith(date);
}

/** Unix seconds, rounded down, as series hold them. */
export function unixSeconds(time: number): number {
  return Math.floor(time / 1000);
}

/** Whether WAL-G knew the time: Go's zero time says that it did not. */
export function isKnown(time: number): boolean {
  return time > ZERO_TIME;
}

const MILLISECONDS = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["μs", 1e-3],
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/** A duration, or why the text cannot be used as one. */
export type ParsedDuration = { readonly milliseconds: number } | { readonly problem: string };

/**
 * Reads a duration as Go writes it: `1m30s`, `500ms`, `1.5h`, `0`; and `d` for days.
 *
 * @returns milliseconds, or what is wrong with the text
 */
export function parseDuration(text: string): ParsedDuration {
  const cannot = (why: string): ParsedDuration => ({ problem: `Cannot parse duration '${text}': ${why}` });
  if (text === "0") return { milliseconds: 0 };
  if (text === "") return cannot("it is empty; write for example 30s or 1m30s");
  const [, sign, parts] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  const pieces = [...(parts ?? "").matchAll(/(\d+\.?\d*|\.\d+)([^\d.]*)/gy)];
  if (pieces.map(([piece]) => piece).join("") !== parts || pieces.length === 0) {
    return cannot("write for example 30s or 1m30s");
  }
  let sum = 0;
  for (const [, amount, unit] of pieces) {
    if (unit === "") return cannot("missing unit; use ms, s, m, h or d");
    const factor = MILLISECONDS.get(unit ?? "");
    if (factor === undefined) return cannot(`unknown unit '${unit}'; use ms, s, m, h or d`);
    sum += Number(amount) * factor;
  }
  return { milliseconds: sign === "-" ? -sum : sum };
}
