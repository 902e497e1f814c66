import assert from "node:assert/strict";
import { createLog } from "../../src/base/log.ts";
import { bodyInPieces } from "../../src/web/body.ts";
import type { Handler } from "../../src/web/handler.ts";
import { createFaultLog, serve } from "../../src/web/server.ts";

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
