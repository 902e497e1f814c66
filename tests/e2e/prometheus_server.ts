import { pause } from "../support/exporter.ts";

/** A target of a Prometheus under test; its labels take the place of those that Prometheus would give it. */
export interface Target {
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Where its metrics are. Default `/metrics`. */
  readonly path?: string;
}

/** A sample of an instant query. */
export interface QueriedSample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** An alert as `/api/v1/alerts` shows it. */
export interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: "pending" | "firing";
}

/** A Prometheus of its own in a folder of its own. */
export interface PrometheusServer {
  readonly url: string;
  readonly pid: number;
  /** Replaces its targets; it looks at them within a second. */
  setTargets(targets: readonly Target[]): Promise<void>;
  query(expr: string): Promise<readonly QueriedSample[]>;
  alerts(): Promise<readonly ActiveAlert[]>;
  /** What an endpoint of its API answers in `data`. */
  api(path: string): Promise<unknown>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of {@link startPrometheus}. */
export interface PrometheusOptions {
  /** Rule files as text: JSON is YAML. */
  readonly rules?: readonly string[];
  readonly targets: readonly Target[];
  /** How often it scrapes and evaluates. Default `1s`. */
  readonly interval?: string;
  /** More of its `scrape_config`, such as `scheme`, `tls_config` and `basic_auth`. */
  readonly scrapeConfig?: Readonly<Record<string, unknown>>;
  /** Puts data into its folder before it starts. */
  readonly fill?: (dataFolder: string) => Promise<void>;
}

/** Starts the installed Prometheus on a free port of 127.0.0.1 and waits until it is ready. */
export async function startPrometheus(
  { rules = [], targets, interval = "1s", scrapeConfig = {}, fill }: PrometheusOptions,
): Promise<PrometheusServer> {
  const folder = await Deno.makeTempDir({ prefix: "prometheus-" });
  const targetsFile = `${folder}/targets.json`;
  const setTargets = (list: readonly Target[]): Promise<void> => writeWhole(targetsFile, targetsJson(list));
  await setTargets(targets);
  const ruleFiles = rules.map((_, index) => `${folder}/rules-${index}.yml`);
  for (const [index, text] of rules.entries()) await Deno.writeTextFile(ruleFiles[index] ?? "", text);
  await Deno.writeTextFile(`${folder}/prometheus.yml`, configJson({ interval, ruleFiles, targetsFile, scrapeConfig }));
  await fill?.(`${folder}/data`);
  const port = freePort();
  const child = new Deno.Command("prometheus", {
    args: [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=warn",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const url = `http://127.0.0.1:${port}`;
  const api = (path: string): Promise<unknown> => answer(`${url}/api/v1/${path}`);
  const server: PrometheusServer = {
    url,
    pid: child.pid,
    setTargets,
    api,
    async query(expr) {
      const data = await api(`query?query=${encodeURIComponent(expr)}`) as { result: readonly QueriedSample[] };
      return data.result;
    },
    async alerts() {
      return (await api("alerts") as { alerts: readonly ActiveAlert[] }).alerts;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
  await ready(url, child.status);
  return server;
}

function configJson(
  { interval, ruleFiles, targetsFile, scrapeConfig }: {
    interval: string;
    ruleFiles: readonly string[];
    targetsFile: string;
    scrapeConfig: Readonly<Record<string, unknown>>;
  },
): string {
  const discovery = { file_sd_configs: [{ files: [targetsFile], refresh_interval: "1s" }] };
  return JSON.stringify({
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: ruleFiles,
    scrape_configs: [{ job_name: "walg", ...discovery, ...scrapeConfig }],
  });
}

function targetsJson(targets: readonly Target[]): string {
  return JSON.stringify(targets.map(({ address, labels, path }) => ({
    targets: [address],
    labels: { ...labels, ...(path !== undefined && { __metrics_path__: path }) },
  })));
}

async function writeWhole(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(`${path}.new`, text);
  await Deno.rename(`${path}.new`, path);
}

/** A port of 127.0.0.1 on which nothing listens. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

async function answer(url: string): Promise<unknown> {
  const response = await fetch(url);
  const body = await response.json() as { status: string; data?: unknown; error?: string };
  if (body.status !== "success") throw new Error(`${url}: ${body.error}`);
  return body.data;
}

async function ready(url: string, ended: Promise<Deno.CommandStatus>): Promise<void> {
  let status: Deno.CommandStatus | undefined;
  void ended.then((how) => status = how);
  for (let tries = 0; tries < 300; tries++) {
    if (status !== undefined) throw new Error(`prometheus ended with ${status.code}`);
    const response = await fetch(`${url}/-/ready`).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.status === 200) return;
    await pause(100);
  }
  throw new Error("prometheus is not ready within 30 s");
}
