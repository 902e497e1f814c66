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

/** The beginning of a promise (Unix milliseconds) to the minute, rounded up: what was promised must hold from there on. */
export function formatMinuteFrom(time: number): string {
  return formatMinute(Math.ceil(time / MINUTE) * MINUTE);
}

/** A whole number with its thousands set apart: `12,345`. */
export function formatNumber(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A count with its noun: `1 segment`, `3 segments`. */
export function formatCount(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? "" : "s"}`;
}
