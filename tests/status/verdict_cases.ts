import { generateScenario, writeScenario } from "../../tools/generate_scenario.ts";
import { STANDIN_BIN } from "../support/paths.ts";
import { archiveScenarios, scenarios, WITH_LISTINGS, WITHOUT_LISTINGS } from "../support/paths.ts";
import { capturedTime, wrapperScript } from "../commands/check/captured.ts";

/** A host as it is at one moment. */
export interface VerdictCase {
  readonly name: string;
  /** What its wal-g is: the text of a script; undefined where there is none. */
  readonly walg: string | undefined;
  /** The moment: Unix milliseconds. */
  readonly now: number;
  readonly flags: readonly string[];
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** When the generated month ends: Unix milliseconds. */
const END = Date.parse("2026-11-23T03:00:00Z");

type Files = Record<string, string>;

/** A case of the generated month: a change of what wal-g prints, how long after its last backup, and flags. */
interface Made {
  readonly change?: (files: Files) => void;
  readonly later?: number;
  readonly flags?: readonly string[];
}

const range = (start: number, segments: number, status: string): string =>
  `{"timeline_id":1,"start_segment":"${walName(start)}","end_segment":"${walName(start + segments - 1)}",` +
  `"segments_count":${segments},"status":"${status}"}`;

function walName(number: number): string {
  const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, "0");
  return `00000001${hex(Math.floor(number / 256))}${hex(number % 256)}`;
}

/** The number of the last archived segment. */
function lastSegment(files: Files): number {
  const names = [...(files["wal-verify"] ?? "").matchAll(/"end_segment":"0{7}1(\w{8})(\w{8})"/g)];
  return Math.max(...names.map(([, high = "", low = ""]) => parseInt(high, 16) * 256 + parseInt(low, 16)));
}

/** The cluster has written so many segments more than are archived. */
function waiting(segments: number): (files: Files) => void {
  return (files) => {
    const more = range(lastSegment(files) + 1, segments, "MISSING_UPLOADING");
    files["wal-verify"] = (files["wal-verify"] ?? "").replace('}]},"timeline"', `},${more}]},"timeline"`);
  };
}

/** The backups' names and WAL files, oldest first. */
function backupsOf(files: Files): readonly { readonly backup_name: string; readonly wal_file_name: string }[] {
  return JSON.parse(files["backup-list"] ?? "");
}

/** Ten segments after the start of the nth last backup's own are gone from the listing, and for wal-verify. */
function hole(nthLast: number): (files: Files) => void {
  return (files) => {
    const start = backupsOf(files).at(-nthLast)?.wal_file_name ?? "";
    const number = parseInt(start.slice(8, 16), 16) * 256 + parseInt(start.slice(16), 16);
    for (let gone = number + 3; gone < number + 13; gone++) without(files, "st-ls-wal", walName(gone));
  };
}

function without(files: Files, file: string, part: string): void {
  files[file] = (files[file] ?? "").split("\n").filter((line) => !line.includes(part)).join("\n");
}

const both = (...changes: readonly ((files: Files) => void)[]) => (files: Files): void => {
  for (const change of changes) change(files);
};

const OFF = ["wal-verify", "wal-archive", "backup-files", "storage-check"].map((name) => `-${name}.scrape-interval=0`);

const MADE: Readonly<Record<string, Made>> = {
  "a month of backups": {},
  "the same, 27 hours after the last one": { later: 27 * HOUR },
  "the same, 51 hours after": { later: 51 * HOUR },
  "the same, 12 days after; the cluster is quiet": { later: 12 * DAY },
  "3,000 segments not archived, the last backup 3.5 days old": { change: waiting(3000), later: 3.5 * DAY },
  "17 segments not archived yet": { change: waiting(17), later: HOUR / 10 },
  "5 segments not archived for 20 minutes": { change: waiting(5), later: HOUR / 3 + HOUR / 6 },
  "an old hole, with nine restorable backups after it": { change: hole(10) },
  "the same, accepted": { change: hole(10), flags: ["-accept-holes-before=2026-11-20"] },
  "an old hole, and 59 segments wait": { change: both(hole(10), waiting(59)) },
  "a hole with no backup after it": { change: hole(1), later: HOUR },
  "an empty segment at the end of the archive": {
    change: (files) => {
      const name = walName(lastSegment(files));
      const row = new RegExp(`^(obj +)\\d+( +.*${name})`, "m");
      files["st-ls-wal"] = (files["st-ls-wal"] ?? "").replace(row, "$10$2");
    },
  },
  "a full backup that is not listed any more, its deltas are": {
    change: (files) => {
      const all = JSON.parse(
        (files["backup-list"] ?? "").replaceAll(/"system_identifier":\d+/g, '"system_identifier":1'),
      );
      const full = all.findLast(({ backup_name }: { readonly backup_name: string }) => !backup_name.includes("_D_"));
      files["backup-list"] = JSON.stringify(all.filter((one: unknown) => one !== full));
    },
  },
  "a recovery window that is shorter than is wanted": { flags: ["-min-recovery-window=60d"] },
  "a host without PostgreSQL, wal-verify off": { flags: [OFF[0] ?? ""], later: -0.4 * HOUR },
  "the same, of a cluster that archives nothing for an hour": { flags: [OFF[0] ?? ""], later: 1.5 * HOUR },
  "nothing but backup-list on": { flags: OFF },
  "the account may not list the storage": {
    change: (files) => {
      for (const name of ["backup-list", "st-ls-wal", "wal-show", "st-ls-backups"]) {
        files[name] = "";
        files[`${name}.stderr`] =
          "ERROR: 2026/11/23 03:39:14.240318 failed to list s3 folder: AccessDenied: Access Denied " +
          "status code: 403\n";
        files[`${name}.exit`] = "1\n";
      }
    },
  },
};

/** All captures, each at the time of its capture, and those made of a generated month; written into the folder. */
export async function verdictCases(folder: string): Promise<readonly VerdictCase[]> {
  const captured = [...scenarios(), ...archiveScenarios()].map(async (name): Promise<VerdictCase> => ({
    name,
    walg: wrapperScript(name),
    now: await capturedTime(name),
    flags: name.startsWith("archive-") ? WITH_LISTINGS : WITHOUT_LISTINGS,
  }));
  const made = Object.entries(MADE).map(async ([name, { change, later = 0.1 * HOUR, flags = [] }], index) => {
    const path = `${folder}/month-${index}`;
    const scenario = generateScenario({ backups: 30, seed: 17, ranges: 1, permanent: 0, end: END / 1000 });
    await writeScenario(path, scenario);
    await changeFiles(path, change ?? (() => {}));
    return { name, walg: script(path), now: END + HOUR / 2 + later, flags: [...WITH_LISTINGS, ...flags] };
  });
  const missing: VerdictCase = { name: "wal-g is not there", walg: undefined, now: END, flags: [] };
  return [...await Promise.all(captured), ...await Promise.all(made), missing];
}

async function changeFiles(path: string, change: (files: Files) => void): Promise<void> {
  const files: Files = {};
  for (const { name } of Deno.readDirSync(path)) {
    if (name.endsWith(".stdout")) files[name.slice(0, -".stdout".length)] = await Deno.readTextFile(`${path}/${name}`);
  }
  change(files);
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${path}/${/\.(stderr|exit)$/.test(name) ? name : `${name}.stdout`}`, text);
  }
}

function script(path: string): string {
  return `#!/bin/sh\nexport WALG_STANDIN_SCENARIO='${path}'\nexec ${STANDIN_BIN}/wal-g "$@"\n`;
}
