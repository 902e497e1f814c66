import { oneLine } from "../visible.ts";
import { type Step, STEP_NAMES } from "./step.ts";

const NAME_WIDTH = Math.max(...STEP_NAMES.map((name) => name.length)) + 2;
const INDENT = " ".repeat(9 + NAME_WIDTH + 10);

/** A check as text: a line, and another one for the mend. */
export function stepLines({ name, status, seconds, text, mend }: Step): string {
  const took = seconds === undefined ? "" : `${seconds.toFixed(2)} s`;
  const line = `${status.padEnd(9)}${name.padEnd(NAME_WIDTH)}${took.padStart(8)}  ${oneLine(text)}\n`;
  return mend === undefined ? line : `${line}${INDENT}What to do: ${oneLine(mend)}\n`;
}

/** The last line: what all of it means. */
export function summaryLine(steps: readonly Step[]): string {
  const failed = steps.filter(({ status }) => status === "failed").map(({ name }) => name);
  if (failed.length === 0) return "Nothing failed.\n";
  return `Failed: ${failed.join(", ")}. Mend the first one and run doctor again.\n`;
}
