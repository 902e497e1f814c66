import { connect } from "node:tls";
import type { Clock } from "../../base/clock.ts";
import { type ListenAddress, parseListenAddress } from "../../web/server.ts";
import { failed, ok, type StepResult } from "./steps.ts";

/** How binding an address went. */
export interface Binding {
  readonly address: string;
  readonly how: "free" | "in use" | "served" | "invalid" | "no such address" | "not allowed" | "failed";
  /** What was said where it could not be bound. */
  readonly error?: string;
}

/** Whether the exporter can listen on its addresses. */
export function addressStep(bindings: readonly Binding[]): StepResult {
  const bad = bindings.find(({ how }) => how !== "free" && how !== "served");
  if (bad !== undefined) return failed(`${bad.address}: ${bad.error ?? bad.how}`, fixOf(bad));
  return ok(
    bindings.map(({ address, how }) => how === "free" ? `${address} is free` : `an exporter serves on ${address}`).join(
      ", ",
    ),
  );
}

function fixOf({ how, address }: Binding): string {
  switch (how) {
    case "in use": {
      const port = address.split(":").at(-1) ?? "";
      return `Stop what listens there ('ss -ltnp sport = :${port}' as root shows what), or choose another ` +
        "-web.listen-address.";
    }
    case "no such address":
      return "Choose an address that this machine has, or :PORT for all of them.";
    case "not allowed":
      return "Choose port 1024 or higher: lower ports are reserved for root.";
    default:
      return "Correct -web.listen-address: HOST:PORT, such as :9351 or 127.0.0.1:9351.";
  }
}

/** How long what listens already may take to say that it is an exporter, milliseconds. */
const ANSWER_TIME = 5000;

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

/** Whether what listens there is an exporter, with TLS or without: `/-/healthy` asks for no password. */
async function isExporter({ hostname, port }: ListenAddress, clock: Clock): Promise<boolean> {
  const host = hostname === "::" || hostname === "0.0.0.0" ? "127.0.0.1" : hostname;
  const late = new AbortController();
  const done = new AbortController();
  clock.sleep(ANSWER_TIME, done.signal).then(() => late.abort());
  try {
    const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}${HEALTHY}`;
    const response = await fetch(url, { signal: late.signal, redirect: "manual" });
    return response.status === 200 && (await response.text()) === HEALTHY_TEXT;
  } catch {
    const text = await answerOverTls({ host, port, signal: late.signal });
    return /^HTTP\/1\.1 200 /.test(text) && text.includes(`\r\n\r\n${HEALTHY_TEXT}`);
  } finally {
    done.abort();
  }
}

const [HEALTHY, HEALTHY_TEXT] = ["/-/healthy", "healthy\n"];

/** What it answers, headers and all; whose the certificate is does not matter, as nothing secret is sent. */
async function answerOverTls(
  { host, port, signal }: { readonly host: string; readonly port: number; readonly signal: AbortSignal },
): Promise<string> {
  return await new Promise((resolve) => {
    let text = "";
    const socket = connect({ host, port, servername: "localhost", rejectUnauthorized: false }, () => {
      socket.write(`GET ${HEALTHY} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
    });
    socket.on("data", (bytes: Uint8Array) => text += new TextDecoder().decode(bytes));
    for (const end of ["end", "error", "close"]) socket.on(end, () => resolve(text));
    const giveUp = (): unknown => socket.destroy();
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp);
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
