import { atOnce } from "../../src/base/clock.ts";
import { backupFiles } from "../../src/operations/backup_files.ts";
import { backupList } from "../../src/operations/backup_list.ts";
import type { Operation } from "../../src/operations/operation.ts";
import { OPERATIONS } from "../../src/operations/registry.ts";
import { type State, succeeded } from "../../src/operations/state.ts";
import { storageCheck } from "../../src/operations/storage_check.ts";
import { walArchive } from "../../src/operations/wal_archive.ts";
import { walVerify } from "../../src/operations/wal_verify.ts";
import { type BackupFilesBuilder, createBackupFilesBuilder } from "../../src/walg/backup_files.ts";
import { type Backup, decodeBackupList } from "../../src/walg/backup_list.ts";
import { parseSegment } from "../../src/walg/segment.ts";
import { createArchiveBuilder } from "../../src/walg/wal_archive.ts";
import { decodeWalVerify } from "../../src/walg/wal_verify.ts";
import { generateScenario, type ScenarioOptions } from "../../tools/generate_scenario.ts";
import { aBackup, MiB, walName } from "../recovery/builders.ts";
import { stateOf } from "../status/cluster.ts";
import { NOW, runCapture, withFailure } from "../status/scenario.ts";
import { changed, emptyState, withBackups } from "../support/state.ts";

/** A state to be shown, and the word that stands on top of its page. */
export interface PageScenario {
  readonly word: "OK" | "Warning" | "Critical" | "Unknown";
  readonly state: () => Promise<State>;
  /** When it is looked at, Unix milliseconds; {@link NOW} where that is not said. */
  readonly now?: number;
}

const capture = (word: PageScenario["word"], folder: string): PageScenario => ({
  word,
  state: () => runCapture(folder),
});

/** A capture with its listings, asked for a little after what it holds. */
function archived(word: PageScenario["word"], name: string, seen: string): PageScenario {
  const now = Date.parse(seen) + 3 * 60_000 + 5000;
  return { word, now, state: () => runCapture(`archive-wal-g-3.0.9/${name}`, emptyState(OPERATIONS), now) };
}

const CAPTURED: Readonly<Record<string, PageScenario["word"]>> = {
  "archiving-stuck-long": "Warning",
  "failover-storage": "Warning",
  "healthy": "OK",
  "no-backups": "Critical",
  "postgres-down": "Warning",
  "s3-bad-key": "Critical",
  "s3-no-bucket": "Critical",
  "s3-refused-then-terminated": "Critical",
  "segment-lost": "Warning",
  "segments-64mb": "OK",
  "split-brain": "Critical",
  "standby-not-streaming": "Critical",
  "storage-missing": "Critical",
  "storage-unlistable": "Critical",
  "two-timelines": "Warning",
};

/** Each captured scenario by its name, and what no capture shows. */
export const PAGE_SCENARIOS: Readonly<Record<string, PageScenario>> = {
  ...Object.fromEntries(
    Object.entries(CAPTURED).map(([name, word]) => [name, capture(word, `wal-g-3.0.9/${name}`)]),
  ),
  "reference-sample": capture("Critical", "reference-sample"),
  "wal-g-1.1": capture("Warning", "wal-g-1.1/two-timelines"),
  "skipped-timeline": { word: "Warning", state: () => Promise.resolve(skippedTimeline()) },
  "nothing-yet": { word: "Unknown", state: nothingYet },
  "old-answers": { word: "Critical", state: oldAnswers },
  "hostile-names": { word: "Warning", state: hostileNames },
  "wrong-clocks": { word: "Warning", state: wrongClocks },
  "generated-2": { word: "OK", state: () => generated({ backups: 2, seed: 2, ranges: 1 }) },
  "generated-12": { word: "OK", state: () => generated({ backups: 12, seed: 3, ranges: 1 }) },
  "archive-backup-interrupted": archived("Critical", "backup-interrupted", "2026-11-26T15:13:20Z"),
  "archive-control-lost": archived("Warning", "control-lost", "2026-11-26T15:13:00Z"),
  "archive-delta-on-branch": archived("Critical", "delta-on-branch", "2026-11-26T15:52:00Z"),
  "archive-failover": archived("Critical", "failover", "2026-11-26T15:17:00Z"),
  "archive-failover-wal": archived("OK", "failover-wal", "2026-11-26T16:17:00Z"),
  "archive-healthy": archived("OK", "healthy", "2026-11-26T15:11:26Z"),
  "archive-history-lost": archived("Warning", "history-lost-postgres-down", "2026-11-26T15:13:00Z"),
  "archive-jam-oldest-through": archived("OK", "jam-oldest-through", "2026-11-26T16:24:50Z"),
  "archive-just-promoted": archived("Warning", "just-promoted", "2026-11-26T17:06:00Z"),
  "archive-newest-on-branch": archived("Warning", "newest-on-branch", "2026-11-26T15:51:22Z"),
  "archive-part-lost": archived("Warning", "part-lost", "2026-11-26T15:13:00Z"),
  "archive-switched": archived("OK", "switched", "2026-11-26T15:11:38Z"),
  "archive-two-systems": archived("Warning", "two-systems", "2026-11-26T15:52:00Z"),
  "listed-2": { word: "OK", state: () => listed({ backups: 2 }) },
  "listed-30": { word: "OK", state: () => listed({ backups: 30 }) },
  "listed-30-branch": { word: "OK", state: () => listed({ backups: 30, fork: { at: 10, lasting: 6 } }) },
  "listed-30-stuck": { word: "Critical", state: () => listed({ backups: 30, stuckHours: 30, uploading: true }) },
  "listed-400": { word: "Warning", state: () => listed({ backups: 400, fork: { at: 250, lasting: 40 }, hole: 120 }) },
  "generated-10000": { word: "Warning", state: () => generated({ backups: 10_000, seed: 1, ranges: 1000 }) },
};

