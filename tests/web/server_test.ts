import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../src/base/flag.ts";
import { createFaultLog, formatListenAddress, parseListenAddress, serve } from "../../src/web/server.ts";
import { createLog } from "../../src/base/log.ts";
import { bodyInPieces } from "../../src/web/response.ts";
import type { Handler } from "../../src/web/handler.ts";

async function asking(handler: Handler, path: string): Promise<{ response: Response; text: string; lines: string[] }> {
  const lines: string[] = [];
  const log = createLog({ level: "info", format: "logfmt", write: (line) => lines.push(line) });
  const serving = await serve({
    addresses: [{ hostname: "127.0.0.1", port: 0 }],
    tls: undefined,
    handler,
    onFault: createFaultLog(log),
  });
  try {
    const response = await fetch(`http://127.0.0.1:${serving.addresses[0]?.port}${path}`);
    return { response, text: await response.text(), lines };
  } finally {
    await serving.stop();
  }
}

const FAULTS: Readonly<Record<string, Handler>> = {
  "throws": () => {
    throw new TypeError("cannot read https://user:hunter22@db.example/x");
  },
  "rejects": () => Promise.reject(new TypeError("cannot read https://user:hunter22@db.example/x")),
};

for (const [what, handler] of Object.entries(FAULTS)) {
  Deno.test(`a handler that ${what} leaves one line in the log, without query and secrets, and 500`, async () => {
    const { response, text, lines } = await asking(handler, "/api/v1/status?password=hunter22");
    assert.equal(response.status, 500);
    assert.equal(text, "internal error\n");
    assert.equal(lines.length, 1);
    const [line = ""] = lines;
    assert.match(line, / level=error .*msg="internal error while answering a request; please report it" /);
    assert.match(
      line,
      / method=GET path=\/api\/v1\/status error="TypeError: cannot read https:\/\/user:\*\*\*@db\.example/,
    );
    assert.match(line, / at=\S*.*server_test\.ts/);
    assert.doesNotMatch(line, /hunter22|\?/);
  });
}

Deno.test("an answer that cannot be sent leaves a line, too", async () => {
  const used = new Response("x");
  await used.text();
  const { response, lines } = await asking(() => used, "/");
  assert.equal(response.status, 500);
  assert.equal(lines.length, 1);
});

Deno.test("what is answered is passed on, and leaves no line", async () => {
  const { response, text, lines } = await asking(() => new Response("there", { status: 202 }), "/");
  assert.deepEqual([response.status, text, lines], [202, "there", []]);
});

Deno.test("what fails while an answer is sent piece by piece breaks it off, and is reported", async () => {
  const faults: unknown[] = [];
  function* pieces(): Generator<string, void> {
    yield "[1,";
    throw new TypeError("cannot make the second piece");
  }
  const nextTurn = (): Promise<void> => Promise.resolve();
  const body = bodyInPieces(pieces(), { nextTurn, place: undefined, onFault: (error) => faults.push(error) });
  await assert.rejects(new Response(body).text(), /second piece/);
  assert.deepEqual(faults.map(String), ["TypeError: cannot make the second piece"]);
});

Deno.test("listen address: Go's forms", () => {
  for (
    const [text, hostname, port] of [
      ["0.0.0.0:9351", "0.0.0.0", 9351],
      ["[::]:9351", "::", 9351],
      ["[::1]:9351", "::1", 9351],
      ["[fd00::2]:9351", "fd00::2", 9351],
      ["[::ffff:127.0.0.1]:9351", "::ffff:127.0.0.1", 9351],
      ["localhost:9351", "localhost", 9351],
      ["127.0.0.1:0", "127.0.0.1", 0],
      ["db-1.example.org:65535", "db-1.example.org", 65535],
    ] as const
  ) {
    assert.deepEqual(parseListenAddress(text), { hostname, port }, text);
    assert.equal(formatListenAddress({ hostname, port }), text);
  }
});

