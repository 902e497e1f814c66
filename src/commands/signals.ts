import type { Log } from "../base/log.ts";
import { killRunning } from "../walg/command.ts";

/** Whether a command that runs wal-g was asked to end early. */
export interface Interrupt {
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** The signal that came, once one has. */
  readonly received: Deno.Signal | undefined;
  /** The exit status of a process that a signal ended: 130 for SIGINT, 143 for SIGTERM. */
  readonly exitStatus: number;
  /** Stops listening. */
  release(): void;
}

const STATUS = new Map<Deno.Signal, number>([["SIGINT", 130], ["SIGTERM", 143]]);

/** Listens for the signals that end a command, so that the wal-g it runs is ended with it; a second one exits at once. */
export function listenForInterrupt(): Interrupt {
  const controller = new AbortController();
  let received: Deno.Signal | undefined;
  const exitStatus = (): number => STATUS.get(received ?? "SIGINT") ?? 1;
  const handlers = [...STATUS.keys()].map((signal) => {
    const handle = (): void => {
      if (received !== undefined) {
        killRunning();
        Deno.exit(exitStatus());
      }
      received = signal;
      controller.abort();
    };
    Deno.addSignalListener(signal, handle);
    return () => Deno.removeSignalListener(signal, handle);
  });
  return {
    signal: controller.signal,
    get received() {
      return received;
    },
    get exitStatus() {
      return exitStatus();
    },
    release: () => handlers.forEach((remove) => remove()),
  };
}

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
