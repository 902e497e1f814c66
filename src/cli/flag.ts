/** What values a flag takes. */
export type FlagKind = "switch" | "text" | "texts" | "duration" | "count" | "choice";

/** One flag: the table of these makes parsing, help, README, man page and completion. */
export interface Flag {
  /** Its name without dashes. */
  readonly name: string;
  readonly kind: FlagKind;
  /** As the operator would write it; absent where not giving it means something of its own. */
  readonly default?: string;
  /** What stands for its value in help, such as `PATH`. */
  readonly placeholder?: string;
  readonly choices?: readonly string[];
  readonly help: string;
}

/** The values given on a command line, by flag name; defaults are not in it. */
export type GivenFlags = ReadonlyMap<string, readonly string[]>;

/** A command line that cannot be used: one line for the operator. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
