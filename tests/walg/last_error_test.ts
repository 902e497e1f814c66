import assert from "node:assert/strict";
import fc from "fast-check";
import { isUnknownCommand, lastCause, lastError, logEntries } from "../../src/walg/stderr.ts";

const FIXTURES = new URL("../../fixtures/", import.meta.url);

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, FIXTURES));
}

const capture = (path: string): string => read(`captures/${path}.stderr`);

Deno.test("the last ERROR without its time stamp", () => {
  assert.equal(
    lastError(capture("wal-g-3.0.9/storage-unlistable/backup-list")),
    'Get backups from folder: list folder in storage "default": unable to list FS folder "/srv/wal-g/basebackups_005": ' +
      "open /srv/wal-g/basebackups_005: permission denied",
  );
  assert.equal(
    lastError(capture("wal-g-3.0.9/postgres-down/wal-verify")),
    "Failed to establish a connection to Postgres cluster Connect: postgres connection failed: failed to connect to " +
      "`user=postgres database=postgres`: 127.0.0.1:5432 (localhost): dial error: dial tcp 127.0.0.1:5432: connect: " +
      "connection refused",
  );
});

Deno.test("continuation lines are joined to one", () => {
  assert.equal(
    lastError(capture("wal-g-3.0.9/s3-no-bucket/st-check")),
    "failed to list the storage: failed to list s3 folder: 'p/': NoSuchBucket: The specified bucket does not exist " +
      "status code: 404, request id: qrY79YHUwceWjDu6XOq5dxKBRjm4Qt1oK4xHUCrfuVv7OfAodL8D, host id:",
  );
  assert.equal(
    lastError(capture("wal-g-3.0.9/s3-refused-then-terminated/st-check")),
    "failed to list the storage: failed to list s3 folder: 'p/': RequestCanceled: request context canceled caused by: " +
      "context canceled",
  );
});

Deno.test("stack traces, rulers and XML bodies are left out", () => {
  assert.equal(
    lastError(read("stderr/access_denied/s3-denied.stack-trace.txt")),
    "AccessDenied: Access Denied status code: 403, request id: YDT8SSF124DTA6NP, host id: " +
      "6AOCV7lAthfBCOBh8wHZ1B96p1qEzLoHuFaYulFWSEl42INaeOCYk8VCGctgWK3xbWOZ5D/3ZwU= failed to list s3 folder: " +
      "'prod/inventory-db/basebackups_005/'",
  );
  const azure = lastError(read("stderr/access_denied/azure-denied.firewall.txt"));
  assert.match(azure, /RESPONSE 403: 403 This request is not authorized .* ERROR CODE: AuthorizationFailure/);
  assert.doesNotMatch(azure, /----|<Error>/);
});

Deno.test("without an ERROR, the last line that is not empty", () => {
  assert.equal(lastError(""), "");
  assert.equal(lastError("\n \n"), "");
  assert.equal(lastError("one\ntwo \n\n"), "two");
  assert.equal(lastError(read("stderr/none/shell.txt")), "sh: 1: exec: /opt/wal-g/wal-g: Permission denied");
  assert.equal(lastError("INFO: 2026/11/23 03:37:04.622896 No backups found\n"), "No backups found");
});

Deno.test("cobra's complaint and a crash are one line each", () => {
  const unknown = capture("wal-g-1.1/two-timelines/st-check");
  assert.equal(lastError(unknown), 'unknown command "st" for "wal-g"');
  assert.equal(
    lastError(read("stderr/none/panic.txt")),
    "panic: runtime error: invalid memory address or nil pointer dereference",
  );
  assert.ok(isUnknownCommand(unknown));
  assert.ok(isUnknownCommand(`WARNING: 2026/11/23 03:37:04.622896 x is unknown\n${unknown}`));
  assert.ok(!isUnknownCommand(read("stderr/none/unknown-flag.txt")));
  assert.ok(!isUnknownCommand('ERROR: 2026/11/23 03:37:04.622896 unknown command "st" for "wal-g"'));
});

Deno.test("the cause a terminated run gave before", () => {
  const refused = "dial tcp s3.example:9000: connect: connection refused";
  for (const operation of ["backup-list", "st-check", "wal-verify"]) {
    assert.equal(lastCause(capture(`wal-g-3.0.9/s3-refused-then-terminated/${operation}`)), refused);
  }
  for (const variant of ["cancelled", "retrying", "tail"]) {
    assert.equal(lastCause(read(`stderr/network/refused.${variant}.txt`)), refused);
  }
  const line =
    "INFO: 2026/11/23 04:15:35.407982 Retrying S3 request due to transient network error: read: connection reset";
  assert.equal(lastCause(line), "read: connection reset");
});

Deno.test("no cause where none was given", () => {
  assert.equal(lastCause(""), "");
  assert.equal(lastCause(read("stderr/none/cancelled.txt")), "");
  assert.equal(lastCause(capture("wal-g-3.0.9/healthy/wal-verify")), "");
  assert.equal(lastCause(read("stderr/none/warnings.txt")), "");
});

Deno.test("only the last 4 KiB are looked at, also where they begin in the middle of a line", () => {
  const error = "ERROR: 2026/11/23 03:37:04.622896 the end\n";
  assert.equal(lastError("x".repeat(1_000_000) + "\n" + error), "the end");
  assert.equal(lastError(error + "x".repeat(1_000_000)), "x".repeat(4096));
  assert.deepEqual(logEntries(`rest of a line\ncaused by: it\n${error}`), [
    { level: "PLAIN", text: "rest of a line caused by: it" },
    { level: "ERROR", text: "the end" },
  ]);
});

Deno.test("a message is one line, and the last ERROR whatever stands before it", () => {
  const message = fc.string({ minLength: 1, maxLength: 80 }).filter((text) => /^\S.*\S$/.test(text));
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 6000 }), message, (before, text) => {
      assert.equal(lastError(`${before}\nERROR: 2026/11/23 03:37:04.622896 ${text}\n`), text);
      assert.ok(!lastError(before).includes("\n"));
      assert.ok(!lastCause(before).includes("\n"));
    }),
  );
});
