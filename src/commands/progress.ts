import type { Host } from "../base/host.ts";

/** Shows on a terminal what is running and for how long; shows nothing where stderr is not a terminal. */
export interface Progress extends Disposable {
  /** Call it when something starts, and the function it returns when that has ended. */
  start(what: string): () => void;
  /** Takes the line away while something else is written, so that the two do not mix. */
  clear(): void;
  /** Takes the line away for good. */
  close(): void;
}

/** What is over sooner is not worth a line, milliseconds. */
const FIRST_AFTER = 500;
const EVERY = 1000;

/** A progress line on stderr. */
export function createProgress({ clock, stderr, stderrIsTerminal }: Host): Progress {
  if (!stderrIsTerminal) return { start: () => () => {}, clear: () => {}, close: () => {}, [Symbol.dispose]: () => {} };
  const running = new Map<symbol, { readonly what: string; readonly since: number }>();
  const closed = new AbortController();
  let shown = 0;
  const clear = (): void => {
    if (shown > 0) stderr(`\r${" ".repeat(shown)}\r`);
    shown = 0;
  };
  const show = (): void => {
    clear();
    const line = progressLine([...running.values()], clock.monotonic());
    // Not to the last column: there a terminal would wrap, and one return would not lead back.
    const text = line.slice(0, 79);
    stderr(text);
    shown = text.length;
  };
  const tick = async (): Promise<void> => {
    await clock.sleep(FIRST_AFTER, closed.signal);
    while (!closed.signal.aborted) {
      show();
      await clock.sleep(EVERY, closed.signal);
    }
  };
  const close = (): void => {
    closed.abort();
    clear();
  };
  tick();
  return {
    start(what) {
      const key = Symbol(what);
      running.set(key, { what, since: clock.monotonic() });
      return () => running.delete(key);
    },
    clear,
    close,
    [Symbol.dispose]: close,
  };
}

/** Such as `running backup-list 12 s, wal-verify 12 s`; "" when nothing runs. Times are monotonic milliseconds. */
export function progressLine(
  running: readonly { readonly what: string; readonly since: number }[],
  now: number,
): string {
  const parts = running.map(({ what, since }) => `${what} ${Math.floor((now - since) / 1000)} s`);
  return parts.length === 0 ? "" : `running ${parts.join(", ")}`;
}
