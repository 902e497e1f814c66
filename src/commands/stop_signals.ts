import type { Log } from "../log.ts";
import { killRunning } from "../walg/children.ts";

const STOP: readonly Deno.Signal[] = ["SIGTERM", "SIGINT"];

/** The signals that the exporter obeys. */
export interface Signals {
  /** Resolves with the signal that asks the exporter to stop; a second one exits at once. */
  readonly stop: Promise<Deno.Signal>;
  /** Says what SIGHUP does; before, it does nothing. */
  onHangup(run: () => void): void;
}

/** Obeys signals from here on: a signal that comes while the exporter starts must not be lost. */
export function obeySignals(log: Log): Signals {
  let hangup: (() => void) | undefined;
  Deno.addSignalListener("SIGHUP", () => {
    if (hangup === undefined) return;
    log.info("running every operation now", { signal: "SIGHUP" });
    hangup();
  });
  const stop = new Promise<Deno.Signal>((resolve) => {
    let stopping = false;
    for (const signal of STOP) {
      Deno.addSignalListener(signal, () => {
        if (stopping) exitNow();
        stopping = true;
        resolve(signal);
      });
    }
  });
  return {
    stop,
    onHangup: (run) => {
      hangup = run;
    },
  };
}

function exitNow(): never {
  killRunning();
  Deno.exit(1);
}
