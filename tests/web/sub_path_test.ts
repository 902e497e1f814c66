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
    const text = await (await fetch(page)).text();
    const links = [...text.matchAll(/(?:href|action|src)="([^"#][^"]*)"/g)].map(([, link = ""]) => new URL(link, page));
    const own = links.filter(({ origin }) => origin === new URL(page).origin);
    assert.ok(own.length >= 3, text);
    for (const link of own) {
      const answer = await fetch(link);
      await answer.body?.cancel();
      assert.equal(answer.status, 200, link.href);
    }
    if (strips) return;
    const withoutSlash = await fetch(page.slice(0, -1));
    await withoutSlash.body?.cancel();
    assert.equal(withoutSlash.url, page);
    // Prometheus and probes on the host need not know of it.
    assert.match(await exporter.metrics(), /^walg_storage_up 1$/m);
  });
}
