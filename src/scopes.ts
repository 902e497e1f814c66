import manifest from "../deno.json" with { type: "json" };

/** What the sandbox lets the exporter do: `permissions.exporter` of deno.json, the one place that says so. */
export const SCOPES: Readonly<Record<"run" | "net" | "read" | "env" | "sys", readonly string[]>> =
  manifest.permissions.exporter;

/** A list as a sentence has it: `a, b and c`. */
export function inWords(items: readonly string[]): string {
  const last = items.at(-1) ?? "nothing";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} and ${last}`;
}
