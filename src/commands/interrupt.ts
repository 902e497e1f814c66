import { killRunning } from "../walg/children.ts";

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
