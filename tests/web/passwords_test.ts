import assert from "node:assert/strict";
import { hashSync } from "bcryptjs";
import { systemClock } from "../../src/base/clock.ts";
import { createPasswordChecker, type PasswordChecker, type PasswordWorker } from "../../src/web/passwords.ts";
import { createManualClock, type ManualClock } from "../faults/manual_clock.ts";

/** Published with crypt_blowfish, jBCrypt, htpasswd's and PHP's manuals. */
const VECTORS: readonly (readonly [password: string, hash: string])[] = [
  ["U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"],
  ["U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"],
  ["U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"],
  ["", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"],
  ["a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"],
  ["abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"],
  ["abcdefghijklmnopqrstuvwxyz", "$2a$06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC"],
  ["~!@#$%^&*()      ~!@#$%^&*()PNBFRD", "$2a$06$fPIsBO8qRqkjj273rfaOI.HtSV9jLDpTbZn782DC6/t7qT67P6FfO"],
  ["rasmuslerdorf", "$2a$07$usesomesillystringfore2uDLvp1Ii2e./U9C8sBjqp8I90dH6hi"],
  ["allmine", "$2a$10$XajjQvNhvvRt5GSeFk1xFeyqRrsxkhBkUiQeg0dt.wU1qD4aFDcga"],
  ["fakepassword", "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi"],
];

async function withWorker(use: (passwords: PasswordChecker) => Promise<void>): Promise<void> {
  const passwords = createPasswordChecker({ clock: systemClock, onFault: assert.fail });
  try {
    await use(passwords);
  } finally {
    passwords.end();
  }
}

Deno.test("published vectors, through the worker", () =>
  withWorker(async ({ compare }) => {
    for (const [password, hash] of VECTORS) {
      assert.equal(await compare(password, hash), true, hash);
      assert.equal(await compare(`${password} `, hash), false, hash);
    }
  }));

Deno.test("only the first 72 bytes of a password count", () =>
  withWorker(async ({ compare }) => {
    const hash = hashSync("é".repeat(36), 4);
    assert.equal(await compare("é".repeat(36) + "more", hash), true);
    assert.equal(await compare("é".repeat(35), hash), false);
  }));

Deno.test("the event loop goes on while a password is checked", () =>
  withWorker(async ({ compare }) => {
    let turns = 0;
    const counting = setInterval(() => turns++, 0);
    assert.equal(await compare("password", hashSync("password", 10)), true);
    clearInterval(counting);
    assert.ok(turns > 10, `${turns} turns`);
  }));

Deno.test("what makes the worker fail rejects, is reported once, and the next check has a new worker", async () => {
  const faults: string[] = [];
  const clock = createManualClock(0);
  const passwords = createPasswordChecker({ clock, onFault: (error) => faults.push(error) });
  try {
    // bcryptjs throws at this; the web config lets no such hash pass.
    const check = passwords.compare("password", "$9x$10$" + "a".repeat(53));
    await assert.rejects(check);
    assert.equal(faults.length, 1);
    await clock.advance(1000);
    assert.equal(await passwords.compare("abc", VECTORS[5]?.[1] ?? ""), true);
  } finally {
    passwords.end();
  }
});

class FakeWorker implements PasswordWorker {
  onmessage: PasswordWorker["onmessage"] = null;
  onerror: PasswordWorker["onerror"] = null;
  readonly asked: string[] = [];
  terminated = false;

  postMessage([password]: readonly string[]): void {
    this.asked.push(password ?? "");
  }

  terminate(): void {
    this.terminated = true;
  }

  answer(matches: boolean): void {
    this.onmessage?.call(this as unknown as Worker, new MessageEvent("message", { data: matches }));
  }

  die(message: string): ErrorEvent {
    const event = new ErrorEvent("error", { message, cancelable: true });
    this.onerror?.call(this as unknown as Worker, event);
    return event;
  }
}

interface Bench {
  readonly passwords: PasswordChecker;
  readonly clock: ManualClock;
  /** Every worker that was started. */
  readonly workers: FakeWorker[];
  readonly faults: string[];
}

function bench(start: () => FakeWorker = () => new FakeWorker()): Bench {
  const clock = createManualClock(0);
  const workers: FakeWorker[] = [];
  const faults: string[] = [];
  const startWorker = (): FakeWorker => {
    const worker = start();
    workers.push(worker);
    return worker;
  };
  const passwords = createPasswordChecker({ clock, onFault: (error) => faults.push(error), startWorker });
  return { passwords, clock, workers, faults };
}

Deno.test("the worker starts with the first password and ends when it has been idle for 30 s", async () => {
  const { passwords, clock, workers } = bench();
  assert.equal(workers.length, 0);
  const first = passwords.compare("a", "hash");
  await clock.advance(29_000);
  workers[0]?.answer(true);
  assert.equal(await first, true);
  await clock.advance(29_000);
  const second = passwords.compare("b", "hash");
  workers[0]?.answer(false);
  assert.equal(await second, false);
  await clock.advance(29_999);
  assert.equal(workers[0]?.terminated, false);
  await clock.advance(1);
  assert.equal(workers[0]?.terminated, true);
  const third = passwords.compare("c", "hash");
  workers[1]?.answer(true);
  assert.equal(await third, true);
  assert.deepEqual(workers.map(({ asked }) => asked), [["a", "b"], ["c"]]);
  passwords.end();
});

Deno.test("answers belong to the questions in their order", async () => {
  const { passwords, workers } = bench();
  const checks = ["a", "b", "c"].map((password) => passwords.compare(password, "hash"));
  for (const matches of [false, true, false]) workers[0]?.answer(matches);
  assert.deepEqual(await Promise.all(checks), [false, true, false]);
  passwords.end();
});

Deno.test("a worker that dies takes the checks under way with it, and none of its answers counts any more", async () => {
  const { passwords, clock, workers, faults } = bench();
  const checks = ["a", "b"].map((password) => assert.rejects(passwords.compare(password, "hash"), /out of memory/));
  assert.equal(workers[0]?.die("out of memory").defaultPrevented, true);
  await Promise.all(checks);
  assert.equal(workers[0]?.terminated, true);
  await assert.rejects(passwords.compare("c", "hash"), /just failed/);
  assert.equal(workers.length, 1);
  await clock.advance(1000);
  const later = passwords.compare("d", "hash");
  workers[0]?.answer(true);
  workers[1]?.answer(false);
  assert.equal(await later, false);
  assert.deepEqual(faults, ["out of memory"]);
  passwords.end();
});

Deno.test("a worker that cannot start is reported once, until one has answered again", async () => {
  let broken = true;
  const { passwords, clock, workers, faults } = bench(() => {
    if (broken) throw new Error("no more threads");
    return new FakeWorker();
  });
  for (let n = 0; n < 3; n++) {
    await assert.rejects(passwords.compare("a", "hash"), /no more threads/);
    await clock.advance(1000);
  }
  assert.deepEqual(faults, ["Error: no more threads"]);
  broken = false;
  const check = passwords.compare("a", "hash");
  workers[0]?.answer(true);
  assert.equal(await check, true);
  workers[0]?.die("later");
  assert.deepEqual(faults, ["Error: no more threads", "later"]);
});

Deno.test("a worker that does not answer is given up", async () => {
  const { passwords, clock, workers, faults } = bench();
  const check = assert.rejects(passwords.compare("a", "hash"), /no answer within 60 s/);
  await clock.advance(60_000);
  await check;
  assert.equal(workers[0]?.terminated, true);
  assert.deepEqual(faults, ["no answer within 60 s"]);
});

Deno.test("nothing that was asked before the end is answered by a later worker", async () => {
  const { passwords, workers } = bench();
  const before = assert.rejects(passwords.compare("a", "hash"), /stops/);
  passwords.end();
  await before;
  const after = passwords.compare("b", "hash");
  workers[1]?.answer(true);
  assert.equal(await after, true);
  passwords.end();
});
