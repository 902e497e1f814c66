import assert from "node:assert/strict";
import fc from "fast-check";
import { classifyStderr } from "../../src/walg/failure.ts";
import { isUnknownCommand, lastCause, lastError, logEntries, maskStderr } from "../../src/walg/stderr.ts";

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

const DENIED = 'list folder in storage "default": AccessDenied: Access Denied\n\tstatus code: 403, request id: 4442';
const DENIED_LINE = 'list folder in storage "default": AccessDenied: Access Denied status code: 403, request id: 4442';
const quoted = (text: string): string => JSON.stringify(text);

Deno.test("structured logs: the last error's message is the cause, not the last line's", () => {
  const time = "2026-11-23T03:37:04.622896Z";
  const formats: readonly (readonly string[])[] = [
    [
      `{"time":"${time}","level":"INFO","msg":"List backups from storages: [default]"}`,
      `{"time":"${time}","level":"ERROR","msg":"cannot list backups","error":${quoted(DENIED)}}`,
      `{"time":"${time}","level":"INFO","msg":"done","error":"none"}`,
    ],
    [
      `{"level":"info","ts":1763869024.6,"message":"List backups from storages: [default]"}`,
      `{"level":"error","ts":1763869024.6,"message":"cannot list backups","err":${quoted(DENIED)}}`,
      `{"level":"warn","ts":1763869024.6,"message":"a cache was not written"}`,
    ],
    [
      `time=${time} level=INFO msg="List backups from storages: [default]"`,
      `time=${time} level=ERROR msg="cannot list backups" err=${quoted(DENIED)} attempt=3`,
      `time=${time} level=DEBUG msg=done`,
    ],
    [
      `level=error ts=${time} message="cannot list backups" error=${quoted(DENIED)}`,
      `level=warning ts=${time} message="a cache was not written"`,
    ],
  ];
  for (const lines of formats) {
    for (const end of ["\n", "\r\n"]) {
      const stderr = lines.join(end) + end;
      assert.equal(lastError(stderr), `cannot list backups: ${DENIED_LINE}`, stderr);
      assert.equal(classifyStderr(stderr), "access_denied", stderr);
      assert.equal(lastCause(stderr), `cannot list backups: ${DENIED_LINE}`, stderr);
    }
  }
});

Deno.test("structured logs: escapes are decoded, and a stack trace in a message is left out", () => {
  const stack = "it broke\ngithub.com/wal-g/wal-g/main.run\n\t/src/main/pg/main.go:9\nat last";
  assert.equal(
    lastError(`{"level":"ERROR","msg":"a \\u00e9\\t\\"b\\"","error":${quoted(stack)}}`),
    'a é\t"b": it broke at last',
  );
  assert.equal(
    lastError(`level=ERROR msg="a \\xe9\\u20ac\\U0001f600 \\"b\\" \\\\" err=${quoted(stack)}`),
    'a é€😀 "b" \\: it broke at last',
  );
  assert.equal(lastError('{"level":"ERROR","msg":"failed: EOF","error":"EOF"}'), "failed: EOF");
  assert.equal(lastError('{"level":"ERROR","error":{"code":7}}'), '{"code":7}');
  assert.equal(lastError("level=FATAL msg=denied"), "denied");
  assert.equal(lastError("level=ERROR+4 msg=denied"), "denied");
  assert.equal(lastError('level=INFO msg="No backups found"\n'), "No backups found");
});

Deno.test("structured logs: what stands between them is text of its own, and what is none of them stays as it is", () => {
  const other = "sh: 1: wal-g: Permission denied";
  assert.deepEqual(logEntries(`{"level":"INFO","msg":"a"}\n${other}\nmore\nlevel=ERROR msg=b\n`), [
    { level: "INFO", text: "a" },
    { level: "PLAIN", text: `${other} more` },
    { level: "ERROR", text: "b" },
  ]);
  for (const text of ['{"level":"ERROR","msg":"cut', '{"code":7}', "[1]", "level=loud msg=x", 'a="b" c=d', "{}"]) {
    assert.deepEqual(logEntries(text), [{ level: "PLAIN", text }]);
    assert.equal(lastError(text), text);
  }
  const mixed = 'ERROR: 2026/11/23 03:37:04.622896 first\n  goes on\n{"level":"INFO","msg":"bye"}';
  assert.equal(lastError(mixed), "first goes on");
});

Deno.test("structured logs: a secret is masked, and the message stays readable", () => {
  const message = "bad AWS_SECRET_ACCESS_KEY=hunter22";
  const said = "bad AWS_SECRET_ACCESS_KEY=*** AccessDenied: no";
  for (
    const line of [
      JSON.stringify({ time: "2026-11-23T03:37:04Z", level: "ERROR", msg: message, error: "AccessDenied: no" }),
      `time=2026-11-23T03:37:04Z level=ERROR msg=${quoted(message)} err="AccessDenied: no"`,
    ]
  ) {
    const masked = maskStderr(`{"level":"INFO","msg":"a"}\n${line}\n{"level":"INFO","msg":"b"}\n`);
    assert.doesNotMatch(masked, /hunter22/);
    assert.match(masked, /^\{"level":"INFO","msg":"a"\}\n.*\n\{"level":"INFO","msg":"b"\}\n$/);
    assert.equal(lastError(masked), said);
    assert.equal(classifyStderr(masked), "access_denied");
  }
  const settings = JSON.stringify({ level: "ERROR", msg: 'config {"password":"hunter22"} is wrong' });
  assert.equal(lastError(maskStderr(settings)), 'config {"password":"***"} is wrong');
});

Deno.test("structured logs: any text comes back from either form", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (text) => {
    const expected = text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "").join(" ");
    assert.equal(lastError(JSON.stringify({ level: "ERROR", msg: text })), expected);
    assert.equal(lastError(`level=ERROR msg=${quoted(text)}`), expected);
  }));
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
