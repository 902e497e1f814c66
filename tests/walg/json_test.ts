import assert from "node:assert/strict";
import fc from "fast-check";
import { atOnce } from "../../src/base/pace.ts";
import { JsonError, parseExact, readLongDocument } from "../../src/walg/json.ts";

const encoder = new TextEncoder();

async function readAll(text: string, path: readonly string[]): Promise<{ frame: unknown; elements: unknown[] }> {
  const { frame, batches } = await readLongDocument(encoder.encode(text), {
    path,
    needsExact: () => true,
    pace: atOnce,
  });
  const elements: unknown[] = [];
  for await (const batch of batches) {
    assert.equal(batch.from, elements.length);
    elements.push(...batch.elements);
  }
  return { frame, elements };
}

Deno.test("integers that a double cannot hold stay exact", () => {
  assert.deepEqual(parseExact('{"a":7711199360131015255,"b":1.5,"c":-9223372036854775808,"d":12}'), {
    a: 7711199360131015255n,
    b: 1.5,
    c: -9223372036854775808n,
    d: 12,
  });
});

Deno.test("any list is read as JSON.parse reads it, at any depth and with any white space", async () => {
  const value = fc.jsonValue().filter((value) => !/\d{16}/.test(JSON.stringify(value)));
  await fc.assert(fc.asyncProperty(fc.array(value), fc.constantFrom("", " ", "\n\t "), async (list, space) => {
    const text = space + JSON.stringify(list, null, space) + space;
    const same = JSON.parse(text);
    assert.deepEqual(await readAll(text, []), { frame: [], elements: same });
    const nested = `{"x":${
      JSON.stringify({ a: ["]", '\\"['], list: 1 })
    },${space}"a":{"list":${space}${text}},"z":null}`;
    const { frame, elements } = await readAll(nested, ["a", "list"]);
    assert.deepEqual(elements, same);
    assert.deepEqual(frame, { x: { a: ["]", '\\"['], list: 1 }, a: { list: [] }, z: null });
  }));
});

Deno.test("where no list stands, the document is read whole", async () => {
  for (const text of ["null", "{}", '{"a":null}', '{"a":{"list":null}}', "17", '"x"']) {
    assert.deepEqual(await readAll(text, ["a", "list"]), { frame: JSON.parse(text), elements: [] });
  }
});

Deno.test("a list is found behind a byte order mark and behind escaped keys", async () => {
  assert.deepEqual(await readAll("\ufeff[1,{}]", []), { frame: [], elements: [1, {}] });
  const { elements } = await readAll('{"\\u0061":{"list":[7711199360131015255,2]}}', ["a", "list"]);
  assert.deepEqual(elements, [7711199360131015255n, 2]);
});

Deno.test("no prefix of a list is taken for a list", async () => {
  const text = JSON.stringify(
    Array.from({ length: 130 }, (_, index) => ({ name: `base_"${index}"`, list: [index, {}] })),
  );
  for (let length = 0; length < text.length; length += 7) {
    await assert.rejects(readAll(text.slice(0, length), []), JsonError, `${length} bytes`);
  }
  await assert.rejects(readAll(text.slice(0, -1), []), /cut off after \d+ bytes, in element \[129\]/);
});

Deno.test("what is no JSON is told with what was found", async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['DEBUG: 2026/11/23 hello\n[{"a":1}]', /^invalid JSON .* it begins with "DEBUG: 2026\/11\/23 hello\\n/],
    ["[1,,2]", /^invalid JSON/],
    ["[1,2,]", /^invalid JSON/],
    ["[1 2]", /^invalid JSON/],
    ["[1]x", /^invalid JSON/],
    ["[{]", /^invalid JSON/],
    ["[1}", /^invalid JSON/],
    ['[{"a":01}]', /^invalid JSON between \[0\] and \[0\]/],
  ];
  for (const [text, message] of cases) await assert.rejects(readAll(text, []), { name: "JsonError", message }, text);
});

Deno.test("random bytes never do anything but fail or read", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: fc.constantFrom(...'[]{},:"\\ 1a') }), async (text) => {
      let expected: unknown;
      try {
        expected = JSON.parse(text);
      } catch {
        await assert.rejects(readAll(text, []), JsonError);
        return;
      }
      const { frame, elements } = await readAll(text, []);
      assert.deepEqual(Array.isArray(expected) ? elements : frame, expected);
    }),
    { numRuns: 2000 },
  );
});
