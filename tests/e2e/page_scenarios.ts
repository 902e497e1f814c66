import { atOnce } from "../../src/base/pace.ts";
import type { State } from "../../src/operations/state.ts";
import { walVerify } from "../../src/operations/wal_verify.ts";
import { decodeBackupList } from "../../src/walg/backup_list.ts";
import { decodeWalVerify } from "../../src/walg/wal_verify.ts";
import { generateScenario, type ScenarioOptions } from "../../tools/generate_scenario.ts";
import { NOW, runCapture, withFailure } from "../status/scenario.ts";
import { changed, emptyState, withBackups } from "../support/state.ts";

/** A state to be shown, and the word that stands on top of its page. */
export interface PageScenario {
  readonly word: "OK" | "Warning" | "Critical" | "Unknown";
  readonly state: () => Promise<State>;
}

const capture = (word: PageScenario["word"], folder: string): PageScenario => ({
  word,
  state: () => runCapture(folder),
});

const CAPTURED: Readonly<Record<string, PageScenario["word"]>> = {
  "archiving-stuck-long": "Critical",
  "failover-storage": "OK",
  "healthy": "OK",
  "no-backups": "Critical",
  "postgres-down": "Warning",
  "s3-bad-key": "Critical",
  "s3-no-bucket": "Critical",
  "s3-refused-then-terminated": "Critical",
  "segment-lost": "Critical",
  "segments-64mb": "OK",
  "split-brain": "Critical",
  "standby-not-streaming": "Critical",
  "storage-missing": "Critical",
  "storage-unlistable": "Critical",
  "two-timelines": "OK",
};

/** Each captured scenario by its name, and what no capture shows. */
export const PAGE_SCENARIOS: Readonly<Record<string, PageScenario>> = {
  ...Object.fromEntries(
    Object.entries(CAPTURED).map(([name, word]) => [name, capture(word, `wal-g-3.0.9/${name}`)]),
  ),
  "reference-sample": capture("Critical", "reference-sample"),
  "wal-g-1.1": capture("OK", "wal-g-1.1/two-timelines"),
  "nothing-yet": { word: "Unknown", state: nothingYet },
  "old-answers": { word: "Critical", state: oldAnswers },
  "hostile-names": { word: "Critical", state: hostileNames },
  "wrong-clocks": { word: "Warning", state: wrongClocks },
  "generated-2": { word: "OK", state: () => generated({ backups: 2, seed: 2, ranges: 1 }) },
  "generated-12": { word: "OK", state: () => generated({ backups: 12, seed: 3, ranges: 1 }) },
  "generated-10000": { word: "Critical", state: () => generated({ backups: 10_000, seed: 1, ranges: 1000 }) },
};

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
  const snapshot = { value: { ...wal, digest: "generated" }, time: NOW, monotonic: NOW };
  return withBackups(changed(state, walVerify, (outcome) => ({ ...outcome, snapshot })), () => backups);
}
