import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { generateScenario, writeScenario } from "../../tools/generate_scenario.ts";
import { pause, type RunningExporter, startExporter, until } from "../support/exporter.ts";
import { parseExposition } from "../support/exposition_parser.ts";
import { FAST } from "./controlled.ts";
import { figuresOf } from "./processes.ts";
import { bodyOf, connect, requestText, withConnections } from "./raw_http.ts";

const MB = 1024 * 1024;

/** Scrapes as an honest client does, several times: each is answered 200, whole and strict. */
async function scrapeHonestly(exporter: RunningExporter, count = 20): Promise<void> {
  for (let n = 0; n < count; n++) assert.equal(await scrapeOnce(exporter), 200, `scrape ${n + 1} of ${count}`);
}

/** Scrapes and returns the status; what is 200 is whole and strict. */
async function scrapeOnce(exporter: RunningExporter): Promise<number> {
  const connection = await connect(exporter.url);
  await connection.send(requestText("/metrics", { headers: "accept-encoding: gzip\r\nconnection: close\r\n" }));
  const answer = await connection.readBytes();
  connection.close();
  const status = Number(/^HTTP\/1\.1 (\d+) /.exec(new TextDecoder("latin1").decode(answer.subarray(0, 20)))?.[1]);
  if (status !== 200) return status;
  const body = bodyOf(answer);
  assert.ok(body, "the answer is whole");
  // To parse 10,000 backups each time would take longer than to serve them.
  const text = gunzipSync(body).toString();
  assert.match(text, /\n$/);
  assert.ok(
    parseExposition(text.slice(text.indexOf("# HELP walg_exporter_build_info"))).has("walg_exporter_build_info"),
  );
  return status;
}

function limitDescriptors(pid: number, limit: number): boolean {
  try {
    return new Deno.Command("prlimit", { args: [`--pid=${pid}`, `--nofile=${limit}:${limit}`] }).outputSync().success;
  } catch {
    return false;
  }
}

Deno.test("500 connections that never send a request, under a limit of 4,096 descriptors", async (t) => {
  // A run of wal-g would hold descriptors of its own, and let them go while connections are counted.
  const rarely = ["backup-list", "wal-verify", "storage-check"].map((name) => `-${name}.scrape-interval=1h`);
  await using exporter = await startExporter({ flags: rarely });
  await exporter.ready();
  const limited = limitDescriptors(exporter.pid, 4096);
  const descriptors = (): number => figuresOf(exporter.pid).descriptors;
  let resting = Infinity;
  await until("those of the first runs are closed", () => {
    const before = resting;
    resting = descriptors();
    return resting === before;
  });
  for (
    const [what, text] of [["nothing", ""], ["half a request", "GET /metrics HTTP/1.1\r\nhost: x\r\nx-half: "]] as const
  ) {
    await t.step({
      name: `they send ${what}`,
      ignore: !limited,
      fn: async () => {
        const before = figuresOf(exporter.pid).anonymous;
        await withConnections({ url: exporter.url, count: 500, text }, async () => {
          await until("all are open", () => descriptors() >= resting + 499);
          await scrapeHonestly(exporter);
          const more = figuresOf(exporter.pid).anonymous - before;
          assert.ok(more < 50 * MB, `${more / MB} MB more`);
        });
        await until("all are closed", () => descriptors() <= resting + 5);
      },
    });
  }
});

Deno.test("headers of 1 MB are refused, whatever their form, and cost no memory", async () => {
  await using exporter = await startExporter();
  await exporter.ready();
  const before = figuresOf(exporter.pid).anonymous;
  const requests = [
    requestText("/metrics", { headers: `x-long: ${"a".repeat(MB)}\r\n` }),
    requestText("/metrics", { headers: "x-many: value\r\n".repeat(MB / 15) }),
    requestText(`/metrics?${"a".repeat(MB)}`),
  ];
  for (const request of requests) {
    for (let n = 0; n < 10; n++) {
      const connection = await connect(exporter.url);
      // The server may close while the rest is being sent.
      await connection.send(request).catch(() => {});
      assert.doesNotMatch(await connection.read(), /^HTTP\/1\.1 200/);
      connection.close();
    }
  }
  await scrapeHonestly(exporter);
  const more = figuresOf(exporter.pid).anonymous - before;
  assert.ok(more < 50 * MB, `${more / MB} MB more`);
});

