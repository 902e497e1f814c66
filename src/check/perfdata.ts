import type { Figure } from "./judgement.ts";

/**
 * Figures as monitoring plugins write them: `label=value[unit];warn;crit;min`, apart by a blank. `U` stands for a value
 * that is not known; `N:` for thresholds that must not be fallen below.
 */
export function perfdata(figures: readonly Figure[]): string {
  return figures.map(({ name, value, unit, floor, threshold }) => {
    const limit = (bound: number | undefined): string => bound === undefined ? "" : `${bound}${floor ? ":" : ""}`;
    const shown = value === undefined ? "U" : `${Number(value.toFixed(3))}${unit}`;
    return `${name}=${shown};${limit(threshold.warn)};${limit(threshold.critical)};0`;
  }).join(" ");
}
