import assert from "node:assert/strict";
import { generateScenario, writeScenario } from "../../tools/generate_scenario.ts";
import { spawnExporter, startExporter, until } from "../support/exporter.ts";
import { parseExposition } from "../support/exposition_parser.ts";
import { servedAddresses } from "../support/secured_exporter.ts";
import { freePort } from "./prometheus_server.ts";

const HAS_IPV6 = ((): boolean => {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
})();

async function statusOf(address: string): Promise<number> {
  return (await discard(await fetch(`http://${address}/-/healthy`))).status;
}

Deno.test({
  name: `several addresses at once, IPv4 and IPv6${HAS_IPV6 ? "" : " (skipped: no IPv6)"}`,
  ignore: !HAS_IPV6,
  async fn() {
    const port = freePort();
    const flags = [`:${port}`, "[::1]:0", "localhost:0"].map((address) => `-web.listen-address=${address}`);
    const exporter = spawnExporter({ flags });
    try {
      const [ipv4 = "", all, loopback = "", named = "", ...more] = await servedAddresses(exporter);
      assert.match(ipv4, /^127\.0\.0\.1:\d+$/);
      assert.equal(all, `[::]:${port}`);
      assert.match(loopback, /^\[::1\]:\d+$/);
      assert.match(named, /^(127\.0\.0\.1|\[::1\]):\d+$/);
      assert.deepEqual(more, []);
      const reached = [ipv4, `127.0.0.1:${port}`, `[::1]:${port}`, loopback, named];
      assert.deepEqual(await Promise.all(reached.map(statusOf)), [200, 200, 200, 200, 200]);
    } finally {
      await exporter.stop();
    }
  },
});

Deno.test("one address that cannot be bound ends the exporter, whatever the others do", async () => {
  await using busy = await startExporter();
  const taken = new URL(busy.url).host;
  // Only the one that failed is named.
  const exporter = spawnExporter({ flags: [`-web.listen-address=${taken}`] });
  assert.equal((await exporter.status).code, 1);
  await exporter.stop();
  assert.ok(exporter.log().startsWith(`walg-exporter: -web.listen-address=${taken}: the address is in use`));
});

/** Their text is more than sockets hold. */
const BACKUPS = 10_000;

Deno.test("of long answers at once those above -web.max-requests get 503; 0 is no limit", async () => {
  const scenario = await Deno.makeTempDir({ prefix: "walg-scenario-" });
  try {
    await writeScenario(scenario, generateScenario({ backups: BACKUPS, seed: 1 }));
    assert.deepEqual(await statusesOfBurst(scenario, 2), new Set([200, 503]));
    assert.deepEqual(await statusesOfBurst(scenario, 0), new Set([200]));
  } finally {
    await Deno.remove(scenario, { recursive: true });
  }
});

/** The statuses of 30 scrapes at the same time, of which each that is answered is whole; afterwards there is room again. */
async function statusesOfBurst(scenario: string, limit: number): Promise<Set<number>> {
  await using exporter = await startExporter({ scenario, flags: [`-web.max-requests=${limit}`] });
  await until("the backups are shown", async () => (await exporter.metrics()).includes("walg_backup_info{"));
  const burst = Array.from({ length: 30 }, () => exporter.get("/metrics", { "accept-encoding": "identity" }));
  // None is read before all have come, so that those which have a place keep it, however fast the machine.
  const responses = await Promise.all(burst);
  const answers = await Promise.all(
    responses.map(async (response) => ({ status: response.status, text: await response.text() })),
  );
  for (const { status, text } of answers) {
    if (status === 503) assert.equal(text, "too many requests at once\n");
    else assert.equal(parseExposition(text).get("walg_backup_info")?.series.length, BACKUPS);
  }
  assert.equal((await discard(await exporter.get("/metrics"))).status, 200);
  return new Set(answers.map(({ status }) => status));
}

async function discard(response: Response): Promise<Response> {
  await response.body?.cancel();
  return response;
}
