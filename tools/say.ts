const encoder = new TextEncoder();

/** Writes a line to stdout. */
export function say(text: string): void {
  Deno.stdout.writeSync(encoder.encode(`${text}\n`));
}

/** Writes a line to stderr. */
export function complain(text: string): void {
  Deno.stderr.writeSync(encoder.encode(`${text}\n`));
}
