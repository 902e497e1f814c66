import assert from "node:assert/strict";
import fc from "fast-check";
import { type Authenticator, createAuthenticator, type Users } from "../../src/web/auth.ts";
import { bcryptCost } from "../../src/web/web_config.ts";

const USERS: Users = new Map([["alice", "$2y$10$A"], ["bob", "$2y$12$B"]]);
const PASSWORDS = new Map([["$2y$10$A", "a1"], ["$2y$12$B", "b:2"], ["$2y$10$C", "c3"]]);

interface Bench {
  readonly authenticator: Authenticator;
  /** Every comparison asked for, as `password hash`. */
  readonly compared: string[];
  /** Lets the comparison that runs, and all later ones, end. */
  release(): void;
}

/** An authenticator with a compare that looks passwords up; `held` ones wait for `release`. */
function bench({ users = USERS, held = false }: { users?: Users; held?: boolean } = {}): Bench {
  const compared: string[] = [];
  const gate = Promise.withResolvers<void>();
  if (!held) gate.resolve();
  const authenticator = createAuthenticator({
    users,
    compare: async (password, hash) => {
      compared.push(`${password} ${hash}`);
      await gate.promise;
      return PASSWORDS.get(hash) === password;
    },
  });
  return { authenticator, compared, release: () => gate.resolve() };
}

function basic(user: string, password: string): string {
  return "Basic " + new TextEncoder().encode(`${user}:${password}`).toBase64();
}

Deno.test("without users everyone passes", async () => {
  const { authenticator } = bench({ users: new Map() });
  assert.equal(authenticator.checkCached(null), "open");
  assert.equal(await authenticator.check("nonsense"), "open");
});

Deno.test("the right password passes, anything else does not", async () => {
  const { authenticator } = bench();
  for (
    const [header, expected] of [
      [basic("alice", "a1"), "ok"],
      [basic("bob", "b:2"), "ok"],
      [basic("alice", "b:2"), "denied"],
      [basic("alice", ""), "denied"],
      [basic("carol", "a1"), "denied"],
      [basic("", "a1"), "denied"],
      [basic("alice", "a1").replace("Basic", "bAsIc"), "ok"],
      [basic("alice", "a1").replace("Basic", "Bearer"), "denied"],
    ] as const
  ) {
    assert.equal(await authenticator.check(header), expected, header);
    assert.equal(authenticator.checkCached(header), expected, header);
  }
});

Deno.test("headers that are no credentials are refused without bcrypt", async () => {
  const { authenticator, compared } = bench();
  for (
    const header of [
      null,
      "",
      "Basic",
      "Basic ",
      "Basic !!!!",
      "Basic " + btoa("no colon"),
      "Basic " + btoa("\xff\xfe:x"),
      basic("alice", "x".repeat(4000)),
    ]
  ) {
    assert.equal(authenticator.checkCached(header), "denied");
    assert.equal(await authenticator.check(header), "denied");
  }
  assert.deepEqual(compared, []);
});

Deno.test("known credentials, right or wrong, cost no second bcrypt", async () => {
  const { authenticator, compared } = bench();
  for (const header of [basic("alice", "a1"), basic("alice", "wrong"), basic("nobody", "x")]) {
    assert.equal(authenticator.checkCached(header), undefined);
    const first = await authenticator.check(header);
    assert.equal(authenticator.checkCached(header), first);
    assert.equal(await authenticator.check(header), first);
  }
  assert.equal(compared.length, 3);
});

Deno.test("the same credentials at the same time share one run", async () => {
  const { authenticator, compared, release } = bench({ held: true });
  const results = Array.from({ length: 20 }, () => authenticator.check(basic("alice", "a1")));
  release();
  assert.deepEqual(new Set(await Promise.all(results)), new Set(["ok"]));
  assert.equal(compared.length, 1);
});

Deno.test("an unknown user costs the run of some real one, the same for one name", async () => {
  const { authenticator, compared } = bench();
  for (let i = 0; i < 40; i++) await authenticator.check(basic(`nobody${i % 20}`, `x${i}`));
  const costs = compared.map((call) => call.split(" ")[1]?.slice(0, 7));
  assert.deepEqual(new Set(costs), new Set(["$2y$10$", "$2y$12$"]));
  assert.deepEqual(costs.slice(0, 20), costs.slice(20));
  for (const call of compared) {
    assert.match(call, /^x\d+ \$2y\$1[02]\$[./A-Za-z0-9]{53}$/);
    // Anything but a whole hash would be refused without bcrypt, in no time.
    assert.ok(bcryptCost(call.split(" ")[1] ?? ""));
  }
});

