const encoder = new TextEncoder();

/** Writes a line to stdout. */
export function say(text: string): void {
  Deno.stdout.writeSync(encoder.encode(`${text}\n`));
}

/** Writes a line to stderr. */
export function complain(text: string): void {
  Deno.stderr.writeSync(encoder.encode(`${text}\n`));
}

/** Writes why a tool gives up to stderr, and ends with exit status 1. */
export function giveUp(tool: string, reason: unknown): never {
  complain(`${tool}: ${reason instanceof Error ? reason.message : String(reason)}`);
  Deno.exit(1);
}
