import type { Clock } from "../clock.ts";
import type { Binding } from "../doctor/address.ts";
import { type ListenAddress, parseListenAddress } from "../http/listen_address.ts";

/** How long what listens already may take to say that it is an exporter, milliseconds. */
const ANSWER_TIME = 1000;

/** Binds an address and lets it go again. */
export async function bindOnce(text: string, clock: Clock): Promise<Binding> {
  let address: ListenAddress;
  try {
    address = parseListenAddress(text);
  } catch (error) {
    return { address: text, how: "invalid", error: messageOf(error) };
  }
  try {
    listenAndClose(address);
    return { address: text, how: "free" };
  } catch (error) {
    const how = howOf(error);
    if (how !== "in use") return { address: text, how, error: messageOf(error) };
    return await isExporter(address, clock)
      ? { address: text, how: "served" }
      : { address: text, how, error: "the address is in use" };
  }
}

function listenAndClose({ hostname, port, fallback }: ListenAddress): void {
  try {
    Deno.listen({ hostname, port }).close();
  } catch (error) {
    if (fallback === undefined || error instanceof Deno.errors.AddrInUse) throw error;
    // A machine without IPv6.
    Deno.listen({ hostname: fallback, port }).close();
  }
}

function howOf(error: unknown): Binding["how"] {
  if (error instanceof Deno.errors.AddrInUse) return "in use";
  if (error instanceof Deno.errors.AddrNotAvailable) return "no such address";
  if (error instanceof Deno.errors.PermissionDenied) return "not allowed";
  return "failed";
}

/** Whether what listens there is an exporter, as far as it says so without TLS. */
async function isExporter({ hostname, port }: ListenAddress, clock: Clock): Promise<boolean> {
  const host = hostname === "::" || hostname === "0.0.0.0" ? "127.0.0.1" : hostname;
  const late = new AbortController();
  const done = new AbortController();
  clock.sleep(ANSWER_TIME, done.signal).then(() => late.abort());
  try {
    const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}/-/healthy`;
    const response = await fetch(url, { signal: late.signal, redirect: "manual" });
    return response.status === 200 && (await response.text()) === "healthy\n";
  } catch {
    return false;
  } finally {
    done.abort();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
