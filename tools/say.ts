const encoder = new TextEncoder();

/** Writes a line to stdout. */
export function say(line: string): void {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
}

/** Writes why a tool gives up to stderr, and ends with exit status 1. */
export function giveUp(tool: string, reason: unknown): never {
  const text = reason instanceof Error ? reason.message : String(reason);
  Deno.stderr.writeSync(encoder.encode(`${tool}: ${text}\n`));
  Deno.exit(1);
}
