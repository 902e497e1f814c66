import assert from "node:assert/strict";
import fc from "fast-check";
import { createPlaces, type Leave, type Places } from "../../src/operations/places.ts";

const never = new AbortController().signal;
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Asks for a place and notes when it is had. */
function ask(
  places: Places,
  cluster: string,
  order: string[],
  options: { operation?: string; urgent?: boolean; signal?: AbortSignal } = {},
) {
  const entered = places.of(cluster)({ urgent: false, signal: never, ...options });
  entered.then((leave) => leave && order.push(cluster));
  return entered;
}

async function leaving(entered: Promise<Leave | undefined>, timedOut = false): Promise<void> {
  (await entered)?.(timedOut);
  await turn();
}

Deno.test("places: a cluster has one at most, whatever waits", async () => {
  const places = createPlaces(4, { monotonic: () => 0 });
  const order: string[] = [];
  const runs = Array.from({ length: 3 }, () => ask(places, "hung", order));
  const other = ask(places, "well", order);
  await turn();
  assert.deepEqual(order, ["hung", "well"]);
  assert.deepEqual([places.running, places.waiting], [2, 2]);
  await leaving(other);
  assert.deepEqual([places.running, places.waiting], [1, 2], "an empty place is no reason for a second one");
  await leaving(runs[0] as Promise<Leave>);
  assert.deepEqual(order, ["hung", "well", "hung"]);
});

Deno.test("places: the cluster whose last run began the longest ago is next, urgent runs before all", async () => {
  const places = createPlaces(1, { monotonic: () => 0 });
  const order: string[] = [];
  const asked = ["a", "a", "a", "b", "c"].map((cluster) => ask(places, cluster, order));
  asked.push(ask(places, "d", order, { urgent: true }));
  for (const index of [5, 0, 3, 4, 1, 2]) await leaving(asked[index] as Promise<Leave>);
  assert.deepEqual(order, ["d", "a", "b", "c", "a", "a"]);
});

Deno.test("places: runs of what timed out the last time have half of the places, however many they are", async () => {
  const places = createPlaces(4, { monotonic: () => 0 });
  const order: string[] = [];
  const slow = ["s1", "s2", "s3", "s4"];
  for (const cluster of slow) await leaving(ask(places, cluster, order), true);
  order.length = 0;
  const again = slow.map((cluster) => ask(places, cluster, order));
  await turn();
  assert.deepEqual(order, ["s1", "s2"]);
  const others = ["a", "b", "c"].map((cluster) => ask(places, cluster, order));
  await turn();
  assert.deepEqual(order, ["s1", "s2", "a", "b"]);
  await leaving(others[0] as Promise<Leave>);
  assert.deepEqual(order.slice(4), ["c"], "and not a third slow one");
  await leaving(again[0] as Promise<Leave>, false);
  assert.deepEqual(order.slice(5), ["s3"]);
});

Deno.test("places: an operation that hangs in each cluster stays slow while the others answer, and delays none of them", async () => {
  const places = createPlaces(4, { monotonic: () => 0 });
  const order: string[] = [];
  const clusters = ["c1", "c2", "c3", "c4", "c5"];
  for (const cluster of clusters) {
    await leaving(ask(places, cluster, order, { operation: "wal-verify" }), true);
    await leaving(ask(places, cluster, order, { operation: "storage-check" }));
  }
  order.length = 0;
  const hanging = clusters.map((cluster) => ask(places, cluster, order, { operation: "wal-verify" }));
  await turn();
  assert.deepEqual(order, ["c1", "c2"], "half of the places");
  const good = ["c3", "c4", "c5", "well"].map((cluster) => ask(places, cluster, order, { operation: "storage-check" }));
  for (const run of good) await leaving(run);
  assert.deepEqual(order.slice(2).toSorted(), ["c3", "c4", "c5", "well"]);
  places.forget("c5");
  await leaving(ask(places, "well", order, { operation: "storage-check" }));
  assert.deepEqual(order.slice(6), ["c5", "well"], "of a cluster that was forgotten, nothing is slow");
  assert.equal(places.waiting, 2);
  await leaving(hanging[4] as Promise<Leave>, true);
  await leaving(hanging[0] as Promise<Leave>, true);
  assert.deepEqual(order.slice(8), ["c3"], "and not a third one");
});

Deno.test("places: one is enough for slow runs, too, and what answers again is slow no more", async () => {
  const places = createPlaces(1, { monotonic: () => 0 });
  const order: string[] = [];
  await leaving(ask(places, "slow", order), true);
  await leaving(ask(places, "slow", order), false);
  assert.deepEqual(order, ["slow", "slow"]);
});

Deno.test("places: who gives up waits no more and takes no place; the longest wait is told", async () => {
  let now = 1000;
  const places = createPlaces(1, { monotonic: () => now });
  const order: string[] = [];
  const stop = new AbortController();
  const first = ask(places, "a", order);
  const second = ask(places, "b", order, { signal: stop.signal });
  now = 1500;
  const third = ask(places, "c", order);
  await turn();
  now = 1700;
  assert.deepEqual([places.waiting, places.longestWait()], [2, 700]);
  stop.abort();
  assert.equal(await second, undefined);
  assert.deepEqual([places.waiting, places.longestWait()], [1, 200]);
  await leaving(first);
  await leaving(third);
  assert.deepEqual([order, places.running, places.longestWait()], [["a", "c"], 0, 0]);
  assert.equal(await ask(places, "d", order, { signal: stop.signal }), undefined);
});

Deno.test("places: never more than there are, never two of a cluster, and everybody gets one in the end", async () => {
  const request = fc.record({ cluster: fc.integer({ min: 0, max: 9 }), urgent: fc.boolean(), timesOut: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(request, { maxLength: 60 }), async (limit, requests) => {
      const places = createPlaces(limit, { monotonic: () => 0 });
      const running = new Map<number, number>();
      let served = 0;
      await Promise.all(requests.map(async ({ cluster, urgent, timesOut }) => {
        const leave = await places.of(`c${cluster}`)({ urgent, signal: never });
        running.set(cluster, (running.get(cluster) ?? 0) + 1);
        assert.equal(running.get(cluster), 1);
        assert.ok([...running.values()].reduce((sum, count) => sum + count, 0) <= limit);
        await Promise.resolve();
        running.set(cluster, 0);
        served++;
        leave?.(timesOut);
      }));
      assert.equal(served, requests.length);
      assert.deepEqual([places.running, places.waiting], [0, 0]);
    }),
  );
});