Deno.test("nine are checked at once at most, further ones are refused without bcrypt", async () => {
  const { authenticator, compared, release } = bench({ held: true });
  const waiting = Array.from({ length: 9 }, (_, i) => authenticator.check(basic("alice", `wrong${i}`)));
  assert.equal(await authenticator.check(basic("alice", "a1")), "busy");
  assert.equal(await authenticator.check(basic("nobody", "x")), "busy");
  assert.equal(compared.length, 9);
  release();
  assert.deepEqual(new Set(await Promise.all(waiting)), new Set(["denied"]));
  assert.equal(compared.length, 9);
  assert.equal(await authenticator.check(basic("alice", "a1")), "ok");
});

Deno.test("who is known passes while the queue is full", async () => {
  let hold: Promise<void> = Promise.resolve();
  const gate = Promise.withResolvers<void>();
  const authenticator = createAuthenticator({
    users: USERS,
    compare: async (password, hash) => {
      await hold;
      return PASSWORDS.get(hash) === password;
    },
  });
  assert.equal(await authenticator.check(basic("alice", "a1")), "ok");
  hold = gate.promise;
  const guesses = Array.from({ length: 2000 }, (_, i) => authenticator.check(basic("alice", `guess${i}`)));
  assert.equal(authenticator.checkCached(basic("alice", "a1")), "ok");
  assert.equal(await authenticator.check(basic("alice", "a1")), "ok");
  gate.resolve();
  const results = await Promise.all(guesses);
  assert.equal(results.filter((result) => result === "busy").length, 1991);
  assert.equal(results.filter((result) => result === "denied").length, 9);
});

Deno.test("only so many refused credentials are remembered, the last used ones", async () => {
  const authenticator = createAuthenticator({ users: USERS, maxDenied: 3, compare: () => Promise.resolve(false) });
  for (const password of ["1", "2", "3"]) await authenticator.check(basic("alice", password));
  assert.equal(authenticator.checkCached(basic("alice", "1")), "denied");
  await authenticator.check(basic("alice", "4"));
  const known = ["1", "2", "3", "4"].map((password) => authenticator.checkCached(basic("alice", password)));
  assert.deepEqual(known, ["denied", undefined, "denied", "denied"]);
});

Deno.test("replaced users count at once; who stays with the same hash stays known", async () => {
  const { authenticator } = bench();
  for (const [user, password] of [["alice", "a1"], ["bob", "b:2"]] as const) {
    await authenticator.check(basic(user, password));
  }
  await authenticator.check(basic("bob", "c3"));
  authenticator.replaceUsers(new Map([["alice", "$2y$10$A"], ["bob", "$2y$10$C"]]));
  assert.equal(authenticator.checkCached(basic("alice", "a1")), "ok");
  assert.equal(authenticator.checkCached(basic("bob", "b:2")), undefined);
  assert.equal(await authenticator.check(basic("bob", "b:2")), "denied");
  assert.equal(await authenticator.check(basic("bob", "c3")), "ok");
});

Deno.test("a run that began before the users were replaced lets nobody in", async () => {
  const { authenticator, release } = bench({ held: true });
  const old = authenticator.check(basic("alice", "a1"));
  authenticator.replaceUsers(new Map([["bob", "$2y$12$B"]]));
  release();
  assert.equal(await old, "denied");
  authenticator.replaceUsers(USERS);
  assert.equal(authenticator.checkCached(basic("alice", "a1")), undefined);
  assert.equal(await authenticator.check(basic("alice", "a1")), "ok");
});

Deno.test("what cannot be checked is neither let in nor remembered as refused, and stops no other", async () => {
  const authenticator = createAuthenticator({
    users: USERS,
    compare: (password) => password === "x" ? Promise.reject(new Error("broken")) : Promise.resolve(true),
  });
  const broken = authenticator.check(basic("alice", "x"));
  const sound = authenticator.check(basic("alice", "y"));
  assert.equal(await broken, "unavailable");
  assert.equal(await sound, "ok");
  assert.equal(authenticator.checkCached(basic("alice", "x")), undefined);
});

Deno.test("any user and password pass as written, and no neighbour of them does", async () => {
  const text = fc.string({ unit: "grapheme", maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(text.filter((user) => !user.includes(":")), text, text, async (user, password, other) => {
      const authenticator = createAuthenticator({
        users: new Map([[user, "$2y$10$A"]]),
        compare: (given) => Promise.resolve(given === password),
      });
      assert.equal(await authenticator.check(basic(user, password)), "ok");
      const expected = other === password ? "ok" : "denied";
      assert.equal(await authenticator.check(basic(user, other)), expected);
      assert.equal(authenticator.checkCached(basic(user, other)), expected);
      assert.equal(authenticator.checkCached(basic(user, password)), "ok");
    }),
  );
});
