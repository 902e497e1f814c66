import type { Log } from "../base/log.ts";
import { killRunning } from "../walg/command.ts";

/** Whether a command that runs wal-g was asked to end early. */
export interface Interrupt extends Disposable {
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** The signal that came, once one has. */
  readonly received: Deno.Signal | undefined;
  /** The exit status of a process that a signal ended: 130 for SIGINT, 143 for SIGTERM. */
  readonly exitStatus: number;
}

const STATUS = new Map<Deno.Signal, number>([["SIGINT", 130], ["SIGTERM", 143]]);

/** Listens for the signals that end a command, so that the wal-g it runs is ended with it; a second one exits at once. */
export function listenForInterrupt(): Interrupt {
  const controller = new AbortController();
  let received: Deno.Signal | undefined;
  const exitStatus = (): number => STATUS.get(received ?? "SIGINT") ?? 1;
  const stopListening = onStop((signal) => {
    received = signal;
    controller.abort();
  }, exitStatus);
  return {
    signal: controller.signal,
    get received() {
      return received;
    },
    get exitStatus() {
      return exitStatus();
    },
    [Symbol.dispose]: stopListening,
  };
}

/** Calls `first` with the first SIGINT or SIGTERM; the second one exits at once. Returns what stops listening. */
function onStop(first: (signal: Deno.Signal) => void, exitStatus: () => number): () => void {
  let came = false;
  const handlers = [...STATUS.keys()].map((signal) => {
    const handle = (): void => {
      if (came) {
        killRunning();
        Deno.exit(exitStatus());
      }
      came = true;
      first(signal);
    };
    Deno.addSignalListener(signal, handle);
    return () => Deno.removeSignalListener(signal, handle);
  });
  return () => handlers.forEach((remove) => remove());
}

/** The signals that the exporter obeys. */
export interface Signals {
  /** Resolves with the signal that asks the exporter to stop; a second one exits at once. */
  readonly stop: Promise<Deno.Signal>;
  /** Says what SIGHUP does, with what the log says of it; before, it does nothing. */
  onHangup(message: string, run: () => void): void;
}

/** Obeys signals from here on: a signal that comes while the exporter starts must not be lost. */
export function obeySignals(log: Log): Signals {
  let hangup: { readonly message: string; readonly run: () => void } | undefined;
  Deno.addSignalListener("SIGHUP", () => {
    if (hangup === undefined) return;
    log.info(hangup.message, { signal: "SIGHUP" });
    hangup.run();
  });
  const stop = Promise.withResolvers<Deno.Signal>();
  onStop(stop.resolve, () => 1);
  return {
    stop: stop.promise,
    onHangup: (message, run) => {
      hangup = { message, run };
    },
  };
}
