import { parseDuration } from "./time.ts";

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

/** Reads typed values from given flags; each is the last one given, else the default. */
export interface FlagValues {
  /** Whether the operator gave it. */
  isGiven(name: string): boolean;
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  /** Milliseconds. */
  duration(name: string): number | undefined;
  count(name: string): number | undefined;
  choice(name: string): string;
  switch(name: string): boolean;
}

/** A reader of the given flags; it throws UsageError, naming the flag, for a value that cannot be used. */
export function flagValues(flags: readonly Flag[], given: GivenFlags): FlagValues {
  const byName = new Map(flags.map((flag) => [flag.name, flag]));
  const all = (name: string): readonly string[] => {
    const preset = byName.get(name)?.default;
    return given.get(name) ?? (preset === undefined ? [] : [preset]);
  };
  const text = (name: string): string | undefined => all(name).at(-1);
  return {
    isGiven: (name) => given.has(name),
    text,
    texts: all,
    duration: (name) => mapped(text(name), (value) => durationOf(name, value)),
    count: (name) => mapped(text(name), (value) => countOf(name, value)),
    choice: (name) => choiceOf(name, text(name) ?? "", byName.get(name)?.choices ?? []),
    switch: (name) => text(name) === "true",
  };
}

function mapped<T>(value: string | undefined, read: (value: string) => T): T | undefined {
  return value === undefined ? undefined : read(value);
}

function durationOf(name: string, value: string): number {
  const parsed = parseDuration(value);
  if ("problem" in parsed) throw new UsageError(`-${name}: ${parsed.problem}`);
  if (parsed.milliseconds < 0) throw new UsageError(`-${name}: '${value}' is negative; it must be 0 or greater`);
  return parsed.milliseconds;
}

function countOf(name: string, value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new UsageError(`-${name}: '${value}' must be an integer, 0 or greater`);
  return Number(value);
}

function choiceOf(name: string, value: string, choices: readonly string[]): string {
  if (!choices.includes(value)) throw new UsageError(`-${name}: '${value}' is none of ${choices.join(", ")}`);
  return value;
}
