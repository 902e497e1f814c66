import type { Log } from "../log.ts";

const STOP: readonly Deno.Signal[] = ["SIGTERM", "SIGINT"];

/** Resolves with the signal that asks the exporter to stop; a second one exits at once. SIGHUP is told of. */
export function whenStopped({ onHangup, log }: { onHangup: () => void; log: Log }): Promise<Deno.Signal> {
  Deno.addSignalListener("SIGHUP", () => {
    log.info("running every operation now", { signal: "SIGHUP" });
    onHangup();
  });
  let stopping = false;
  return new Promise((resolve) => {
    for (const signal of STOP) {
      Deno.addSignalListener(signal, () => {
        if (stopping) Deno.exit(1);
        stopping = true;
        resolve(signal);
      });
    }
  });
}
