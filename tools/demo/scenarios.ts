import { type MonthFaults, writeMonth } from "./month.ts";

/** One scenario of the demo. */
export interface Scenario {
  readonly name: string;
  /** What there is to see, in a few words. */
  readonly about: string;
  /** A generated month with these faults; without it, what real WAL-G printed in `capture`. */
  readonly month?: MonthFaults;
  /** A folder of fixtures/captures. */
  readonly capture?: string;
  /** Whether WAL-G would try for half an hour: runs then end by short timeouts, with the cause that it last gave. */
  readonly retries?: boolean;
}

const V3 = "wal-g-3.0.9";
const ARCHIVE = "archive-wal-g-3.0.9";

/** All scenarios, the default one first. */
export const SCENARIOS: readonly [Scenario, ...Scenario[]] = [
  {
    name: "month",
    about: "a month of nightly backups with a promotion; one WAL segment is lost",
    month: { hole: true },
  },
  { name: "healthy", about: "the same month, nothing wrong", month: {} },
  {
    name: "part-lost",
    about: "the same month; a file of a full backup is gone, and its deltas are not restorable",
    month: { lostPart: true },
  },
  {
    name: "postgres-down",
    about: "the same month; wal-verify gives no answer, as PostgreSQL is down; recovery is known all the same",
    month: { verify: `${V3}/postgres-down` },
  },
  {
    name: "standby",
    about: "the same month; the exporter is on a standby that does not stream",
    month: { verify: `${V3}/standby-not-streaming` },
  },
  {
    name: "storage-refused",
    about: "the storage does not answer: it refuses connections",
    capture: `${V3}/s3-refused-then-terminated`,
    retries: true,
  },
  { name: "bad-key", about: "the storage refuses access: it does not know the key", capture: `${V3}/s3-bad-key` },
  { name: "no-bucket", about: "the storage does not answer: the bucket does not exist", capture: `${V3}/s3-no-bucket` },
  {
    name: "storage-missing",
    about: "the storage does not answer: its disk is not mounted",
    capture: `${V3}/storage-missing`,
  },
  { name: "no-backups", about: "there is no backup yet", capture: `${V3}/no-backups` },
  {
    name: "archiving-stuck",
    about: "archiving stands still: 59 WAL segments at risk; an older one is lost",
    capture: `${V3}/archiving-stuck-long`,
  },
  {
    name: "split-brain",
    about: "timeline mismatch: another server archives a later timeline to the same place; a WAL segment is lost",
    capture: `${V3}/split-brain`,
  },
  {
    name: "failover-storage",
    about: "backups in two storages, and WAL segments lost that no backup follows",
    capture: `${ARCHIVE}/failover`,
  },
  {
    name: "unfinished",
    // In the first moments after the last segment, as when it was recorded, those could still be on their way.
    about: "a backup-push was killed midway; one storage is listed, 5 WAL segments went to another: they count as lost",
    capture: `${ARCHIVE}/backup-interrupted`,
  },
  {
    name: "left-branch",
    about: "after recovery to an earlier moment: the newest backup is of the timeline that was left",
    capture: `${ARCHIVE}/newest-on-branch`,
  },
  {
    name: "mixed-delta",
    about: "the newest backup is a delta on a backup of a timeline that was left: a mixture, not restorable",
    capture: `${ARCHIVE}/delta-on-branch`,
  },
  {
    name: "history-lost",
    about: "a timeline's history file is missing, and PostgreSQL is down: wal-verify gives no answer",
    capture: `${ARCHIVE}/history-lost-postgres-down`,
  },
  { name: "two-systems", about: "two database systems share a storage prefix", capture: `${ARCHIVE}/two-systems` },
  {
    name: "reference-sample",
    about: "the 11 backups of the README of WAL-G's own exporter; a WAL segment is lost",
    capture: "reference-sample",
  },
];

/** The lines of `-help`. */
export function demoHelp(): string {
  return [
    "Usage: deno task demo [SCENARIO] [FLAGS OF THE EXPORTER]",
    "",
    "Serves the exporter on http://127.0.0.1:9351/ with a stand-in for wal-g that answers as real WAL-G did.",
    "Times are moved so that they end now. Scenarios:",
    ...SCENARIOS.map(({ name, about }, index) => `  ${name.padEnd(18)}${about}${index === 0 ? " (the default)" : ""}`),
    "",
    "Any flag of the exporter may follow: deno task demo healthy -web.listen-address=127.0.0.1:9400",
  ].join("\n");
}

/** Writes what a scenario needs to the folder `scratch`; resolves to the environment of the stand-in. */
export async function standInFor(
  { capture, month, retries }: Scenario,
  { root, scratch, now }: { readonly root: string; readonly scratch: string; readonly now: number },
): Promise<Record<string, string>> {
  const captures = `${root}/fixtures/captures`;
  if (month !== undefined) {
    const { verify, ...faults } = month;
    await writeMonth(scratch, now, { ...faults, ...verify !== undefined && { verify: `${captures}/${verify}` } });
    return { WALG_STANDIN_SCENARIO: scratch };
  }
  return {
    WALG_STANDIN_SCENARIO: `${captures}/${capture}`,
    WALG_STANDIN_SHIFT: "1",
    ...retries && { WALG_STANDIN_HANG: "1", WALG_STANDIN_HANG_VERSION: "0" },
  };
}
