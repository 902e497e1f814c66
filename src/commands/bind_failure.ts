import { inWords, SCOPES } from "../scopes.ts";

/** One line for the operator about an address that could not be bound. */
export function bindFailure(error: unknown, address: string): string {
  const where = `-web.listen-address=${address}`;
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof Deno.errors.AddrInUse) {
    return `${where}: the address is in use; stop what listens there, or choose another`;
  }
  if (error instanceof Deno.errors.NotCapable) {
    return `${where}: the sandbox listens on ${inWords(SCOPES.net)} only; ` +
      "choose one of these, or compile with scopes of your own (see README)";
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return `${where}: this machine has no such address; choose one that it has, or :PORT for all`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return `${where}: this user may not bind that port; choose one from 1024 on`;
  }
  return `${where}: cannot listen: ${text}`;
}
