import { isKnown } from "./time.ts";

/**
 * What leaves no mark on a screen but can reorder or hide what stands beside it: bidirectional controls, characters
 * without width, line separators that do not break lines, and tags.
 */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\ufff9-\ufffb]/gu;
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g;
// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x1f\x7f-\x9f]+/g;

/** A text from elsewhere with what cannot be seen in it as escapes, such as `\u202e`; line breaks and tabs stay. */
export function visible(text: string): string {
  return text.replace(CONTROL, escaped).replace(INVISIBLE, escaped);
}

/** A text from elsewhere on one line: control characters, and so line breaks, are blanks, what is invisible is escaped. */
export function oneLine(text: string): string {
  return text.replace(CONTROLS, " ").replace(INVISIBLE, escaped).trim();
}

function escaped(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time as people say it: `40 s`, `3 min`, `2 h`, `5 d`; rounded down, never negative. */
export function formatLength(milliseconds: number): string {
  const length = Math.max(0, milliseconds);
  if (length < MINUTE) return `${Math.floor(length / SECOND)} s`;
  if (length < HOUR) return `${Math.floor(length / MINUTE)} min`;
  if (length < 2 * DAY) return `${Math.floor(length / HOUR)} h`;
  return `${Math.floor(length / DAY)} d`;
}

/** How long ago a moment was: `3 min ago`; both in Unix milliseconds. */
export function formatAge(time: number, now: number): string {
  return `${formatLength(now - time)} ago`;
}

/** A moment (Unix milliseconds) to the minute, rounded down: `2026-11-20 03:12 UTC`. */
export function formatMinute(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** A moment (Unix milliseconds) to the second, rounded down: `2026-11-20 03:12:40 UTC`. */
export function formatSecond(time: number): string {
  return `${formatTime(time)} UTC`;
}

/**
 * The beginning of a promise (Unix milliseconds) to the second: rounded up, as what was promised must hold from there
 * on, but not into the future.
 */
export function formatSecondFrom(time: number, now: number): string {
  return formatSecond(Math.max(time, Math.min(Math.ceil(time / SECOND) * SECOND, now)));
}

/** A whole number with its thousands set apart: `12,345`. */
export function formatNumber(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A count with its noun: `1 segment`, `3 segments`. */
export function formatCount(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** How far two clocks may differ before that is reported, milliseconds. */
const CLOCK_SKEW = 5 * 60_000;

/** Whether a moment that was taken down elsewhere cannot have been yet; both in Unix milliseconds. */
export function isFuture(time: number, now: number): boolean {
  return time - now > CLOCK_SKEW;
}

/** How long ago a moment was that was taken down elsewhere: `3 min ago`, or `in the future`. */
export function formatAgeElsewhere(time: number, now: number): string {
  return isFuture(time, now) ? "in the future" : formatAge(time, now);
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** Bytes with three digits at least where there are so many: `9.66 MiB`, `64.4 KiB`, `512 B`. */
export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1023.5 && unit < UNITS.length - 1) [value, unit] = [value / 1024, unit + 1];
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** How many times larger it was before compression: `6.4×`; a dash where sizes are not known. */
export function formatRatio(uncompressed: number, compressed: number): string {
  return uncompressed > 0 && compressed > 0 ? `${(uncompressed / compressed).toFixed(1)}×` : "–";
}

/** Seconds with what matters, in the units of {@link formatLength}: `0.48 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.995) return `${seconds.toFixed(seconds < 0.0995 ? 3 : 2)} s`;
  const whole = Math.floor(seconds);
  const days = whole * SECOND < 2 * DAY ? 0 : Math.floor(whole / 86_400);
  const parts: readonly (readonly [number, string])[] = [
    [days, "d"],
    [Math.floor(whole / 3600) - days * 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts.slice(first, first + 2).filter(([amount]) => amount > 0).map((part) => part.join(" ")).join(" ");
}

/** `2026-11-20 03:12:40`, in UTC, rounded down; a dash for a time that WAL-G does not know. */
export function formatTime(time: number): string {
  return isKnown(time) ? new Date(time).toISOString().slice(0, 19).replace("T", " ") : "–";
}

/** A text in single quotes as a POSIX shell reads it, whatever it holds. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A text as one word of a POSIX shell: quoted where that is needed. */
export function shellWord(text: string): string {
  // Anything else with a = at the beginning of a line would be an assignment.
  return /^(?:[\w@%+:,./-]+|-[\w@%+=:,./-]*)$/.test(text) ? text : singleQuoted(text);
}

/** How many names a sentence has at most. */
const MOST_NAMES = 10;

/** The first ten names of a list, and how many more there are. */
export function someNames(names: readonly string[], between = ", "): string {
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "";
  return names.slice(0, MOST_NAMES).join(between) + more;
}
