import assert from "node:assert/strict";
import fc from "fast-check";
import { atOnce } from "../../src/base/clock.ts";
import { JsonError, parseJson } from "../../src/walg/json.ts";

const encoder = new TextEncoder();
const parse = (text: string): Promise<unknown> => parseJson(encoder.encode(text), atOnce);

Deno.test("LSNs and system identifiers above 2^53 come out as their digits, all else as JSON.parse has it", async () => {
  const text =
    '[{"start_lsn":7711199360131015255, "finish_lsn" :\n18446744073709551615,"system_identifier":9007199254740993},' +
    '{"start_lsn":42,"finish_lsn":null,"compressed_size":7711199360131015255,"start_lsn_":7711199360131015255}]';
  const large = Number("7711199360131015255");
  assert.deepEqual(await parse(text), [
    { start_lsn: "7711199360131015255", finish_lsn: "18446744073709551615", system_identifier: "9007199254740993" },
    { start_lsn: 42, finish_lsn: null, compressed_size: large, start_lsn_: large },
  ]);
});

Deno.test("what looks like a large LSN inside a string stays as it is", async () => {
  const inner = '{"start_lsn":7711199360131015255}';
  for (const value of [inner, `x${inner}`, '\\"start_lsn\\":7711199360131015255', '"start_lsn":7711199360131015255']) {
    const text = JSON.stringify([{ hostname: value, [value]: value }]);
    assert.deepEqual(await parse(text), JSON.parse(text));
  }
});

Deno.test("a number that is no integer is not made a text", async () => {
  const text = '[{"start_lsn":7711199360131015255.5},{"start_lsn":7711199360131015255e3}]';
  assert.deepEqual(await parse(text), JSON.parse(text));
  await assert.rejects(parse('[{"start_lsn":01234567890123456}]'), JsonError);
});

Deno.test("any other document is read as JSON.parse reads it, also behind a byte order mark", async () => {
  await fc.assert(fc.asyncProperty(fc.jsonValue(), fc.constantFrom("", " ", "\n\t "), async (value, space) => {
    const text = space + JSON.stringify(value, null, space) + space;
    assert.deepEqual(await parse(text), JSON.parse(text));
    assert.deepEqual(await parse(`\ufeff${text}`), JSON.parse(text));
  }));
});

Deno.test("random text is read as JSON.parse reads it, or refused", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: fc.constantFrom(...'[]{},:"\\ 1a') }), async (text) => {
      let expected: unknown;
      try {
        expected = JSON.parse(text);
      } catch {
        await assert.rejects(parse(text), JsonError);
        return;
      }
      assert.deepEqual(await parse(text), expected);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("what is not JSON is shown, in one line", async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [
      'DEBUG: 2026/11/23 hello\n[{"a":1}]',
      /^invalid JSON: .*'D'.*; its 33 bytes begin with "DEBUG: 2026\/11\/23 hello\\n/,
    ],
    ['[{"a":1}', /^invalid JSON: .*; its 8 bytes begin with "\[\{\\"a\\":1\}"$/],
    ["[1,,2]", /^invalid JSON: .*','/],
    ["[1 2]", /^invalid JSON: .*position 3/],
    ["[1]\nx", /^invalid JSON: .*position 4/],
    ["", /^invalid JSON: .*; its 0 bytes begin with ""$/],
  ];
  for (const [text, message] of cases) {
    await assert.rejects(parse(text), (error: Error) => {
      assert.equal(error.name, "JsonError");
      assert.match(error.message, message);
      assert.ok(!error.message.includes("\n"), error.message);
      return true;
    });
  }
});

Deno.test("what would take much stack or memory is refused before it is parsed", async () => {
  const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  assert.ok(await parse(nested(1000)));
  await assert.rejects(parse(`[0,${nested(1000)}]`), { message: "nesting deeper than 1000 at byte 1002" });
  await assert.rejects(parse("[".repeat(10_000_000)), /nesting deeper/);
  await assert.rejects(
    parse(`[${"0,".repeat(2_000_001)}0]`),
    /^JsonError: more than 2000000 values in the first \d+ bytes$/,
  );
  const quoted = JSON.stringify(`${"[{".repeat(2000)}\\"${",".repeat(2_100_000)}`);
  assert.equal(await parse(quoted), JSON.parse(quoted));
});

Deno.test("long documents are scanned in pieces, with yields", async () => {
  let yields = 0;
  const pace = (): void => void yields++;
  const list = Array.from({ length: 20_000 }, (_, index) => ({ name: `base_"\\${index}`, list: [index, {}] }));
  const bytes = encoder.encode(JSON.stringify(list));
  assert.deepEqual(await parseJson(bytes, pace), list);
  assert.ok(yields >= bytes.length / 65_536, `${yields} yields`);
});
