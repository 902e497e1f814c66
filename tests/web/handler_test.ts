import assert from "node:assert/strict";
import { emptyState } from "../support/state.ts";
import { createAuthenticator } from "../../src/web/auth.ts";
import { createHandler, type Handler, type HandlerOptions, type Visit } from "../../src/web/handler.ts";
import { createInFlight } from "../../src/web/in_flight.ts";
import { createRespond } from "../../src/web/response.ts";
import { exposing } from "../support/in_process.ts";

const exposition = await exposing(emptyState());
const sent = (): Promise<void> => Promise.resolve();

function handlerOf(options: Partial<HandlerOptions> = {}): Handler {
  return createHandler({
    telemetryPath: "/metrics",
    exposition,
    isReady: () => true,
    pages: { "/": () => new Response("page") },
    inFlight: createInFlight(0),
    respond: createRespond({}),
    ...options,
  });
}

async function ask(
  handler: Handler,
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await handler(new Request(`http://127.0.0.1:9351${path}`, init), sent);
  return { status: response.status, text: await response.text(), headers: response.headers };
}

Deno.test("the probes, the metrics and nothing else", async () => {
  const handler = handlerOf();
  assert.deepEqual((await ask(handler, "/-/healthy")).text, "healthy\n");
  assert.deepEqual((await ask(handler, "/-/ready")).text, "ready\n");
  assert.match((await ask(handler, "/metrics")).text, /^# HELP walg_/);
  assert.match((await ask(handler, "/metrics?x=/y")).text, /^# HELP walg_/);
  assert.equal((await ask(handler, "/")).text, "page");
  const missing = await ask(handler, "/nonsense");
  assert.equal(missing.status, 404);
  assert.equal(missing.text, "nothing here; the metrics are at /metrics\n");
  for (const path of ["/metrics/", "//metrics", "/%6detrics", "/metricsx"]) {
    assert.equal((await ask(handler, path)).status, 404, path);
  }
});

Deno.test("only GET and HEAD; HEAD without a body", async () => {
  const handler = handlerOf();
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
    const { status, headers } = await ask(handler, "/metrics", { method });
    assert.equal(status, 405);
    assert.equal(headers.get("allow"), "GET, HEAD");
  }
  assert.equal((await ask(handler, "/nonsense", { method: "POST" })).status, 404);
  const head = await ask(handler, "/metrics", { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(head.text, "");
  assert.equal(head.headers.get("content-length"), String((await ask(handler, "/metrics")).text.length));
  assert.match(head.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
});

Deno.test("not ready until each command has run once", async () => {
  const { status, text } = await ask(handlerOf({ isReady: () => false }), "/-/ready");
  assert.equal(status, 503);
  assert.equal(text, "not ready: not every command has run once\n");
});

Deno.test("every answer carries the common headers and those of the operator", async () => {
  const handler = handlerOf({ respond: createRespond({ "strict-transport-security": "max-age=1" }) });
  for (const path of ["/metrics", "/-/healthy", "/nonsense"]) {
    const { headers } = await ask(handler, path);
    assert.equal(headers.get("cache-control"), "no-store, no-transform");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("strict-transport-security"), "max-age=1");
  }
});

Deno.test("a header of the operator, however it is written, takes the place of the common one", async () => {
  const handler = handlerOf({
    respond: createRespond({ "X-Content-Type-Options": "nosniff", "X-Frame-Options": "deny" }),
  });
  const { headers } = await ask(handler, "/metrics");
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  assert.equal(headers.get("x-frame-options"), "deny");
});

Deno.test("the operator's content policy holds beside that of a page, and alone elsewhere", async () => {
  const respond = createRespond({ "Content-Security-Policy": "frame-ancestors 'none'" });
  const page = (): Response =>
    respond("page", "text/html", { headers: { "content-security-policy": "default-src 'none'" } });
  const handler = handlerOf({ respond, pages: { "/": page } });
  const policyOf = async (path: string): Promise<string | null> =>
    (await ask(handler, path)).headers.get("content-security-policy");
  assert.equal(await policyOf("/"), "default-src 'none', frame-ancestors 'none'");
  assert.equal(await policyOf("/metrics"), "frame-ancestors 'none'");
});

Deno.test("format and encoding follow the request", async () => {
  const handler = handlerOf();
  const open = await ask(handler, "/metrics", { headers: { accept: "application/openmetrics-text;version=1.0.0" } });
  assert.match(open.headers.get("content-type") ?? "", /^application\/openmetrics-text; version=1\.0\.0/);
  assert.ok(open.text.endsWith("# EOF\n"));
  const gzip = await handler(new Request("http://x/metrics", { headers: { "accept-encoding": "gzip" } }), sent);
  assert.equal(gzip.headers.get("content-encoding"), "gzip");
  const bytes = new Uint8Array(await gzip.arrayBuffer());
  assert.deepEqual([...bytes.subarray(0, 3)], [0x1f, 0x8b, 8]);
});

Deno.test("more requests than the limit get 503 until one is sent; /-/healthy is always answered", async () => {
  const handler = handlerOf({ inFlight: createInFlight(2) });
  const finish: (() => void)[] = [];
  const slow = (): Promise<void> => new Promise((resolve) => void finish.push(resolve));
  const request = (path = "/"): Request => new Request(`http://x${path}`);
  assert.equal((await handler(request(), slow)).status, 200);
  assert.equal((await handler(request(), slow)).status, 200);
  assert.equal((await handler(request(), slow)).status, 503);
  assert.equal((await handler(request("/metrics"), slow)).status, 503);
  assert.equal((await handler(request("/-/healthy"), slow)).status, 200);
  finish[0]?.();
  await Promise.resolve();
  await Promise.resolve();
  assert.equal((await handler(request(), slow)).status, 200);
});

Deno.test("passwords: 401 without, 503 while they cannot be checked, and pages are shown who has logged in", async () => {
  const visits: unknown[] = [];
  const pages = { "/": (_: Request, visit?: Visit) => (visits.push(visit?.loggedIn), new Response("page")) };
  const users = new Map([["alice", "$2y$10$A"]]);
  const compare = (password: string): Promise<boolean> =>
    password === "broken" ? Promise.reject(new Error("the worker died")) : Promise.resolve(password === "right");
  const authenticator = createAuthenticator({ users, compare });
  const handler = handlerOf({ pages, authenticator });
  const login = (password: string): RequestInit => ({
    headers: { authorization: `Basic ${btoa(`alice:${password}`)}` },
  });
  const refused = await ask(handler, "/");
  assert.equal(refused.status, 401);
  assert.match(refused.headers.get("www-authenticate") ?? "", /^Basic /);
  assert.equal((await ask(handler, "/", login("wrong"))).status, 401);
  const broken = await ask(handler, "/", login("broken"));
  assert.deepEqual([broken.status, broken.text], [503, "passwords cannot be checked at the moment\n"]);
  assert.deepEqual(visits, []);
  for (let n = 0; n < 2; n++) assert.equal((await ask(handler, "/", login("right"))).status, 200);
  assert.deepEqual(visits, [true, true]);
  assert.equal((await ask(handler, "/-/healthy")).status, 200);

  // Without passwords nobody has logged in, whatever the reader sends.
  for (const open of [{}, { authenticator: createAuthenticator({ users: new Map(), compare }) }]) {
    assert.equal((await ask(handlerOf({ pages, ...open }), "/", login("right"))).status, 200);
  }
  assert.deepEqual(visits, [true, true, false, false]);
});
