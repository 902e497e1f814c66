import { cpuSeconds, type Served } from "./served.ts";

/** What Prometheus 3 asks for. */
const ACCEPT = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," +
  "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4," +
  "text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

/** Options of {@link scrapeLoad}. */
export interface LoadOptions {
  readonly gzip: boolean;
  /** For so long, or so many scrapes. */
  readonly amount: { readonly seconds: number } | { readonly scrapes: number };
  /** How many scrape at the same time. Default 4. */
  readonly connections?: number;
  /** A folder for the list of single scrapes; without it there is none. */
  readonly listIn?: string;
}

/** What a run of `ab` measured. */
export interface Load {
  readonly scrapes: number;
  /** Scrapes per second. */
  readonly rate: number;
  /** CPU of the server per scrape, seconds. */
  readonly cpu: number;
  /** From the request to the last byte of each answer, milliseconds, shortest first; empty when not listed. */
  readonly latencies: readonly number[];
}

/**
 * Scrapes a server without pause with Apache's `ab` on connections that stay open, as Prometheus does.
 * `ab` speaks HTTP/1.0, so an answer without a length would close its connection.
 *
 * @throws Error when a scrape failed, was not answered with 200 or closed its connection
 */
export async function scrapeLoad(
  server: Served,
  { gzip, amount, connections = 4, listIn }: LoadOptions,
): Promise<Load> {
  const list = listIn === undefined ? undefined : `${listIn}/scrapes.tsv`;
  const args = [
    // The order counts: -t sets a number of scrapes that -n takes back.
    ...("seconds" in amount ? ["-t", `${amount.seconds}`, "-n", "1000000"] : ["-n", `${amount.scrapes}`]),
    ...["-q", "-k", "-l", "-c", `${connections}`, "-H", `Accept: ${ACCEPT}`],
    ...(gzip ? ["-H", "Accept-Encoding: gzip"] : []),
    ...(list === undefined ? [] : ["-g", list]),
    `${server.url}/metrics`,
  ];
  const before = cpuSeconds(server.pid);
  const { success, stdout, stderr } = await new Deno.Command("ab", { args, stdin: "null" }).output();
  const used = cpuSeconds(server.pid) - before;
  const text = new TextDecoder().decode(stdout);
  const errors = new TextDecoder().decode(stderr).trim();
  if (!success) throw new Error(`ab ${args.join(" ")}: ${errors}`);
  const figure = (name: string): number => Number(new RegExp(`^${name}:\\s+([\\d.]+)`, "m").exec(text)?.[1] ?? 0);
  const scrapes = figure("Complete requests");
  const faults = [
    ["failed", figure("Failed requests")],
    ["not answered with 200", figure("Non-2xx responses")],
    ["without a length", scrapes - figure("Keep-Alive requests")],
  ] as const;
  for (const [what, count] of faults) {
    if (count > 0) throw new Error(`ab: of ${scrapes} scrapes of ${server.url} ${count} were ${what}\n${text}`);
  }
  const latencies = list === undefined ? [] : latenciesOf(await Deno.readTextFile(list));
  return { scrapes, rate: figure("Requests per second"), cpu: used / scrapes, latencies };
}

/** The column `ttime` of ab's list. */
function latenciesOf(tsv: string): number[] {
  const rows = tsv.trimEnd().split("\n").slice(1);
  return rows.map((row) => Number(row.split("\t")[4])).toSorted((a, b) => a - b);
}
