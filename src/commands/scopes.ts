import type { Config } from "../config.ts";
import type { Scopes } from "../doctor/sandbox.ts";
import { parseListenAddress } from "../http/listen_address.ts";

/** What the sandbox lets the exporter do of what the configuration asks for. */
export function queryScopes({ walgPath, listenAddresses, webConfigFile }: Config): Scopes {
  return {
    off: isGranted({ name: "write" }),
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

/** An address that cannot be read is no matter of the sandbox. */
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
