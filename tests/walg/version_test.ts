import assert from "node:assert/strict";
import { type CommandEnd } from "../../src/walg/command.ts";
import { parseVersion, versionOf } from "../../src/walg/version.ts";

const BUILT = "\tabc1234\t2026.01.02_03:04:05\tPostgreSQL\n";

Deno.test("the version is the first field, whatever the others hold", () => {
  const version = (text: string): string | undefined => parseVersion(text)?.version;
  assert.equal(version(`wal-g version v3.0.9${BUILT}`), "3.0.9");
  assert.equal(version(`wal-g version v1.1${BUILT}`), "1.1");
  assert.equal(version(`wal-g version v3.0.9-rc.1-dirty${BUILT}`), "3.0.9-rc.1-dirty");
  assert.equal(version("wal-g version devel\tdevel\tdevel\tPostgreSQL\n"), "devel");
  assert.equal(version(`wal-g version ${BUILT}`), "", "no tag: a build date is no version");
  assert.equal(version("wal-g version v2.0.1\t\t\t\n"), "2.0.1");
  assert.equal(version(`a wrapper's word\nwal-g version v3.0.9${BUILT}`), "3.0.9");
  for (const text of ["", "hello 1.0\n", "wal-e 1.1.1\n"]) assert.equal(version(text), undefined, text);
});

Deno.test("the database is the last field", () => {
  const database = (text: string): string | undefined => parseVersion(text)?.database;
  assert.equal(database(`wal-g version v3.0.9${BUILT}`), "PostgreSQL");
  assert.equal(database("wal-g version \tabc\t2026\tMySQL\n"), "MySQL");
  assert.equal(database("wal-g version v2.0.1\t\t\t\n"), "");
});

Deno.test("no version, or a run that failed, is none", () => {
  const end = (exitCode: number, text: string): CommandEnd => ({
    how: "exited",
    exitCode,
    stdout: new TextEncoder().encode(text),
    stderr: "",
    gone: Promise.resolve(),
  });
  assert.equal(versionOf(end(0, `wal-g version v3.0.9${BUILT}`))?.version, "3.0.9");
  assert.equal(versionOf(end(0, `wal-g version ${BUILT}`))?.version, "");
  assert.equal(versionOf(end(1, `wal-g version v3.0.9${BUILT}`)), undefined);
});
