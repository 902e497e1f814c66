import { isRunning } from "../faults/processes.ts";

/** A process of the stand-in. */
export interface Logged {
  readonly operation: string;
  readonly pid: number;
  /** Unix seconds. */
  readonly start: number;
  readonly grandchild: boolean;
}

/** The growing log of runs. */
export interface RunsLog {
  /** Reads what is new. */
  poll(): void;
  /** How many runs began, by operation; all of them without one. */
  count(operation?: string): number;
  /** When runs of an operation began since a moment; Unix seconds. */
  starts(operation: string, since: number): number[];
  /** Those that still run, at the last poll or since. */
  alive(): Logged[];
}

/** Follows a log of runs. */
export function followRuns(path: string): RunsLog {
  const runs: Logged[] = [];
  const counts = new Map<string, number>();
  let candidates: Logged[] = [];
  let read = 0;
  let rest = "";
  return {
    poll() {
      const text = rest + readFrom(path, read, (bytes) => read += bytes);
      const lines = text.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const [, kind, operation = "", pid, start] = /^(GRANDCHILD |END |)([\w-]+) (\d+) ([\d.]+)/.exec(line) ?? [];
        if (pid === undefined || kind === "END ") continue;
        const logged = { operation, pid: Number(pid), start: Number(start), grandchild: kind !== "" };
        candidates.push(logged);
        if (logged.grandchild) continue;
        runs.push(logged);
        counts.set(operation, (counts.get(operation) ?? 0) + 1);
      }
      candidates = candidates.filter(({ pid }) => isRunning(pid));
    },
    count: (operation) => operation === undefined ? runs.length : counts.get(operation) ?? 0,
    starts: (operation, since) =>
      runs.filter((run) => run.operation === operation && run.start >= since).map(({ start }) => start),
    alive: () => candidates = candidates.filter(({ pid }) => isRunning(pid)),
  };
}

function readFrom(path: string, offset: number, advance: (bytes: number) => void): string {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path);
  } catch {
    return "";
  }
  try {
    file.seekSync(offset, Deno.SeekMode.Start);
    const buffer = new Uint8Array(256 * 1024);
    const count = file.readSync(buffer) ?? 0;
    advance(count);
    return new TextDecoder().decode(buffer.subarray(0, count));
  } finally {
    file.close();
  }
}