Deno.test("slow readers of 10,000 backups", async (t) => {
  const folder = await Deno.makeTempDir();
  await writeScenario(folder, generateScenario({ backups: 10_000, seed: 1 }));
  try {
    await using exporter = await startExporter({ scenario: folder });
    await exporter.ready();
    await until("the list is shown", async () => (await exporter.metrics()).length > 5e6);
    await scrapeHonestly(exporter);
    const text = requestText("/metrics");
    for (const count of [30, 200]) {
      await t.step(`${count} that take nothing, of 40 answers at once`, async () => {
        const before = figuresOf(exporter.pid);
        await withConnections({ url: exporter.url, count, text }, async (connections) => {
          // One byte of each, so that all are being answered, or refused.
          await Promise.all(connections.map((connection) => connection.take(1)));
          // Of more readers than places, those that take nothing lose theirs after a while to the next that asks.
          if (count > 40) await until("a scrape gets a place", async () => await scrapeOnce(exporter) === 200);
          await scrapeHonestly(exporter);
          const more = figuresOf(exporter.pid).anonymous - before.anonymous;
          assert.ok(more < 120 * MB, `${more / MB} MB more`);
        });
        await until("all are closed", () => figuresOf(exporter.pid).descriptors <= before.descriptors + 5);
      });
    }
    await t.step("30 that take a little now and then; a patient one gets all of it", async () => {
      const patient = await connect(exporter.url);
      await patient.send(requestText("/metrics", { headers: "connection: close\r\n" }));
      await withConnections({ url: exporter.url, count: 30, text }, async (connections) => {
        const reading = patient.readBytes();
        for (let round = 0; round < 20; round++) {
          await Promise.all(connections.map((connection) => connection.take(1000)));
          await pause(20);
        }
        await scrapeHonestly(exporter);
        const body = bodyOf(await reading);
        assert.ok(body !== undefined && body.length > 5e6, "the answer is whole");
      });
      patient.close();
    });
    await t.step("30 that read the JSON of it, as fast as they get it", async () => {
      const json = requestText("/api/v1/status");
      await withConnections({ url: exporter.url, count: 30, text: json }, async (connections) => {
        let reading = true;
        const readers = connections.map(async (connection) => {
          while (reading && await connection.take(256 * 1024) > 0);
        });
        await scrapeHonestly(exporter);
        reading = false;
        for (const connection of connections) connection.close();
        await Promise.all(readers);
      });
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("pipelined requests are answered in order, each whole", async () => {
  await using exporter = await startExporter();
  await exporter.ready();
  const connection = await connect(exporter.url);
  const requests = Array.from({ length: 99 }, (_, n) => requestText(n % 3 === 0 ? "/metrics" : "/-/healthy"));
  await connection.send(requests.join("") + requestText("/-/healthy", { headers: "connection: close\r\n" }));
  const answers = (await connection.read()).split("HTTP/1.1 ").slice(1);
  assert.equal(answers.length, 100);
  answers.forEach((answer, n) => {
    assert.match(answer, /^200 OK\r\n/);
    const body = answer.slice(answer.indexOf("\r\n\r\n") + 4);
    if (n % 3 === 0 && n < 99) assert.ok(parseExposition(body).size > 10);
    else assert.equal(body, "healthy\n");
  });
  connection.close();
});

Deno.test("aborted requests leave nothing behind", async () => {
  await using exporter = await startExporter();
  await exporter.ready();
  const before = figuresOf(exporter.pid);
  for (
    const text of [
      requestText("/metrics"),
      requestText("/metrics").repeat(20),
      "GET /met",
      "POST /metrics HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\nabc",
    ]
  ) {
    for (let n = 0; n < 100; n++) {
      const connection = await connect(exporter.url);
      await connection.send(text);
      connection.close();
    }
    await scrapeHonestly(exporter, 5);
  }
  await until("all are closed", () => figuresOf(exporter.pid).descriptors <= before.descriptors + 5);
  const more = figuresOf(exporter.pid).anonymous - before.anonymous;
  assert.ok(more < 30 * MB, `${more / MB} MB more`);
  assert.doesNotMatch(exporter.log(), /level=error|level=warning (?!.*msg="backups not restorable")|^\s+at /m);
});

Deno.test("paths with .. and other forms lead nowhere", async () => {
  await using exporter = await startExporter();
  await exporter.ready();
  const paths = [
    "/../etc/passwd",
    "/metrics/../../etc/passwd",
    "/..%2f..%2fetc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "//etc/passwd",
    "/metrics/",
    "/./metrics2",
    "/\\..\\etc",
    "/metrics%00",
  ];
  for (const path of paths) {
    const connection = await connect(exporter.url);
    await connection.send(requestText(path, { headers: "connection: close\r\n" }));
    const answer = await connection.read();
    assert.match(answer, /^HTTP\/1\.1 (404 Not Found|400 Bad Request)\r\n/, path);
    assert.doesNotMatch(answer, /root:/);
    connection.close();
  }
});

Deno.test("wrong methods get 405 with Allow, and what is no HTTP is refused", async () => {
  await using exporter = await startExporter();
  await exporter.ready();
  for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"]) {
    for (const path of ["/metrics", "/", "/-/healthy", "/-/ready", "/api/v1/status"]) {
      const connection = await connect(exporter.url);
      await connection.send(requestText(path, { method, headers: "connection: close\r\ncontent-length: 0\r\n" }));
      const answer = await connection.read();
      assert.match(answer, /^HTTP\/1\.1 405 Method Not Allowed\r\n/, `${method} ${path}`);
      assert.match(answer, /^allow: GET, HEAD\r$/m);
      connection.close();
    }
  }
  const upload = await connect(exporter.url);
  await upload.send(
    requestText("/metrics", { method: "POST", headers: `connection: close\r\ncontent-length: ${4 * MB}\r\n` }),
  );
  await upload.send("x".repeat(4 * MB)).catch(() => {});
  assert.match(await upload.read(), /^HTTP\/1\.1 405 /);
  upload.close();
  for (
    const text of [
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
      "nonsense\r\n\r\n",
      "GET\r\n\r\n",
      "CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n",
      "\0".repeat(1000),
    ]
  ) {
    const connection = await connect(exporter.url);
    await connection.send(text);
    assert.doesNotMatch(await connection.read(300), /^HTTP\/1\.1 200/);
    connection.close();
  }
  await scrapeHonestly(exporter, 5);
});

Deno.test("at the limit of descriptors: one log line and status 1 at the next run, never a process that does not listen", async () => {
  await using exporter = await startExporter({ flags: FAST });
  await exporter.ready();
  if (!limitDescriptors(exporter.pid, figuresOf(exporter.pid).descriptors + 20)) return;
  const before = exporter.log();
  const connections = [];
  let ended = false;
  exporter.status.then(() => ended = true);
  try {
    for (let n = 0; n < 60 && !ended; n++) {
      connections.push(await connect(exporter.url).catch(() => undefined));
      await pause(5);
    }
    await until("it has ended", () => ended);
    assert.equal((await exporter.status).code, 1);
  } finally {
    for (const connection of connections) connection?.close();
  }
  await exporter.stop();
  const said = exporter.log().slice(before.length).trim().split("\n");
  assert.equal(said.length, 1, said.join("\n"));
  assert.match(
    said[0] ?? "",
    / level=error .*serving ended by itself; start the exporter again.*os error 24.*raise the limit \(LimitNOFILE=/,
  );
});
