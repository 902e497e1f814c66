import assert from "node:assert/strict";
import fc from "fast-check";
import { classifyStderr, ruleFor } from "../../src/walg/failure.ts";
import { RULES } from "../../src/walg/what_walg_says.ts";

const STDERR = new URL("../../fixtures/stderr/", import.meta.url);
const CAPTURES = new URL("../../fixtures/captures/", import.meta.url);

interface Fixture {
  readonly type: string;
  readonly rule: string;
  readonly path: string;
  readonly stderr: string;
}

/** `fixtures/stderr/CLASS/RULE[.VARIANT].txt`; the class `none` holds what must not be classified. */
function fixtures(): readonly Fixture[] {
  const folders = Array.from(Deno.readDirSync(STDERR)).filter(({ isDirectory }) => isDirectory);
  return folders.flatMap(({ name: type }) =>
    Array.from(Deno.readDirSync(new URL(`${type}/`, STDERR)), ({ name }) => ({
      type,
      rule: name.split(".")[0] ?? "",
      path: `${type}/${name}`,
      stderr: Deno.readTextFileSync(new URL(`${type}/${name}`, STDERR)),
    }))
  );
}

function capture(path: string): string {
  return Deno.readTextFileSync(new URL(path, CAPTURES));
}

for (const { type, rule, path, stderr } of fixtures()) {
  Deno.test(`classifies fixtures/stderr/${path}`, () => {
    const found = ruleFor(stderr);
    assert.equal(classifyStderr(stderr), type === "none" ? undefined : type);
    assert.equal(found?.name, type === "none" ? undefined : rule);
  });
}

Deno.test("every rule that decides a class has a fixture, and every name is that of one rule", () => {
  const typed = RULES.filter(({ type }) => type !== undefined).map(({ name }) => name);
  const covered = new Set(fixtures().filter(({ type }) => type !== "none").map(({ rule }) => rule));
  assert.deepEqual([...covered].toSorted(), typed.toSorted());
  assert.equal(new Set(RULES.map(({ name }) => name)).size, RULES.length);
});

Deno.test("every fixture and rule is in the index that says where its text is published", () => {
  const index = Deno.readTextFileSync(new URL("README.md", STDERR));
  for (const { rule } of fixtures()) assert.ok(index.includes(`\`${rule}\``), `${rule} is missing in README.md`);
});

Deno.test("classifies what real WAL-G printed", () => {
  const expected: Readonly<Record<string, string | undefined>> = {
    "wal-g-1.1/storage-missing/backup-list": "config",
    "wal-g-1.1/two-timelines/st-check": undefined,
    "wal-g-3.0.3/storage-missing/backup-list": "config",
    "wal-g-3.0.3/storage-unlistable/st-ls-basebackups": "access_denied",
    "wal-g-3.0.9/postgres-down/wal-verify": "postgres_down",
    "wal-g-3.0.9/s3-bad-key/backup-list": "access_denied",
    "wal-g-3.0.9/s3-bad-key/st-check": "access_denied",
    "wal-g-3.0.9/s3-bad-key/wal-verify": "access_denied",
    "wal-g-3.0.9/s3-no-bucket/backup-list": "config",
    "wal-g-3.0.9/s3-no-bucket/st-check": "config",
    "wal-g-3.0.9/s3-no-bucket/wal-verify": "config",
    "wal-g-3.0.9/s3-refused-then-terminated/backup-list": "network",
    "wal-g-3.0.9/s3-refused-then-terminated/st-check": "network",
    "wal-g-3.0.9/s3-refused-then-terminated/wal-verify": "network",
    "wal-g-3.0.9/standby-not-streaming/wal-verify": "postgres_down",
    "wal-g-3.0.9/storage-missing/backup-list": "config",
    "wal-g-3.0.9/storage-missing/st-check": "config",
    "wal-g-3.0.9/storage-missing/wal-verify": "config",
    "wal-g-3.0.9/storage-unlistable/backup-list": "access_denied",
    "wal-g-3.0.9/storage-unlistable/st-ls-basebackups": "access_denied",
  };
  for (const [path, type] of Object.entries(expected)) {
    assert.equal(classifyStderr(capture(`${path}.stderr`)), type, path);
  }
});

Deno.test("what a successful run wrote says of no class", () => {
  for (const version of Deno.readDirSync(CAPTURES)) {
    if (!version.isDirectory || version.name === "reference-sample") continue;
    for (const scenario of Deno.readDirSync(new URL(`${version.name}/`, CAPTURES))) {
      const folder = `${version.name}/${scenario.name}/`;
      for (const { name } of Deno.readDirSync(new URL(folder, CAPTURES))) {
        if (!name.endsWith(".exit") || capture(folder + name).trim() !== "0") continue;
        const path = folder + name.replace(/exit$/, "stderr");
        assert.equal(classifyStderr(capture(path)), undefined, path);
      }
    }
  }
});

Deno.test("the class does not depend on where a tail that holds the last message begins", () => {
  for (const { stderr, type, path } of fixtures()) {
    // Two of them are about what stands before the last message.
    if (type === "none" || /config-file|refused\./.test(path)) continue;
    const last = stderr.lastIndexOf("ERROR: 20");
    fc.assert(
      fc.property(fc.nat(Math.max(0, last)), fc.string({ maxLength: 80 }), (from, cut) => {
        const earlier = `${cut.replaceAll("\n", " ")}\n`.repeat(60) + stderr.slice(Math.min(from, last));
        assert.equal(classifyStderr(earlier), type, path);
      }),
      { numRuns: 20 },
    );
  }
});

Deno.test("any text is classified without an error, and a WARNING alone never as a fault of the network or of rights", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 5000 }), (text) => void classifyStderr(text)),
    { numRuns: 200 },
  );
  for (const { stderr, type, path } of fixtures()) {
    if (type === "none") continue;
    const warned = stderr.replaceAll("ERROR: 20", "WARNING: 20").replaceAll("INFO: 20", "WARNING: 20");
    if (!warned.startsWith("WARNING: 20")) continue;
    assert.equal(classifyStderr(warned), warned.includes("Failed to parse config file") ? "config" : undefined, path);
  }
});