/** As wal-verify alone tells it when it passes over timeline 2. */
function skippedTimeline(): State {
  const backup = (timeline: number, number: number, hours: number): Backup =>
    aBackup({ timeline, number, size: SIZE, finishTime: NOW - hours * HOUR });
  const found = (count: number): string[] => Array<string>(count).fill("FOUND");
  return stateOf([backup(1, 10, 30), backup(3, 60, 4)], [
    { timeline: 1, first: 10, statuses: found(30) },
    { timeline: 3, first: 40, statuses: ["MISSING_LOST", ...found(50)] },
  ]);
}

function nothingYet(): Promise<State> {
  const fresh = emptyState();
  return Promise.resolve(fresh.operations.reduce(
    (state, operation) => changed(state, operation, (outcome) => ({ ...outcome, runningSince: NOW - 4000 })),
    fresh,
  ));
}

async function oldAnswers(): Promise<State> {
  let state = await runCapture("wal-g-3.0.9/healthy", emptyState(), NOW - 100 * 60_000);
  for (const operation of ["storage-check", "backup-list", "wal-verify"] as const) {
    const message = "dial tcp 10.20.0.9:9000: connect: connection refused";
    state = withFailure(state, operation, { type: "network", message, exitCode: 1, stderr: `ERROR: ${message}\n` });
  }
  return state;
}

async function hostileNames(): Promise<State> {
  const state = await runCapture("wal-g-3.0.9/segment-lost");
  const evil = `<script>document.title="taken"</script>\u202e${"M".repeat(300)}`;
  return withBackups(
    state,
    (backups) =>
      backups.map((backup, index) =>
        index === 0 ? { ...backup, name: `${backup.name}${evil}`, storages: [evil] } : backup
      ),
  );
}

/** One backup began after it ended, and the newest is dated in the future. */
async function wrongClocks(): Promise<State> {
  const state = await runCapture("wal-g-3.0.9/failover-storage");
  return withBackups(state, (backups) =>
    backups.map((backup, index) => {
      if (index === 2) return { ...backup, startTime: Date.parse("2031-01-01T00:00:00Z") };
      if (index < backups.length - 1) return backup;
      const ahead = Date.parse("2027-01-01T00:00:00Z") - backup.finishTime;
      return { ...backup, startTime: backup.startTime + ahead, finishTime: backup.finishTime + ahead };
    }));
}

async function generated(options: ScenarioOptions): Promise<State> {
  const texts = generateScenario(options);
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const state = await runCapture("wal-g-3.0.9/healthy");
  const wal = await decodeWalVerify(bytes(texts.walVerify), atOnce);
  const backups = await decodeBackupList(bytes(texts.backupList), atOnce);
  return withBackups(answered(state, walVerify, { ...wal, positions: [], digest: "generated" }), () => backups);
}

/** What a generated cluster went through; a backup a day, a segment about every hour. */
interface ListedOptions {
  readonly backups: number;
  /** It was recovered to before that backup, after so many more: those are of a branch. */
  readonly fork?: { readonly at: number; readonly lasting: number };
  /** Some segments after that backup are gone. */
  readonly hole?: number;
  /** For so long nothing was archived. */
  readonly stuckHours?: number;
  /** Whether a backup is being uploaded. */
  readonly uploading?: boolean;
}

const [HOUR, DAY, PER_DAY] = [3_600_000, 86_400_000, 24];

