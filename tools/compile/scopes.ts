/**
 * The flags for a permission set: named, because `-P` resolves `./wal-g` against deno.json's folder at compile time,
 * where a flag leaves it to the folder that the executable is started in.
 */
export function scopeFlags(scopes: Readonly<Record<string, readonly string[]>>): string[] {
  const allowed = Object.entries(scopes).filter(([, values]) => values.length > 0);
  return [...allowed.map(([kind, values]) => `--allow-${kind}=${values.join(",")}`), "--deny-import"];
}
