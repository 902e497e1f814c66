import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { checkOf, type Fragment, gzipEnd, gzipStart, renderFragments } from "../../src/metrics/fragment.ts";
import { type Family, gauge } from "../../src/base/family.ts";
import { joined } from "../../src/base/bytes.ts";
import { atOnce } from "../../src/base/clock.ts";

const rendered = async (families: readonly Family[]): Promise<Fragment> =>
  (await renderFragments(families, atOnce)).text;
const member = (fragments: readonly Fragment[], tail: Uint8Array): Uint8Array<ArrayBuffer> =>
  joined([...gzipStart(fragments), gzipEnd(checkOf(fragments.flatMap(({ plain }) => plain)), tail)]);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

Deno.test("the spliced member holds what the plain body holds, whatever the fragments", async () => {
  const values = fc.array(fc.integer(), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(fc.array(values, { maxLength: 5 }), fc.string({ maxLength: 3000 }), async (lists, tail) => {
      const fragments = await Promise.all(lists.map((list, index) => {
        const samples = list.map((value, n) => ({ labels: { n: String(n) }, value }));
        return rendered([gauge(`a${index}`, "help", samples, ["n"])]);
      }));
      const end = new TextEncoder().encode(tail);
      const plain = joined([...fragments.flatMap(({ plain }) => plain), end]);
      assert.equal(text(gunzipSync(member(fragments, end))), text(plain));
      assert.ok(text(plain).endsWith(text(end)));
    }),
  );
});

Deno.test("thousands of series in chunks have one header and stand in order", async () => {
  const samples = Array.from({ length: 5001 }, (_, n) => ({ labels: { n: String(n) }, value: n }));
  const fragment = await rendered([gauge("a", "help", samples, ["n"])]);
  const lines = text(joined(fragment.plain)).trimEnd().split("\n");
  assert.deepEqual(lines.slice(0, 3), ["# HELP a help", "# TYPE a gauge", 'a{n="0"} 0']);
  assert.equal(lines.length, 5003);
  assert.deepEqual(lines.slice(2), samples.map(({ value }) => `a{n="${value}"} ${value}`));
});

Deno.test("a tail longer than one stored block comes back whole", async () => {
  const fragment = await rendered([gauge("a", "help", [{ value: 1 }])]);
  for (const length of [0, 1, 65_534, 65_535, 65_536, 131_070, 131_071, 400_000]) {
    const tail = new Uint8Array(length).map((_, index) => 97 + index % 26);
    const whole = gunzipSync(member([fragment], tail));
    assert.deepEqual(new Uint8Array(whole), joined([...fragment.plain, tail]));
  }
});
