import type { RulesFile } from "./rules_file.ts";

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const FACTOR = 100;
const SHORTEST = 2;
const LONGEST = 24;
const STEPS = 6;

/**
 * The rules in fast motion, for a chain that is scraped and evaluated each second: every duration (`for`, `[range]`,
 * `offset`) becomes a hundredth of itself, but at least 2 and at most 24 seconds; the step of a subquery becomes a sixth of
 * its range, and all groups are evaluated each second. The order of durations stays, so what outlasts what; thresholds,
 * which are numbers, stay as they are.
 */
export function shortenRules({ groups }: RulesFile): RulesFile {
  return {
    groups: groups.map(({ name, rules }) => ({
      name,
      rules: rules.map((rule) => ({
        ...rule,
        expr: shortenExpression(rule.expr),
        ...(rule.for !== undefined && { for: shortenDuration(rule.for) }),
      })),
    })),
  };
}

/** The expression with each of its durations shortened. */
export function shortenExpression(expr: string): string {
  return expr
    .replaceAll(/\[(\w+)(?::(\w+))?\]/g, (_, range: string, step: string | undefined) => {
      const shortRange = shortenDuration(range);
      const shortStep = step === undefined ? "" : `:${Math.ceil(parseInt(shortRange) / STEPS)}s`;
      return `[${shortRange}${shortStep}]`;
    })
    .replaceAll(/\boffset (\w+)/g, (_, by: string) => `offset ${shortenDuration(by)}`);
}

/** A duration such as `15m` as whole seconds, shortened. */
export function shortenDuration(duration: string): string {
  const [, count, unit = ""] = /^(\d+)([smhd])$/.exec(duration) ?? [];
  const seconds = UNITS[unit];
  if (seconds === undefined) throw new Error(`Cannot shorten '${duration}': not a number and one of s, m, h, d`);
  return `${Math.min(LONGEST, Math.max(SHORTEST, Math.round(Number(count) * seconds / FACTOR)))}s`;
}
