import type { Latency } from "./refresh_cost.ts";
import { isMet, type Measured, type Requirement } from "./requirements.ts";

/** A Markdown table; all columns but the first are figures. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, column) => column === 0 ? "---" : "--:")), ...rows.map(line)].join("\n");
}

/** What a run measured, as Markdown. */
export function reportOf(measured: Measured, requirements: readonly Requirement[]): string {
  return [
    "### What it must keep to",
    requirementTable(requirements),
    "### Scrapes",
    scrapeTable(measured),
    "### Memory",
    memoryTable(measured),
    "### Refreshes of 10,000 backups",
    refreshTable(measured),
    "### Listings, and at rest",
    listingTable(measured),
  ].join("\n\n");
}

function requirementTable(requirements: readonly Requirement[]): string {
  return table(
    ["requirement", "wanted", "measured", ""],
    requirements.map((requirement) => {
      const { what, print, measured, least, most } = requirement;
      const wanted = least === undefined ? `≤ ${print(most ?? NaN)}` : `≥ ${print(least)}`;
      return [what, wanted, print(measured), isMet(requirement) ? "ok" : "**NOT OK**"];
    }),
  );
}

function scrapeTable({ scrapes }: Measured): string {
  const [ms, whole] = [(seconds: number) => (seconds * 1000).toFixed(3), (rate: number) => count(Math.round(rate))];
  return table(
    ["backups", "encoding", "body", "scrapes/s", "floor's", "ratio", "CPU per scrape, ms", "floor's", "ratio"],
    scrapes.map(({ backups, gzip, bytes, exporter, floor, rateRatio, cpuRatio }) => [
      count(backups),
      gzip ? "gzip" : "identity",
      `${count(Math.ceil(bytes / 1000))} kB`,
      whole(exporter.rate),
      whole(floor.rate),
      rateRatio.toFixed(2),
      ms(exporter.cpu),
      ms(floor.cpu),
      cpuRatio.toFixed(2),
    ]),
  );
}

function memoryTable({ idle, scrapes, latency }: Measured): string {
  const cells = (of: "anonymous" | "resident") =>
    scrapes.filter(({ gzip }) => gzip).map(({ backups, exporter, floor }) => [
      `${count(backups)}, ${of === "anonymous" ? "RssAnon" : "VmRSS"}`,
      ...[exporter, floor].flatMap(({ idle, warm, loaded }) => [mb(idle[of]), mb(warm[of]), mb(loaded[of])]),
    ]);
  const head = ["backups", "idle", "after 1,000 scrapes", "under load", "floor idle", "after 1,000", "under load"];
  const { memory: { anonymous, peak } } = latency;
  return `${table(head, [...cells("anonymous"), ...cells("resident")])}\n\nMB. At 10,000 backups under load while ` +
    `refreshes follow each other: RssAnon ${mb(anonymous)} MB, most ever resident (VmHWM) ${mb(peak)} MB. ` +
    `Idle at 12, median of ${idle.starts} starts: RssAnon ${mb(idle.exporter.anonymous)} and the floor's ` +
    `${mb(idle.floor.anonymous)}, VmRSS ${mb(idle.exporter.resident)} and ${mb(idle.floor.resident)}.`;
}

function refreshTable({ latency, refresh }: Measured): string {
  const { refreshes, seconds, one, four, floor } = latency;
  const cells = (name: string, latency: Latency | undefined): string[][] =>
    latency === undefined ? [] : [[
      name,
      count(latency.scrapes),
      ...[latency.p50, latency.p99, latency.worst, latency.p99AnyMoment].map((ms) => ms.toFixed(0)),
    ]];
  const rows = [
    ...cells("exporter, one connection", one),
    ...cells("exporter, four connections", four),
    ...cells("floor, one connection", floor),
  ];
  const latencies = table(["ms", "scrapes", "p50", "p99", "longest", "p99 of a scrape at any moment"], rows);
  return `${latencies}\n\n${seconds} s each; ${refreshes} refreshes followed each other. CPU of a refresh with changed ` +
    `output ${(refresh.changed * 1000).toFixed(0)} ms, with the same output ${
      (refresh.unchanged * 1000).toFixed(1)
    } ms.`;
}

function listingTable({ listings, rest }: Measured): string {
  const rows = listings.map(({ operation, objects, runs, peak, peakWithout, latency }) => [
    `${operation}, ${count(objects)} objects`,
    count(runs),
    mb(peak),
    mb(peakWithout),
    ...[latency.p50, latency.p99, latency.worst, latency.p99AnyMoment].map((ms) => ms.toFixed(0)),
  ]);
  const head = ["", "runs", "VmHWM, MB", "without it", "p50, ms", "p99", "longest", "p99 of a scrape at any moment"];
  return `${table(head, rows)}\n\nOwn CPU at rest: ${rest.exporter.toFixed(2)} s an hour, the floor's ` +
    `${rest.floor.toFixed(2)}, and ${rest.running.toFixed(2)} with as many runs of a command.`;
}

function count(figure: number): string {
  return figure.toLocaleString("en-US");
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
