import assert from "node:assert/strict";
import * as bcryptjs from "bcryptjs";
import fc from "fast-check";
import { bcryptCost, comparePassword } from "../../src/web/bcrypt.ts";
import { PI_FRACTION } from "../../src/web/bcrypt.ts";

// arctan(1/x) in fixed point, by Gregory's series.
function inverseTangent(x: bigint, one: bigint): bigint {
  let power = one / x;
  let sum = power;
  for (let n = 3n; power !== 0n; n += 2n) {
    power /= -x * x;
    sum += power / n;
  }
  return sum;
}

Deno.test("the tables are the fraction of π, by Machin's formula", () => {
  const one = 1n << BigInt(1042 * 32 + 64);
  const pi = 16n * inverseTangent(5n, one) - 4n * inverseTangent(239n, one);
  const hex = (pi % one >> 64n).toString(16).padStart(1042 * 8, "0");
  assert.equal(Uint8Array.fromBase64(PI_FRACTION).toHex(), hex);
});

Deno.test("hashes of bcryptjs are recognised, and no other password is", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme", maxLength: 40 }), fc.string(), async (password, other) => {
      const hash = bcryptjs.hashSync(password, 4);
      assert.equal(await comparePassword(password, hash), true);
      assert.equal(await comparePassword(other, hash), bcryptjs.compareSync(other, hash));
    }),
    { numRuns: 60 },
  );
});

Deno.test("hashes of htpasswd, PHP and Go", async () => {
  for (
    const [password, hash] of [
      ["fakepassword", "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi"],
      ["rasmuslerdorf", "$2a$07$usesomesillystringfore2uDLvp1Ii2e./U9C8sBjqp8I90dH6hi"],
      ["allmine", "$2a$10$XajjQvNhvvRt5GSeFk1xFeyqRrsxkhBkUiQeg0dt.wU1qD4aFDcga"],
    ] as const
  ) {
    assert.equal(await comparePassword(password, hash), true, hash);
    assert.equal(await comparePassword(password + " ", hash), false, hash);
  }
});

Deno.test("only the first 72 bytes of a password count", async () => {
  const hash = bcryptjs.hashSync("é".repeat(36), 4);
  assert.equal(await comparePassword("é".repeat(36) + "more", hash), true);
  assert.equal(await comparePassword("é".repeat(35), hash), false);
});

Deno.test("the event loop gets its turn while a password is compared", async () => {
  let rests = 0;
  const hash = bcryptjs.hashSync("password", 8);
  const rest = (): Promise<void> => {
    rests++;
    return Promise.resolve();
  };
  assert.equal(await comparePassword("password", hash, { slice: 0, rest }), true);
  assert.equal(rests, 257);
});

Deno.test("the cost of a hash, undefined for what is none", () => {
  const body = "4VeFDzXIoPHKnKTU3O3GH.N.vZu06CVqczYZ8WvfzrddFU6tGqjR.";
  for (const [text, cost] of [["$2a$04$", 4], ["$2b$10$", 10], ["$2y$31$", 31]] as const) {
    assert.equal(bcryptCost(text + body), cost);
  }
  for (const prefix of ["$2x$10$", "$2$10$", "$1$10$", "$2y$03$", "$2y$32$", "$2y$1$", "2y$10$", ""]) {
    assert.equal(bcryptCost(prefix + body), undefined, prefix);
  }
  for (const wrong of ["", body.slice(1), body + ".", "+" + body.slice(1), body.slice(1) + "Z", " " + body]) {
    assert.equal(bcryptCost("$2y$10$" + wrong), undefined, wrong);
  }
});

Deno.test("a text that is no hash is refused without quoting it", async () => {
  await assert.rejects(comparePassword("password", "secret"), {
    name: "RangeError",
    message: "Cannot compare a password: no bcrypt hash",
  });
});
