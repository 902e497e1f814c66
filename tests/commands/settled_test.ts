import assert from "node:assert/strict";
import { collectOnceSettled } from "../../src/commands/settled.ts";

/** The seconds at which something was collected for the first time, and at which no more was waited for. */
async function moments({ settledAt, stopAt = Infinity }: { settledAt: number; stopAt?: number }) {
  let now = 0;
  const stop = new AbortController();
  const seen: number[] = [];
  const sleep = (ms: number): Promise<void> => {
    now += ms / 1000;
    if (now >= stopAt) stop.abort();
    return Promise.resolve();
  };
  await collectOnceSettled({
    isSettled: () => now >= settledAt,
    onSettled: () => void seen.push(now),
    clock: { now: () => now * 1000, monotonic: () => now * 1000, sleep },
    signal: stop.signal,
  });
  return { seen, end: now };
}

Deno.test("the start's memory is collected once the first runs are shown, or after ten seconds", async () => {
  assert.deepEqual(await moments({ settledAt: 0 }), { seen: [0.5], end: 0.5 });
  assert.deepEqual(await moments({ settledAt: 3 }), { seen: [3.5], end: 3.5 });
  assert.deepEqual(await moments({ settledAt: 600 }), { seen: [10], end: 600.5 });
});

Deno.test("an exporter that stops before collects nothing", async () => {
  assert.deepEqual(await moments({ settledAt: 3, stopAt: 2 }), { seen: [], end: 2 });
});
