import assert from "node:assert/strict";
import { hashSync } from "bcryptjs";
import { controlStandin, standinEnv } from "../standin.ts";
import { configTest, copyPair, writeWhole } from "../support/config_folder.ts";
import { basicAuth, startSecured } from "../support/secured_exporter.ts";
import { freePort, type PrometheusServer, startPrometheus } from "./prometheus_server.ts";
import { comesTo, rejectedSamples, servedSeries, storedSeries, valueOf } from "./stored_series.ts";
import { TLS } from "./toolkit_examples.ts";

const FLAGS = ["backup-list", "wal-verify", "storage-check"].map((name) => `-${name}.scrape-interval=1s`);
const LOGIN = "prometheus:a long password";
/** Series whose value is of the moment of the scrape, or of the last run. */
const MOVING =
  /^(process_|walg_pitr_window|walg_recovery_window_seconds|walg_\w*duration|walg_storage_latency|walg_scrape_)/;

configTest(
  "a real Prometheus stores every series over TLS, through faults and back",
  ["prometheus"],
  async (folder) => {
    const certificate = await copyPair("first", folder);
    const control = await Deno.makeTempDir({ prefix: "walg-control-" });
    const configFile = `${folder}/web.yml`;
    await writeWhole(configFile, `${TLS}basic_auth_users:\n  prometheus: ${hashSync("a long password", 10)}\n`);
    const port = freePort();
    const options = {
      configFile,
      certificate,
      flags: [...FLAGS, `-web.listen-address=127.0.0.1:${port}`],
      env: standinEnv({ CONTROL: control, SCENARIO: "two-timelines" }),
    };
    await using prometheus = await startPrometheus({
      targets: [{ address: `127.0.0.1:${port}`, labels: { instance: "db1" } }],
      scrapeConfig: {
        scheme: "https",
        tls_config: { ca_file: `${folder}/server.crt` },
        basic_auth: { username: "prometheus", password: "a long password" },
      },
    });
    try {
      let first: ReadonlyMap<string, number>;
      {
        await using secured = await startSecured(options);
        await secured.ready(LOGIN);
        first = servedSeries(await (await secured.get("/metrics", LOGIN)).text());
        await storesAll(prometheus, first);
        await speaksOpenMetrics(prometheus);

        await controlStandin(control, "all", { EXIT: 1, STDERR: "ERROR: dial tcp: connect: connection refused" });
        await comesTo(prometheus, "sum(walg_scrape_success)", 0);
        await comesTo(prometheus, "walg_storage_up", 0);
        assert.ok(await valueOf(prometheus, 'sum(walg_errors_total{error_type="network"})') ?? 0 >= 3);
        assert.equal(await valueOf(prometheus, "up"), 1);
        assert.equal(await valueOf(prometheus, "sum(walg_backups)"), sumOf(first, "walg_backups"));

        await controlStandin(control, "all", {});
        await comesTo(prometheus, "sum(walg_scrape_success)", 3);
        await comesTo(prometheus, "walg_storage_up", 1);
      }
      await comesTo(prometheus, "up", 0);
      assert.deepEqual([...await storedSeries(prometheus, "db1")], []);
      {
        await using secured = await startSecured(options);
        await comesTo(prometheus, "up", 1);
        await secured.ready(LOGIN);
        await storesAll(prometheus, servedSeries(await (await secured.get("/metrics", LOGIN)).text()));
      }
      const rejected = await rejectedSamples(prometheus);
      assert.ok(rejected.has("prometheus_target_scrapes_sample_duplicate_timestamp_total"));
      assert.ok(rejected.has("prometheus_target_scrapes_sample_out_of_order_total"));
      for (const [name, value] of rejected) assert.equal(value, 0, name);
    } finally {
      await Deno.remove(control, { recursive: true });
    }
  },
);

/** Waits until Prometheus shows every series that was served, no other, once each, with the values that stand still. */
async function storesAll(prometheus: PrometheusServer, served: ReadonlyMap<string, number>): Promise<void> {
  await comesTo(prometheus, "scrape_samples_scraped", served.size);
  await comesTo(prometheus, "scrape_samples_post_metric_relabeling", served.size);
  const stored = await storedSeries(prometheus, "db1");
  assert.deepEqual([...stored.keys()].toSorted(), [...served.keys()].toSorted());
  for (const [key, value] of served) if (!MOVING.test(key)) assert.equal(stored.get(key), value, key);
  assert.equal(await valueOf(prometheus, "up"), 1);
}

/** Only in OpenMetrics is the family of `walg_errors_total` called `walg_errors`. */
async function speaksOpenMetrics(prometheus: PrometheusServer): Promise<void> {
  const metadata = await prometheus.api("metadata") as Record<string, readonly { type: string; help: string }[]>;
  assert.equal(metadata["walg_errors"]?.[0]?.type, "counter");
  assert.equal(metadata["walg_errors_total"], undefined);
  assert.equal(metadata["walg_storage_up"]?.[0]?.type, "gauge");
  assert.ok(Object.values(metadata).every((families) => families.every(({ help }) => help !== "")));
}

function sumOf(series: ReadonlyMap<string, number>, name: string): number {
  return [...series].filter(([key]) => key.startsWith(`${name}[`)).reduce((sum, [, value]) => sum + value, 0);
}

configTest("to the headers that Prometheus sends the answer is OpenMetrics in gzip", ["prometheus"], async (folder) => {
  const certificate = await copyPair("first", folder);
  await writeWhole(`${folder}/web.yml`, `${TLS}basic_auth_users:\n  prometheus: ${hashSync("a long password", 4)}\n`);
  const sent = Promise.withResolvers<Headers>();
  const recorder = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ headers }) => {
    sent.resolve(headers);
    return new Response("");
  });
  await using _closed = { [Symbol.asyncDispose]: () => recorder.shutdown() };
  await using _prometheus = await startPrometheus({
    targets: [{ address: `127.0.0.1:${recorder.addr.port}`, labels: { instance: "recorder" } }],
  });
  const headers = Object.fromEntries([...await sent.promise].filter(([name]) => name.startsWith("accept")));
  assert.deepEqual(Object.keys(headers).toSorted(), ["accept", "accept-encoding"]);
  await using secured = await startSecured({ configFile: `${folder}/web.yml`, certificate });
  const { address } = secured;
  const answer = await rawHeaders({ address, certificate, headers: { ...headers, ...basicAuth(LOGIN) } });
  assert.equal(answer.get("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
  assert.equal(answer.get("content-encoding"), "gzip");
});

/** The headers of an answer as they are: `fetch` hides those of an encoding that it has undone. */
async function rawHeaders(
  { address, certificate, headers }: {
    address: string;
    certificate: string;
    headers: Readonly<Record<string, string>>;
  },
): Promise<Map<string, string>> {
  const { hostname, port } = new URL(`https://${address}`);
  using connection = await Deno.connectTls({ hostname, port: Number(port), caCerts: [certificate] });
  const lines = Object.entries({ host: address, connection: "close", ...headers }).map(([name, value]) =>
    `${name}: ${value}\r\n`
  );
  await connection.write(new TextEncoder().encode(`GET /metrics HTTP/1.1\r\n${lines.join("")}\r\n`));
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  let text = "";
  while (!text.includes("\r\n\r\n")) {
    const read = await connection.read(buffer);
    if (read === null) break;
    text += decoder.decode(buffer.subarray(0, read), { stream: true });
  }
  const head = text.slice(0, text.indexOf("\r\n\r\n")).split("\r\n").slice(1);
  return new Map(head.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.replace(/^[^:]*: */, "")]));
}
