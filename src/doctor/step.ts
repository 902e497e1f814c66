/** How one check of the setup ended. */
export interface StepResult {
  readonly status: "ok" | "failed" | "skipped";
  /** One line, without a full stop: what was found, WAL-G's own error, or why it was skipped. */
  readonly text: string;
  /** What to do about a failure. */
  readonly mend?: string;
}

/** One check of the setup, as it is shown. */
export interface Step extends StepResult {
  readonly name: StepName;
  /** How long it took; absent where it rests on what another one ran. */
  readonly seconds?: number;
}

/** The checks, in the order in which they are made; that of the web config only where there is one. */
export const STEP_NAMES = [
  "sandbox",
  "LD_* variables",
  "user",
  "wal-g",
  "version",
  "config",
  "caches",
  "storage",
  "backups",
  "PostgreSQL",
  "web config",
  "address",
] as const;

/** The name of a check. */
export type StepName = typeof STEP_NAMES[number];

/** A check that found nothing wrong. */
export function ok(text: string): StepResult {
  return { status: "ok", text };
}

/** A check that found what must be mended. */
export function failed(text: string, mend: string | undefined): StepResult {
  return { status: "failed", text, ...(mend !== undefined && { mend }) };
}

/** A check that could not be made. */
export function skipped(text: string): StepResult {
  return { status: "skipped", text };
}
