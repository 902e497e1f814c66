import { failed, ok, type StepResult } from "./step.ts";

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
  if (bad !== undefined) return failed(`${bad.address}: ${bad.error ?? bad.how}`, mendOf(bad));
  return ok(
    bindings.map(({ address, how }) => how === "free" ? `${address} is free` : `an exporter serves on ${address}`).join(
      ", ",
    ),
  );
}

function mendOf({ how, address }: Binding): string {
  switch (how) {
    case "in use": {
      const port = address.split(":").at(-1) ?? "";
      return `Stop what listens there ('ss -ltnp sport = :${port}' as root tells what), or choose another ` +
        "-web.listen-address. If it is this exporter with TLS or passwords, all is well.";
    }
    case "no such address":
      return "Choose an address that this machine has, or :PORT for all of them.";
    case "not allowed":
      return "Choose a port from 1024 on: those below are root's.";
    default:
      return "Correct -web.listen-address: HOST:PORT, such as :9351 or 127.0.0.1:9351.";
  }
}
