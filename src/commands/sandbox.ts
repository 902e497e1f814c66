import { resolve } from "node:path";
import { inWords, SCOPES } from "../base/host.ts";
import type { Config } from "./config.ts";
import { parseListenAddress } from "../web/server.ts";

/** Gives up the network: the listeners stay, and from here on nothing can be sent anywhere. */
export function dropNetwork(): void {
  if (!isOff()) Deno.permissions.revokeSync({ name: "net" });
}

/** Whether there is no sandbox at all. */
function isOff(): boolean {
  return isGranted({ name: "write" });
}

/** What the sandbox lets the exporter do of what its flags ask for. */
export interface Scopes {
  /** Whether there is no sandbox at all. */
  readonly off: boolean;
  /** False where `-walg.path` names a file that may not be run; a name without a slash is found on PATH or not. */
  readonly runsWalg: boolean;
  readonly walgPath: string;
  /** Of `-web.listen-address`. */
  readonly refusedAddresses: readonly string[];
  /** Of `-web.config.file`. */
  readonly refusedFiles: readonly string[];
}

/** What the sandbox lets the exporter do of what the configuration asks for. */
export function queryScopes({ walgPath, listenAddresses, webConfigFile }: Config): Scopes {
  return {
    off: isOff(),
    walgPath,
    runsWalg: !walgPath.includes("/") || isGranted({ name: "run", command: walgPath }),
    refusedAddresses: listenAddresses.filter((address) => !mayListen(address)),
    refusedFiles: webConfigFile === undefined || isGranted({ name: "read", path: webConfigFile })
      ? []
      : [webConfigFile],
  };
}

/** The uid, where the sandbox lets it be known. */
export function queryUid(): number | null | undefined {
  return isGranted({ name: "sys", kind: "uid" }) ? Deno.uid() : undefined;
}

/** An address that cannot be read is not a question of the sandbox. */
function mayListen(text: string): boolean {
  let address;
  try {
    address = parseListenAddress(text);
  } catch {
    return true;
  }
  const { hostname, port } = address;
  return isGranted({ name: "net", host: `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}` });
}

function isGranted(descriptor: Deno.PermissionDescriptor): boolean {
  try {
    return Deno.permissions.querySync(descriptor).state === "granted";
  } catch {
    // What cannot even be asked for is not granted.
    return false;
  }
}

/**
 * Gives up all else that is not needed once the exporter has started, and says what is left.
 *
 * @param readAgain the files that are read again while the exporter runs
 */
export function dropPermissions(readAgain: readonly string[]): string {
  if (isOff()) return "off";
  const files = readAgain.flatMap((file) => [resolve(file), ...realPath(file)]);
  const needed = SCOPES.read.filter((path) => files.some((file) => file === path || file.startsWith(`${path}/`)));
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
