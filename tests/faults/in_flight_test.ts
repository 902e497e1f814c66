import assert from "node:assert/strict";
import { createInFlight, type Place } from "../../src/web/in_flight.ts";
import { createManualClock } from "./manual_clock.ts";

const never = (): Promise<void> => new Promise(() => {});

function held(place: Place | undefined): Place | undefined {
  place?.hold();
  return place;
}

Deno.test("an answer that holds no place keeps nobody out", () => {
  const inFlight = createInFlight(1, createManualClock(0));
  for (let n = 0; n < 3; n++) assert.ok(inFlight.enter(never));
  assert.ok(held(inFlight.enter(never)));
  assert.equal(inFlight.enter(never), undefined);
});

Deno.test("readers that read keep their places; one that took nothing for long loses it", async () => {
  const clock = createManualClock(0);
  const inFlight = createInFlight(3, clock);
  const lost: number[] = [];
  const places = [0, 1, 2].map((n) => {
    const place = inFlight.enter(never);
    place?.whenLost(() => lost.push(n));
    return place;
  });
  assert.equal(inFlight.enter(never), undefined, "all were taken just now");
  await clock.advance(200);
  places[0]?.taken();
  places[2]?.taken();
  await clock.advance(100);
  assert.ok(held(inFlight.enter(never)), "1 has taken nothing for 300 ms");
  assert.deepEqual(lost, [1]);
  assert.equal(inFlight.enter(never), undefined, "the others took something 100 ms ago");
  await clock.advance(1000);
  assert.ok(held(inFlight.enter(never)));
  assert.deepEqual(lost.length, 2);
});

Deno.test("an answer that was sent, or whose reader has gone, leaves its place once", async () => {
  const inFlight = createInFlight(1, createManualClock(0));
  for (const sent of [() => Promise.resolve(), () => Promise.reject(new Error("gone"))]) {
    assert.ok(held(inFlight.enter(sent)));
    assert.equal(inFlight.enter(never), undefined);
    await new Promise((resolve) => void setTimeout(resolve, 0));
  }
  assert.ok(held(inFlight.enter(never)));
});

Deno.test("without a limit all enter", () => {
  const inFlight = createInFlight(0, createManualClock(0));
  for (let n = 0; n < 1000; n++) assert.ok(held(inFlight.enter(never)));
});

Deno.test("a request that finds no place waits a moment for one that is left", async () => {
  const clock = createManualClock(0);
  const inFlight = createInFlight(1, clock);
  const sent = Promise.withResolvers<void>();
  assert.ok(held(inFlight.enter(() => sent.promise)));
  const first = inFlight.enterSoon(never);
  const second = inFlight.enterSoon(never);
  await clock.advance(10);
  sent.resolve();
  assert.ok(held(await first));
  await clock.advance(20);
  assert.equal(await second, undefined, "the place was taken by the first");
});
