import assert from "node:assert/strict";
import fc from "fast-check";
import { oneLine, visible } from "../../src/base/text.ts";

Deno.test("visible: bidirectional and other invisible characters stand as escapes, all else as it is", () => {
  for (const [from, to] of [[0x202a, 0x202e], [0x2066, 0x2069], [0x200b, 0x200f], [0x2060, 0x2064]] as const) {
    for (let code = from; code <= to; code++) {
      assert.equal(visible(`a${String.fromCodePoint(code)}b`), `a\\u${code.toString(16)}b`);
    }
  }
  assert.equal(visible("\u00ad\u061c\u180e\ufeff\u3164\u{e0001}"), "\\u00ad\\u061c\\u180e\\ufeff\\u3164\\u{e0001}");
  assert.equal(visible("\u0007\u0085\u2028"), "\\u0007\\u0085\\u2028");
  const plain = "base_0001 «Ünï»\tשלום 備份 🐘\nline";
  assert.equal(visible(plain), plain);
});

Deno.test("visible: nothing invisible is left of any text, and a second time changes nothing", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const shown = visible(text);
    assert.doesNotMatch(shown, /[\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]|[^\P{Cc}\t\r\n]/u);
    assert.equal(visible(shown), shown);
    assert.doesNotMatch(oneLine(text), /[\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Cc}]/u);
  }));
});
