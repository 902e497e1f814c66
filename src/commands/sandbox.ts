import { resolve } from "node:path";
import { inWords, SCOPES } from "../scopes.ts";
import { isOff } from "./network.ts";

/**
 * Gives up all else that is not needed once the exporter has started, and says what is left.
 *
 * @param readAgain the files that are read again while the exporter runs
 */
export function dropPermissions(readAgain: readonly string[]): string {
  if (isOff()) return "off";
  const files = readAgain.flatMap((file) => [resolve(file), ...realPath(file)]);
  // The device is opened to find out whether there are descriptors left.
  const needed = SCOPES.read.filter((path) =>
    path === "/dev/null" || files.some((file) => file.startsWith(`${path}/`))
  );
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
