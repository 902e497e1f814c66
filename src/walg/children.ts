/** The commands that have not ended. */
export const RUNNING = new Set<Deno.ChildProcess>();

/** Ends all commands at once, for an exporter that exits without waiting for them. */
export function killRunning(): void {
  for (const child of RUNNING) kill(child, "SIGKILL");
}

/** Sends a signal to a command, if it has not ended already. */
export function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended.
  }
}
