import type { Line, Panel } from "./cost_plot.ts";
import type { ScrapeCost, ServerCost } from "./scrape_cost.ts";

/** WAL-G's own exporter under the same load on such a machine: backups, scrapes per second, CPU per scrape in ms. */
const REFERENCE = [[12, 867, 1.85], [1000, 47, 39], [10_000, 3.7, 525]] as const;

/** Below the plot. */
export const PLOT_NOTE = "4 keep-alive connections, gzip. WAL-G's Go exporter was measured in another run.";

/** CPU per scrape and scrapes per second over the number of backups. */
export function panelsOf(costs: readonly ScrapeCost[]): Panel[] {
  const sorted = costs.filter(({ gzip }) => gzip).toSorted((a, b) => a.backups - b.backups);
  const line = (name: string, style: "exporter" | "floor", figure: (cost: ServerCost) => number): Line => ({
    name,
    style,
    points: sorted.map((cost) => [cost.backups, figure(cost[style])]),
  });
  const reference = (column: 1 | 2): Line => ({
    name: "WAL-G's Go exporter",
    style: "reference",
    points: REFERENCE.map((row) => [row[0], row[column]]),
  });
  const pair = (figure: (cost: ServerCost) => number): Line[] => [
    line("walg-exporter", "exporter", figure),
    line("bare Deno.serve", "floor", figure),
  ];
  return [
    { title: "CPU per scrape, milliseconds", lines: [...pair(({ cpu }) => cpu * 1000), reference(2)] },
    { title: "Scrapes per second", lines: [...pair(({ rate }) => rate), reference(1)] },
  ];
}
