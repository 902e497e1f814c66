import { parseArgs } from "node:util";
import { type Flag, type GivenFlags, UsageError } from "../base/flag.ts";

/** Flags that every command has. */
export const COMMON_FLAGS: readonly Flag[] = [
  { name: "help", kind: "switch", help: "Show this help (also -h)." },
  { name: "version", kind: "switch", help: "Show name, version, revision, Deno version and target." },
];

/** What the two stand for when they are written as words, before a command's name or alone. */
export const COMMON_WORDS = [
  { name: "help", summary: "Show help; of a command if its name follows." },
  { name: "version", summary: "Show name, version, revision, Deno version and target." },
] as const;

/**
 * Takes flags apart: one dash or two, `=` or a space.
 *
 * @throws UsageError that names the flag and the fix
 */
export function parseFlags(
  args: readonly string[],
  flags: readonly Flag[],
): { readonly given: GivenFlags; readonly positionals: readonly string[] } {
  const known = new Map([...flags, ...COMMON_FLAGS].map((flag) => [flag.name, flag]));
  const { tokens } = parseArgs({
    args: withTwoDashes(args, known),
    options: Object.fromEntries(
      [...known.values()].map(({ name, kind }) => [name, { type: kind === "switch" ? "boolean" : "string" }]),
    ),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const given = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const flag = known.get(token.name);
    if (flag === undefined) throw new UsageError(unknownFlag(token.rawName, [...known.keys()]));
    given.set(flag.name, [...given.get(flag.name) ?? [], valueOf(flag, token.value)]);
  }
  return { given, positionals };
}

/** Every parser takes one dash for letters, so names get their second dash here; `=` keeps values that begin with a dash. */
function withTwoDashes(args: readonly string[], known: ReadonlyMap<string, Flag>): string[] {
  const out: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (arg === "--") return [...out, ...args.slice(index)];
    const [, name, value] = /^--?([A-Za-z][^=]*)(=.*)?$/s.exec(arg) ?? [];
    if (name === undefined) {
      out.push(arg);
      continue;
    }
    const flag = known.get(name === "h" ? "help" : name);
    const takesNext = flag !== undefined && flag.kind !== "switch" && value === undefined && index + 1 < args.length;
    out.push(`--${flag?.name ?? name}${takesNext ? `=${args[++index]}` : value ?? ""}`);
  }
  return out;
}

function valueOf(flag: Flag, value: string | undefined): string {
  if (flag.kind === "switch") {
    if (value === undefined || /^(true|1|t)$/i.test(value)) return "true";
    if (/^(false|0|f)$/i.test(value)) return "false";
    throw new UsageError(`-${flag.name}: '${value}' is neither true nor false`);
  }
  if (value === undefined) {
    throw new UsageError(`-${flag.name} needs a value: -${flag.name}=${flag.placeholder ?? "VALUE"}`);
  }
  return value;
}

function unknownFlag(rawName: string, names: readonly string[]): string {
  const name = rawName.replace(/^-+/, "");
  const close = names.toSorted((a, b) => distance(a, name) - distance(b, name))[0] ?? "";
  const hint = distance(close, name) <= Math.max(2, name.length / 4)
    ? `did you mean -${close}?`
    : "see -help for all flags";
  return `unknown flag -${name}: ${hint}`;
}

/** How many letters must be inserted, dropped or replaced to make one word of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
