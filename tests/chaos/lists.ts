import { generateScenario } from "../../tools/generate_scenario.ts";
import type { ParsedFamily } from "../support/exposition_parser.ts";
import { Violation } from "./violation.ts";

/** The lists that WAL-G printed so far, in order; each differs from all others. */
export interface Lists {
  /** Makes the next one and returns its number and its JSON. */
  add(backups: number): { readonly number: number; readonly json: string };
  /** Tells that WAL-G prints it from now on: between these moments, Unix seconds. */
  wasSet(number: number, from: number, until: number): void;
  /**
   * The number of the list that an exposition shows; undefined when it shows none.
   *
   * @throws Violation when it is not exactly one of them, whole
   */
  shown(families: ReadonlyMap<string, ParsedFamily>): number | undefined;
  /** The numbers that a run which began at this moment (Unix seconds) could print. */
  printable(start: number): { readonly first: number; readonly last: number };
  readonly newest: number;
}

const PER_BACKUP = [
  "walg_backup_info",
  "walg_backup_start_timestamp",
  "walg_backup_finish_timestamp",
  "walg_backup_compressed_size_bytes",
  "walg_backup_uncompressed_size_bytes",
];

/** From the start of a process to its reading what it shall print, at most; seconds. */
const START_SLACK = 0.25;

/** No list yet. */
export function createLists(): Lists {
  const numbers = new Map<string, number>();
  const set: { from: number; until: number }[] = [];
  return {
    add(wanted) {
      // Empty lists are all alike, so there is only one.
      const backups = numbers.has("") ? Math.max(1, wanted) : wanted;
      const number = set.length;
      set.push({ from: Infinity, until: Infinity });
      const json = backups === 0 ? "[]" : generateScenario({ backups, seed: number + 1, ranges: 1 }).backupList;
      const entries = JSON.parse(json) as { backup_name: string; compressed_size: number }[];
      const key = keyOf(new Map(entries.map((entry) => [entry.backup_name, entry.compressed_size])));
      numbers.set(key, number);
      return { number, json };
    },
    wasSet: (number, from, until) => set[number] = { from, until },
    shown(families) {
      const sizes = valuesOf(families.get("walg_backup_compressed_size_bytes"));
      const counted = families.get("walg_backups")?.series.reduce((sum, { value }) => sum + value, 0);
      if (counted === undefined && sizes.size === 0) return undefined;
      const number = numbers.get(keyOf(sizes));
      if (number === undefined) {
        throw new Violation("one complete list, the latest", `no list of WAL-G holds ${keyOf(sizes).slice(0, 300)}`);
      }
      if (counted !== sizes.size) {
        throw new Violation("one complete list, the latest", `walg_backups says ${counted}, listed are ${sizes.size}`);
      }
      const names = [...sizes.keys()].join();
      for (const name of PER_BACKUP) {
        const others = [...valuesOf(families.get(name)).keys()].join();
        if (others !== names) {
          throw new Violation("one complete list, the latest", `${name} is of other backups: ${others.slice(0, 300)}`);
        }
      }
      return number;
    },
    printable(start) {
      const candidates = set.flatMap(({ from, until }, number) => {
        const next = set[number + 1]?.until ?? Infinity;
        return from <= start + START_SLACK && next >= start && until < Infinity ? [number] : [];
      });
      return { first: Math.min(...candidates), last: Math.max(...candidates) };
    },
    get newest() {
      return set.length - 1;
    },
  };
}

function valuesOf(family: ParsedFamily | undefined): Map<string, number> {
  return new Map((family?.series ?? []).map(({ labels, value }) => [labels["backup_name"] ?? "", value]));
}

function keyOf(sizes: ReadonlyMap<string, number>): string {
  return [...sizes].map(([name, size]) => `${name}=${size}`).join();
}