/** A cluster of which the archive and the backups' files are listed. */
function listed({ backups: count, fork, hole = -1, stuckHours = 0, uploading = false }: ListedOptions): Promise<State> {
  const [wal, files] = [createArchiveBuilder(), createBackupFilesBuilder()];
  const lasting = fork?.lasting ?? 0;
  const timeOf = (index: number): number => NOW - (count - index - 0.6) * DAY;
  const backups: Backup[] = [];
  const archive = (timeline: number, number: number, time: number): void =>
    wal.add({
      ...OBJECT,
      name: `${walName(timeline, number, SIZE)}.zst`,
      size: 4_200_000 + number % 7 * 300_000,
      time,
    });
  for (let index = 0; index < count; index++) {
    const isNew = fork !== undefined && index >= fork.at + lasting;
    const timeline = isNew ? 2 : 1;
    const number = 100 + (isNew ? index - lasting : index) * PER_DAY;
    const time = timeOf(index);
    const isFull = index % 7 === 0 || index === (fork?.at ?? -1) + lasting;
    const parent = isFull ? undefined : backups.at(-1)?.name;
    const compressedSize = (isFull ? 31 : 2.4) * 1024 ** 3 + index * 1e7;
    const made = aBackup({ timeline, number, size: SIZE, parent, finishTime: time, compressedSize });
    const backup = { ...made, startTime: time - 24 * 60_000, uncompressedSize: compressedSize * 3.4 };
    backups.push(backup);
    addFiles(files, backup);
    const until = fork !== undefined && index === fork.at + lasting - 1 ? PER_DAY - 6 : PER_DAY;
    for (let after = isNew && index === (fork?.at ?? 0) + lasting ? -5 : 0; after < until; after++) {
      const archivedTime = time - 12 * 60_000 + after * DAY / PER_DAY;
      if (archivedTime > NOW - stuckHours * HOUR || (index === hole && after > 5 && after < 12)) continue;
      archive(timeline, number + after, archivedTime);
    }
  }
  const last = backups.at(-1);
  if (uploading) {
    const folder = `base_${walName(1, 100 + count * PER_DAY, SIZE)}/tar_partitions`;
    for (const [at, ago] of [48, 30, 2].entries()) {
      const name = `${folder}/part_00${at + 1}.tar.zst`;
      files.add({ ...OBJECT, name, size: 1.1 * 1024 ** 3, time: NOW - ago * 60_000 });
    }
  }
  const forkNumber = 100 + (fork?.at ?? 0) * PER_DAY - 5;
  const switchLsn = BigInt(forkNumber) * BigInt(SIZE) + 0x400_000n;
  const shown = fork === undefined
    ? []
    : [{ timeline: 2, parent: 1, switchLsn, start: "", end: "", segments: 0, missing: [] }];
  if (fork !== undefined) {
    wal.add({ ...OBJECT, name: "00000002.history.zst", size: 50, time: timeOf(fork.at + lasting) - 6 * HOUR });
  }
  const facts = { storages: ["default"], time: NOW - 60_000 };
  let state = emptyState(OPERATIONS);
  state = answered(state, backupList, { backups, digest: "listed" });
  state = answered(state, storageCheck, {});
  state = answered(state, walArchive, {
    archive: wal.build({ ...facts, shown }),
    shape: undefined,
    shown,
    read: new Map(),
    lacksAll: false,
  });
  state = answered(state, backupFiles, {
    files: files.build({ ...facts, startTime: NOW - 120_000, endTime: NOW - 60_000 }),
    lacksAll: false,
  });
  const end = parseSegment(last?.walFile ?? "", SIZE)?.number ?? 0;
  const current = fork === undefined ? 1 : 2;
  const range = { timeline: current, start: walName(current, end, SIZE), end: walName(current, end + 14, SIZE) };
  const verify = {
    integrity: { status: "OK", ranges: [{ ...range, segments: 15, status: "FOUND" }] },
    timeline: { status: "OK", current, highestInStorage: current },
  };
  state = answered(state, walVerify, { ...verify, positions: [], digest: "listed" });
  return Promise.resolve({ ...state, walgVersion: "3.0.9" });
}

const SIZE = 16 * MiB;
const OBJECT = { storage: 0, isFolder: false };

function addFiles({ add }: BackupFilesBuilder, { name, compressedSize, finishTime: time }: Backup): void {
  const parts = { "part_001.tar.zst": compressedSize, "pg_control.tar.zst": 400, "backup_label.tar.zst": 370 };
  for (const [part, size] of Object.entries(parts)) {
    add({ ...OBJECT, name: `${name}/tar_partitions/${part}`, size, time });
  }
  add({ ...OBJECT, name: `${name}_backup_stop_sentinel.json`, size: 400, time });
}

/** A state in which an operation has answered a minute ago. */
function answered<T>(state: State, operation: Operation<T>, value: T): State {
  const time = NOW - 60_000;
  return changed(state, operation, (outcome) => ({
    ...succeeded(outcome, { value, startTime: time, time, monotonic: time }, 0.5),
    nextRunTime: time + 300_000,
  }));
}
