import { isKnown } from "../../walg/time.ts";

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

/** Seconds with what matters: `0.48 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.995) return `${seconds.toFixed(seconds < 0.0995 ? 3 : 2)} s`;
  const whole = Math.floor(seconds);
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
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
