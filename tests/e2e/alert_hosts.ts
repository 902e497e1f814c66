import { CAPTURES } from "../support/paths.ts";

/** A host of the chain: what its wal-g answers, and the alerts that must fire for it, no others. */
export interface AlertHost {
  readonly name: string;
  /** Knobs of the stand-in. */
  readonly knobs: Readonly<Record<string, string>>;
  readonly fires: readonly string[];
  /** What happens to it once it has been scraped for a while. */
  readonly then?: "stop" | "leave" | "hang wal-verify";
}

const HEALTHY = { SCENARIO: "healthy", SHIFT: "1" };
const DAY = 86_400;

/** All hosts; the answers that no capture holds are written into the folder. */
export async function alertHosts(folder: string): Promise<AlertHost[]> {
  const write = async (name: string, value: unknown): Promise<string> => {
    await Deno.writeTextFile(`${folder}/${name}`, JSON.stringify(value));
    return `${folder}/${name}`;
  };
  const healthy = await readCapture("healthy");
  const small = { ...HEALTHY, STDOUT_FILE_BACKUP_LIST: await write("small.json", smallAfterLongChain(healthy)) };
  return [
    { name: "healthy", knobs: HEALTHY, fires: [] },
    { name: "stopped", knobs: HEALTHY, fires: ["WalgExporterDown"], then: "stop" },
    { name: "removed", knobs: HEALTHY, fires: ["WalgExporterMissing"], then: "leave" },
    { name: "hanging", knobs: HEALTHY, fires: ["WalgCollectionStale"], then: "hang wal-verify" },
    { name: "no-storage", knobs: { SCENARIO: "s3-no-bucket" }, fires: ["WalgStorageDown", "WalgCollectionFailing"] },
    {
      name: "no-backups",
      knobs: { SCENARIO: "no-backups" },
      // The second one only after a week, which is as short as a day here.
      fires: ["WalgNoBackups", "WalgRecoveryWindowShort"],
    },
    {
      name: "old",
      knobs: { SCENARIO: "healthy", SHIFT_TO: secondsAgo(10 * DAY) },
      fires: ["WalgBackupTooOld", "WalgFullBackupTooOld"],
    },
    { name: "young", knobs: HEALTHY, fires: ["WalgRecoveryWindowShort"] },
    { name: "small", knobs: small, fires: ["WalgBackupTooSmall", "WalgDeltaChainTooLong"] },
    {
      name: "failover",
      knobs: { ...HEALTHY, STDOUT_FILE_BACKUP_LIST: await write("failover.json", onFailover(healthy)) },
      fires: ["WalgBackupsOnFailoverOnly"],
    },
    {
      name: "segment-lost",
      knobs: { SCENARIO: "segment-lost", SHIFT: "1" },
      fires: ["WalgBackupNotRestorable", "WalgWalSegmentsLost"],
    },
    {
      name: "all-lost",
      knobs: { ...HEALTHY, STDOUT_FILE_WAL_VERIFY: await write("lost.json", allLost()) },
      fires: ["WalgBackupNotRestorable", "WalgNothingRestorable", "WalgRecoveryWindowShort"],
    },
    {
      name: "split-brain",
      knobs: { SCENARIO: "split-brain", SHIFT: "1" },
      fires: ["WalgArchivingStuck", "WalgBackupNotRestorable", "WalgTimelineMismatch"],
    },
    {
      name: "part-lost",
      knobs: { SCENARIO: "archive-wal-g-3.0.9/part-lost", SHIFT: "1" },
      // PostgreSQL was down.
      fires: ["WalgBackupIncomplete", "WalgBackupNotRestorable", "WalgCollectionFailing"],
    },
    {
      name: "upload-died",
      // Too long ago for an upload, and not for the newest backup. Five segments of the timeline are a hole.
      knobs: { SCENARIO: "archive-wal-g-3.0.9/backup-interrupted", SHIFT_TO: secondsAgo(25 * 3600) },
      fires: ["WalgRecoveryPointLagging", "WalgRecoveryPointTooOld", "WalgUploadDied", "WalgWalSegmentsLost"],
    },
    {
      name: "archiving-stuck",
      knobs: { SCENARIO: "archiving-stuck-long", SHIFT: "1" },
      fires: ["WalgArchivingLagging", "WalgArchivingStuck", "WalgBackupNotRestorable", "WalgWalSegmentsLost"],
    },
  ];
}

/** Unix seconds, as a knob. */
function secondsAgo(seconds: number): string {
  return String(Math.floor(Date.now() / 1000) - seconds);
}

type Backups = readonly Readonly<Record<string, unknown>>[];

async function readCapture(scenario: string): Promise<Backups> {
  const text = await Deno.readTextFile(`${CAPTURES}/wal-g-3.0.9/${scenario}/backup-list.stdout`);
  // The identifier is above 2^53: a string of its digits would be of the wrong type, and it is not looked at here.
  return JSON.parse(text.replaceAll(/"system_identifier":\d+/g, '"system_identifier":1')) as Backups;
}

function onFailover(backups: Backups): Backups {
  return backups.map((backup, index) => index === 0 ? { ...backup, storage_name: "spare" } : backup);
}

/** Four full backups of one size, a fifth of a tenth of it, and fifteen deltas on one another after it. */
function smallAfterLongChain(backups: Backups): Backups {
  const segment = (index: number): string =>
    `0000000100000000${(4 + index).toString(16).toUpperCase().padStart(8, "0")}`;
  const newest = Date.now() - 180_000;
  return Array.from({ length: 20 }, (_, index) => {
    const full = index < 5;
    const finish = newest - (19 - index) * 10_000;
    return {
      ...backups[0],
      backup_name: full ? `base_${segment(index)}` : `base_${segment(index)}_D_${segment(index - 1)}`,
      wal_file_name: segment(index),
      time: new Date(finish).toISOString(),
      start_time: new Date(finish - 5000).toISOString(),
      finish_time: new Date(finish).toISOString(),
      start_lsn: (4 + index) * 16 * 2 ** 20 + 40,
      finish_lsn: (4 + index) * 16 * 2 ** 20 + 256,
      compressed_size: index < 4 ? 10_000_000 : 1_000_000,
    };
  });
}

function allLost(): unknown {
  const range = {
    timeline_id: 1,
    start_segment: "000000010000000000000004",
    end_segment: "000000010000000000000020",
    segments_count: 29,
    status: "MISSING_LOST",
  };
  return {
    integrity: { status: "FAILURE", details: [range] },
    timeline: { status: "OK", details: { current_timeline_id: 1, highest_storage_timeline_id: 1 } },
  };
}
