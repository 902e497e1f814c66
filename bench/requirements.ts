import type { IdleMemory } from "./idle_memory.ts";
import type { ListingCost } from "./listing_cost.ts";
import type { RefreshCpu, RefreshLatency } from "./refresh_cost.ts";
import type { RestCpu } from "./rest.ts";
import type { ScrapeCost } from "./scrape_cost.ts";

/** All that a run of the benchmark measured. */
export interface Measured {
  /** At 12 backups. */
  readonly idle: IdleMemory;
  /** At 12, 1,000 and 10,000 backups, with gzip and without. */
  readonly scrapes: readonly ScrapeCost[];
  /** With 10,000 backups. */
  readonly latency: RefreshLatency;
  readonly refresh: RefreshCpu;
  /** With 10,000 backups. */
  readonly listings: readonly ListingCost[];
  /** At 7 backups. */
  readonly rest: RestCpu;
}

/** What the exporter must keep to, and what was measured. */
export interface Requirement {
  readonly what: string;
  /** How the figure is printed. */
  readonly print: (figure: number) => string;
  readonly measured: number;
  readonly least?: number;
  readonly most?: number;
}

/** Whether a requirement is met. */
export function isMet({ measured, least = -Infinity, most = Infinity }: Requirement): boolean {
  return measured >= least && measured <= most;
}

/** The requirements with their figures. */
export function requirementsOf({ idle, scrapes, latency, listings, rest }: Measured): Requirement[] {
  const at = (backups: number): ScrapeCost => {
    const found = scrapes.find((cost) => cost.backups === backups && cost.gzip);
    if (found === undefined) throw new Error(`No scrape with gzip was measured at ${backups} backups`);
    return found;
  };
  const [few, some, many] = [at(12), at(1000), at(10_000)];
  const times = (ratio: number): string => `${ratio.toFixed(2)} ×`;
  const milliseconds = (figure: number): string => `${figure.toFixed(0)} ms`;
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
  const under = "throughput with gzip to the floor's, at";
  const idling = "idle at 12 backups to the floor's,";
  return [
    { what: `${under} 12 backups`, print: times, measured: few.rateRatio, least: 0.7 },
    { what: `${under} 1,000`, print: times, measured: some.rateRatio, least: 0.7 },
    { what: `${under} 10,000`, print: times, measured: many.rateRatio, least: 0.7 },
    {
      what: "p99 of a scrape at any moment while 10,000 are refreshed, one connection",
      print: milliseconds,
      measured: latency.one.p99AnyMoment,
      most: 50,
    },
    {
      what: "the same, four connections without pause",
      print: milliseconds,
      measured: latency.four.p99AnyMoment,
      most: 50,
    },
    {
      what: `${idling} VmRSS`,
      print: times,
      measured: idle.exporter.resident / idle.floor.resident,
      most: 1.3,
    },
    {
      what: "most ever resident at 10,000 under load",
      print: megabytes,
      measured: many.exporter.loaded.peak,
      most: 149e6,
    },
    ...listings.flatMap(({ operation, objects, peak, peakWithout, latency }): Requirement[] => {
      const of = `${operation} of ${objects.toLocaleString("en-US")} objects without pause`;
      const most = operation === "wal-archive" ? 60e6 : 40e6;
      return [
        { what: `most ever resident by ${of}`, print: megabytes, measured: peak - peakWithout, most },
        {
          what: `p99 of a scrape at any moment by ${of}`,
          print: milliseconds,
          measured: latency.p99AnyMoment,
          most: 50,
        },
      ];
    }),
    {
      what: "own CPU at rest, scraped every 15 s, to the floor's",
      print: times,
      measured: rest.exporter / rest.floor,
      most: 2.5,
    },
  ];
}
