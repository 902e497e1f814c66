import { resolve } from "node:path";
import { inWords, SCOPES } from "../scopes.ts";

/**
 * Gives up all that is not needed once the listeners are bound, and says what is left.
 *
 * @param readAgain the files that are read again while the exporter runs
 */
export function dropPermissions(readAgain: readonly string[]): string {
  if (Deno.permissions.querySync({ name: "write" }).state === "granted") return "off";
  const files = readAgain.flatMap((file) => [resolve(file), ...realPath(file)]);
  // The device is opened to find out whether there are descriptors left.
  const needed = SCOPES.read.filter((path) =>
    path === "/dev/null" || files.some((file) => file.startsWith(`${path}/`))
  );
  // The listeners stay; from here on nothing can be sent anywhere.
  Deno.permissions.revokeSync({ name: "net" });
  for (const path of SCOPES.read) {
    if (!needed.includes(path)) Deno.permissions.revokeSync({ name: "read", path });
  }
  // wal-g inherits the environment without the exporter's reading it.
  Deno.permissions.revokeSync({ name: "env" });
  Deno.permissions.revokeSync({ name: "sys" });
  return `run wal-g, read ${inWords(needed)}`;
}

/** Where a symbolic link leads: both ends of it are read. */
function realPath(file: string): string[] {
  try {
    return [Deno.realPathSync(file)];
  } catch {
    return [];
  }
}
