import { pause } from "../tests/support/exporter.ts";

/** A server under load, as a process of its own. */
export interface Served {
  readonly url: string;
  readonly pid: number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Clock ticks of `/proc/PID/stat` in a second: 100 on every Linux that Deno runs on. */
const TICKS = 100;

/** CPU time of a process so far, its children's not counted: seconds, in steps of 0.01. */
export function cpuSeconds(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The name in brackets may hold anything: fields are counted from behind it; utime and stime are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Memory of a process, bytes. */
export interface Memory {
  /** What it alone holds (`RssAnon`). */
  readonly anonymous: number;
  /** With the pages of its executable that are in memory (`VmRSS`). */
  readonly resident: number;
  /** The most that was ever resident (`VmHWM`). */
  readonly peak: number;
}

/** The memory of a process now. */
export function memoryOf(pid: number): Memory {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const bytes = (name: string): number => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]);
  return { anonymous: bytes("RssAnon"), resident: bytes("VmRSS"), peak: bytes("VmHWM") };
}

/** Does some work, looking at the memory of a process meanwhile; resolves to the most that was seen of each. */
export async function memoryDuring(pid: number, work: () => Promise<void>): Promise<Memory> {
  let most = memoryOf(pid);
  const look = (): void => {
    const now = memoryOf(pid);
    most = {
      anonymous: Math.max(most.anonymous, now.anonymous),
      resident: Math.max(most.resident, now.resident),
      peak: now.peak,
    };
  };
  const timer: ReturnType<typeof setInterval> = setInterval(look, 25);
  try {
    await work();
    look();
  } finally {
    clearInterval(timer);
  }
  return most;
}

/** Resolves once a process has used no CPU for 0.3 s. */
export async function quiet(pid: number): Promise<void> {
  let since = cpuSeconds(pid);
  for (let still = 0; still < 3;) {
    await pause(100);
    const now = cpuSeconds(pid);
    still = now === since ? still + 1 : 0;
    since = now;
  }
}
