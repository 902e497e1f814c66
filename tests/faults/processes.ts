/** A process as /proc shows it. */
export interface ProcessFigures {
  /** Private memory, bytes. */
  readonly anonymous: number;
  /** Open descriptors. */
  readonly descriptors: number;
}

/** The figures of a running process. */
export function figuresOf(pid: number): ProcessFigures {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const anonymous = Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  return { anonymous, descriptors: [...Deno.readDirSync(`/proc/${pid}/fd`)].length };
}

/** A child of another process. */
export interface Child {
  readonly pid: number;
  /** R, S, Z, …; Z has ended and nobody has asked how. */
  readonly state: string;
  /** Its command line; empty for a zombie. */
  readonly commandLine: string;
}

/** The children of a process, those of its threads too. */
export function childrenOf(pid: number): Child[] {
  return threadsOf(pid).flatMap((thread) => read(`/proc/${pid}/task/${thread}/children`).trim().split(" "))
    .filter((text) => text !== "")
    .map((text) => ({
      pid: Number(text),
      state: /^\d+ \(.*\) (\w)/s.exec(read(`/proc/${text}/stat`))?.[1] ?? "gone",
      commandLine: commandLineOf(Number(text)),
    }));
}

/** The command line of a process; empty for a zombie and for one that is not there. */
export function commandLineOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
}

/** Whether a process runs; a zombie does not. */
export function isRunning(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  return stat !== "" && !/^\d+ \(.*\) Z/s.test(stat);
}

function threadsOf(pid: number): string[] {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => name);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
