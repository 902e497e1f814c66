import assert from "node:assert/strict";
import fc from "fast-check";
import { createListingParser, type ListedObject, storageNames } from "../../src/walg/storage_listing.ts";

const encoder = new TextEncoder();
const HEADER = "type size    last modified                           name\n";
const ROW = "obj  4957034 2026-11-26 15:11:14.572870936 +0000 UTC 000000010000000000000001.lz4  \n";

function read(text: string, cut = Infinity): ListedObject[] {
  const objects: ListedObject[] = [];
  const parser = createListingParser((object) => objects.push(object));
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length; at += cut) parser.push(bytes.subarray(at, Math.min(bytes.length, at + cut)));
  parser.end();
  return objects;
}

Deno.test("a table is read, wherever its chunks are cut", () => {
  const text = `${HEADER}${ROW}dir  0       0001-01-01 00:00:00 +0000 UTC           folder  \n` +
    "obj  1       2026-11-26 17:11:14 +0200 CEST          /with blank é.lz4\n" + HEADER + ROW;
  const first = { storage: 0, isFolder: false, size: 4957034, time: Date.parse("2026-11-26T15:11:14.572Z") };
  const expected = [
    { ...first, name: "000000010000000000000001.lz4" },
    { storage: 0, isFolder: true, size: 0, time: Date.parse("0001-01-01T00:00:00Z"), name: "folder" },
    { storage: 0, isFolder: false, size: 1, time: Date.parse("2026-11-26T15:11:14Z"), name: "with blank é.lz4" },
    { ...first, storage: 1, name: "000000010000000000000001.lz4" },
  ];
  for (const cut of [1, 2, 7, 50, 1000]) assert.deepEqual(read(text, cut), expected, `${cut}`);
});

Deno.test("an empty folder is a header alone; the tables are counted", () => {
  const parser = createListingParser(() => assert.fail());
  parser.push(encoder.encode("type size last modified name\ntype size last modified name\n"));
  assert.equal(parser.end(), 2);
});

Deno.test("what is not the table is never taken for an object", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["", /^expected a table, found nothing$/],
    [ROW, /^line 1: expected the header .*found "obj/],
    ["DEBUG: 2026/11/26 listing\n" + HEADER, /^line 1: expected the header/],
    [`${HEADER}DEBUG: 2026/11/26 listing\n`, /^line 2: expected a row of the table, found "DEBUG/],
    [`${HEADER}\n`, /^line 2: expected a row/],
    [`${HEADER}total 12\n`, /^line 2: expected the header/],
    [HEADER + ROW.slice(0, -1), /^it is cut off on line 2/],
    [HEADER + ROW.slice(0, 30), /^it is cut off/],
    [HEADER + ROW.slice(0, 30) + "\n", /^line 2: expected a time/],
    [HEADER + ROW.replace("4957034", "49x7034"), /^line 2: expected a size/],
    [HEADER + ROW.replace("4957034", "-957034"), /^line 2: expected a size/],
    [HEADER + ROW.replace("2026-11-26", "2026-02-31"), /^line 2: expected a time/],
    [HEADER + ROW.replace("15:11:14", "25:11:14"), /^line 2: expected a time/],
    [HEADER + ROW.replace("+0000", "=0000"), /^line 2: expected a time/],
    [HEADER + ROW.slice(0, 53) + "   \n", /^line 2: expected a name/],
    [HEADER + "obj  1 ".padEnd(10_000, "x"), /^line 2: expected a row/],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => read(text), { name: "ListingError", message }, text.slice(0, 80));
  }
});

Deno.test("any time that Go prints is read as Date.parse reads it", () => {
  const pad = (value: number, digits = 2): string => String(value).padStart(digits, "0");
  const time = fc.record({
    at: fc.date({ min: new Date("1970-01-01T00:00:00Z"), max: new Date("2100-01-01T00:00:00Z"), noInvalidDate: true }),
    fraction: fc.stringMatching(/^(\.\d{1,9})?$/),
    sign: fc.constantFrom("+", "-"),
    offset: fc.tuple(fc.nat(14), fc.constantFrom(0, 30, 45)),
    zone: fc.constantFrom("UTC", "CEST", "+0545"),
  });
  fc.assert(fc.property(time, ({ at, fraction, sign, offset: [hours, minutes], zone }) => {
    const second = at.toISOString().slice(0, 19);
    const text = `${second.replace("T", " ")}${fraction} ${sign}${pad(hours)}${pad(minutes)} ${zone}`;
    const [object] = read(`type size last modified${" ".repeat(text.length - 13)} name\nobj  1    ${text} x\n`);
    const expected = Date.parse(`${second}${fraction.slice(0, 4)}${sign}${pad(hours)}:${pad(minutes)}`);
    assert.equal(object?.time, expected, text);
  }));
});

Deno.test("the storages of -t all stand on stderr, in the order of their tables", () => {
  const stderr = "INFO: 2026/11/26 16:18:09.898202 storage default\nWARNING: 2026/11/26 storage cache\n" +
    "INFO: 2026/11/26 16:18:09.657466 List backups from storages: [default second]\n" +
    "INFO: 2026/11/26 16:18:09.898424 storage second\n";
  assert.deepEqual(storageNames(stderr), ["default", "second"]);
});
