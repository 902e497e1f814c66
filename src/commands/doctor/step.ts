import { oneLine } from "../../base/text.ts";

/** How one check of the setup ended. */
export interface StepResult {
  readonly status: "ok" | "failed" | "skipped";
  /** One line, without a full stop: what was found, WAL-G's own error, or why it was skipped. */
  readonly text: string;
  /** What to do about a failure. */
  readonly fix?: string;
}

/** One check of the setup, as it is shown. */
export interface Step extends StepResult {
  readonly name: string;
  /** How long it took; absent where it rests on what another one ran. */
  readonly seconds?: number;
}

/** A check that found nothing wrong. */
export function ok(text: string): StepResult {
  return { status: "ok", text };
}

/** A check that found what must be fixed. */
export function failed(text: string, fix: string | undefined): StepResult {
  return { status: "failed", text, ...(fix !== undefined && { fix }) };
}

/** A check that could not be made. */
export function skipped(text: string): StepResult {
  return { status: "skipped", text };
}

/** As wide as the longest name of a step. */
const NAME_WIDTH = 16;
const INDENT = " ".repeat(9 + NAME_WIDTH + 10);

/** A check as text: a line, and another one for the fix. */
export function stepLines({ name, status, seconds, text, fix }: Step): string {
  const took = seconds === undefined ? "" : `${seconds.toFixed(2)} s`;
  const line = `${status.padEnd(9)}${name.padEnd(NAME_WIDTH)}${took.padStart(8)}  ${oneLine(text)}\n`;
  return fix === undefined ? line : `${line}${INDENT}What to do: ${oneLine(fix)}\n`;
}

/** The last line: what all of it means. */
export function summaryLine(steps: readonly Step[]): string {
  const failed = steps.filter(({ status }) => status === "failed").map(({ name }) => name);
  if (failed.length === 0) return "Nothing failed.\n";
  return `Failed: ${failed.join(", ")}. Fix the first one and run doctor again.\n`;
}
