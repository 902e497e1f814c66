import assert from "node:assert/strict";
import { startExporter } from "../support/exporter.ts";

/** Whether the proxy takes its sub-path off before it passes a request on. */
for (const strips of [true, false]) {
  Deno.test(`behind a proxy's sub-path ${strips ? "that it takes off" : "that it passes on"} every link works`, async () => {
    await using exporter = await startExporter({ flags: strips ? [] : ["-web.route-prefix=/db1/walg/"] });
    await exporter.ready();
    await using proxy = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async ({ url }) => {
      const { pathname, search } = new URL(url);
      if (!pathname.startsWith("/db1/walg")) return new Response("outside", { status: 404 });
      const path = strips ? pathname.slice("/db1/walg".length) : pathname;
      const { status, headers, body } = await fetch(`${exporter.url}${path}${search}`, { redirect: "manual" });
      return new Response(body, { status, headers });
    });
    const page = `http://127.0.0.1:${proxy.addr.port}/db1/walg/`;
    const seen = new Set([page]);
    // A set goes on over what is added meanwhile.
    for (const address of seen) {
      const answer = await fetch(address);
      assert.equal(answer.status, 200, address);
      if (!answer.headers.get("content-type")?.startsWith("text/html")) {
        await answer.body?.cancel();
        continue;
      }
      const text = await answer.text();
      for (const [, link = ""] of text.matchAll(/(?:href|action|src)="([^"#][^"]*)"/g)) {
        const { origin, href } = new URL(link.replaceAll("&amp;", "&"), address);
        if (origin === new URL(page).origin) seen.add(href.replace(/#.*/, ""));
      }
      // The form of restores asks the page that it is on.
      if (text.includes('<form method="get">')) seen.add(new URL("?to=latest", address).href);
    }
    for (const path of ["metrics", "restore", "restore?to=latest", "api/v1/status", "api/v1/plan"]) {
      assert.ok([...seen].some((address) => address.startsWith(page + path)), `${path}: ${[...seen]}`);
    }
    if (strips) return;
    const withoutSlash = await fetch(page.slice(0, -1));
    await withoutSlash.body?.cancel();
    assert.equal(withoutSlash.url, page);
    // Prometheus and probes on the host need not know of it.
    assert.match(await exporter.metrics(), /^walg_storage_up 1$/m);
  });
}
