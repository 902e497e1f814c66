import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../src/base/flag.ts";
import { formatListenAddress, parseListenAddress } from "../../src/web/listen_address.ts";

Deno.test("Go's forms", () => {
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
