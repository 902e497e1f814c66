import type { Clock } from "../base/clock.ts";

/** How often descriptors are counted, milliseconds. */
const EVERY = 500;
/** Fewer than these are too few: a run of wal-g takes as many for a moment. */
const SPARE = 8;

/**
 * Resolves with what to tell the operator once hardly a file descriptor is left; never, if that cannot be found out.
 *
 * At the limit Deno.serve stops listening for good, but tells of it only when the last idle connection is gone.
 */
export async function whenExhausted({ clock, signal }: { clock: Clock; signal: AbortSignal }): Promise<string> {
  while (!signal.aborted) {
    await clock.sleep(EVERY, signal);
    const fault = openSome();
    if (fault === undefined) continue;
    if (!/os error 2[34]\b/.test(fault)) break;
    return `${fault}: connections hold them; raise the limit (LimitNOFILE= of the unit, ulimit -n)`;
  }
  return await new Promise<never>(() => {});
}

/** Why the spare descriptors cannot be had; undefined if they can. */
function openSome(): string | undefined {
  const files: Deno.FsFile[] = [];
  try {
    for (let n = 0; n < SPARE; n++) files.push(Deno.openSync("/dev/null"));
    return undefined;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replace(/: open '.*'$/, "");
  } finally {
    for (const file of files) file.close();
  }
}
