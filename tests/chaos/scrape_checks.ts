import type { ParsedFamily } from "../support/exposition_parser.ts";
import type { Scrape } from "./honest_scraper.ts";
import type { Lists } from "./lists.ts";
import { Violation } from "./violation.ts";

/** Checks every scrape of one process against what came before it. */
export type ScrapeCheck = (scrape: Scrape, before: Scrape | undefined) => void;

/** The seconds that a duration may be off by, as all parts of a run are not in it. */
const SLACK = 0.05;

/** Makes the check of one process' scrapes. */
export function createScrapeCheck(lists: Lists): ScrapeCheck {
  /** Which list each successful run gave, by when it ended. */
  const given = new Map<number, number>();
  return (scrape, before) => {
    for (const [series, value] of before?.counters ?? []) {
      const now = scrape.counters.get(series);
      if (now === undefined || now < value) {
        throw new Violation("counters never fall", `${series}: ${value}, then ${now}`);
      }
    }
    checkErrorSums(scrape);
    checkList(scrape, { lists, given });
  };
}

function checkErrorSums({ families, counters }: Scrape): void {
  const named = (name: string): number | undefined => counters.get(`${name}[]`);
  const errors = (families.get("walg_errors_total") ?? families.get("walg_errors"))?.series ?? [];
  const sum = errors.filter(({ labels }) => labels["operation"] !== "storage-check")
    .reduce((total, { value }) => total + value, 0);
  const scrapeErrors = named("walg_scrape_errors_total");
  if (scrapeErrors !== sum) {
    throw new Violation(
      "errors are counted once",
      `walg_scrape_errors_total ${scrapeErrors}, of walg_errors_total ${sum}`,
    );
  }
}

function checkList(
  { families }: Scrape,
  { lists, given }: { lists: Lists; given: Map<number, number> },
): void {
  const fail = (detail: string): never => {
    throw new Violation("one complete list, the latest", detail);
  };
  const number = lists.shown(families);
  const ended = ofBackupList(families, "walg_scrape_last_success_timestamp_seconds");
  if (ended === undefined && number === undefined) return;
  if (ended === undefined || number === undefined) return fail(`a list without its success or the other way round`);
  const newest = Math.max(...given.values());
  if (number < newest) fail(`shown is list ${number}, after ${newest}`);
  const same = given.get(ended);
  if (same !== undefined && same !== number) fail(`of one run first list ${same}, then ${number}`);
  given.set(ended, number);
  if (ofBackupList(families, "walg_scrape_success") !== 1) return;
  const start = ended - (ofBackupList(families, "walg_scrape_duration_seconds") ?? 0);
  const { first, last } = lists.printable(start - SLACK);
  if (number < first || number > last) fail(`shown is list ${number}; the run printed one of ${first} to ${last}`);
}

function ofBackupList(families: ReadonlyMap<string, ParsedFamily>, name: string): number | undefined {
  return families.get(name)?.series.find(({ labels }) => labels["operation"] === "backup-list")?.value;
}