Deno.test("without a host: all addresses, and IPv4's where there is no IPv6", () => {
  assert.deepEqual(parseListenAddress(":9351"), { hostname: "::", port: 9351, fallback: "0.0.0.0" });
});

Deno.test("what cannot be used is named with the fix", () => {
  for (
    const [text, reason] of [
      ["", "write HOST:PORT, such as ':9351', '127.0.0.1:9351' or '[::1]:9351'"],
      ["9351", "the colon is missing; write ':9351'"],
      ["localhost", "the port is missing; write 'localhost:9351'"],
      ["10.0.0.1", "the port is missing; write '10.0.0.1:9351'"],
      ["[::1]", "the port is missing; write '[::1]:9351'"],
      ["fd00::", "the port is missing; write '[fd00::]:9351'"],
      ["fe80::1:2:3:4:5:9351", "the port is missing; write '[fe80::1:2:3:4:5:9351]:9351'"],
      ["1:2:3:4:5:6:7:8:9351", "an IPv6 address needs brackets; write '[1:2:3:4:5:6:7:8]:9351'"],
      ["http://localhost:9351", "it is not a URL; write HOST:PORT, such as 'localhost:9351'"],
      [":", "port '' is not a number from 0 to 65535"],
      [":http", "port 'http' is not a number from 0 to 65535"],
      [":65536", "port '65536' is not a number from 0 to 65535"],
      [":-1", "port '-1' is not a number from 0 to 65535"],
      [":123456", "port '123456' is not a number from 0 to 65535"],
      ["256.0.0.1:9351", "'256.0.0.1' is neither an IPv4 address nor a host name"],
      ["10.0.1:9351", "'10.0.1' is neither an IPv4 address nor a host name"],
      ["010.0.0.1:9351", "'010.0.0.1' is neither an IPv4 address nor a host name"],
      ["a b:9351", "'a b' is neither an IPv4 address nor a host name"],
      ["[localhost]:9351", "'localhost' is not an IPv6 address; brackets hold nothing else"],
      ["[127.0.0.1]:9351", "'127.0.0.1' is not an IPv6 address; brackets hold nothing else"],
      ["[fe80::1%eth0]:9351", "'fe80::1%eth0' is not an IPv6 address; brackets hold nothing else"],
      ["[]:9351", "'' is not an IPv6 address; brackets hold nothing else"],
      ["*:9351", "'*' is neither an IPv4 address nor a host name"],
    ] as const
  ) {
    assert.throws(() => parseListenAddress(text), {
      name: "UsageError",
      message: `Cannot use -web.listen-address '${text}': ${reason}`,
    });
  }
});

Deno.test("every IPv4 and IPv6 address with any port comes back as it went in", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 0, max: 65535 }), (hostname, port) => {
      const text = formatListenAddress({ hostname, port });
      assert.deepEqual(parseListenAddress(text), { hostname, port });
    }),
  );
});

Deno.test("any other text is an address or a one-line error", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    try {
      const { port } = parseListenAddress(text);
      assert.ok(Number.isInteger(port) && port >= 0 && port <= 65535);
    } catch (error) {
      assert.ok(error instanceof UsageError);
      assert.ok(error.message.startsWith("Cannot use -web.listen-address '"));
    }
  }));
});

Deno.test("'::' takes IPv4 and IPv6 alike", async () => {
  const { hostname } = parseListenAddress(":0");
  let listener: Deno.Listener;
  try {
    listener = Deno.listen({ hostname: "::1", port: 0 });
    listener.close();
    listener = Deno.listen({ hostname, port: 0 });
  } catch {
    return; // No IPv6 here.
  }
  const { port } = listener.addr as Deno.NetAddr;
  for (const client of ["127.0.0.1", "::1"]) {
    const [ours, theirs] = await Promise.all([Deno.connect({ hostname: client, port }), listener.accept()]);
    ours.close();
    theirs.close();
  }
  listener.close();
});
