import type { Backup } from "../../src/walg/backup_list.ts";
import type { WalVerify } from "../../src/walg/wal_verify.ts";
import { aBackup, aVerify, type BackupSpec, MiB, type Stretch } from "./builders.ts";

/** The examples of docs/recovery.md: tools/draw_recovery.ts draws them, examples_test.ts says what they must show. */

/** One drawn example. */
export interface Example {
  readonly file: string;
  readonly title: string;
  readonly backups: readonly Backup[];
  readonly verify: WalVerify;
}

const size = 16 * MiB;

type Plan = Omit<BackupSpec, "size" | "parent" | "timeline"> & {
  readonly timeline?: number;
  readonly of?: number | "gone";
};

export const EXAMPLES: readonly Example[] = [
  example(
    "healthy",
    "A healthy archive",
    [{ number: 4 }, { number: 7, of: 0 }, { number: 10 }, { number: 12, of: 2 }],
    [
      { timeline: 1, first: 4, statuses: found(10) },
    ],
  ),
  example(
    "segment-lost",
    "A lost segment in the middle",
    [{ number: 4 }, { number: 7, of: 0 }, { number: 9, of: 1 }, { number: 11, of: 2 }],
    [{ timeline: 1, first: 4, statuses: [...found(5), "MISSING_LOST", ...found(5)] }],
  ),
  example("uploading", "A gap that WAL-G only calls uploading", [{ number: 4 }, { number: 7 }, { number: 11 }], [
    { timeline: 1, first: 4, statuses: [...found(5), "MISSING_UPLOADING", ...found(4)] },
  ]),
  example(
    "delta-without-parent",
    "A delta without its parent",
    [{ number: 5, of: "gone" }, { number: 7, of: 0 }, { number: 9 }, { number: 11, of: 2 }],
    [{ timeline: 1, first: 5, statuses: found(9) }],
  ),
  example(
    "promotion",
    "A promotion",
    [{ number: 4 }, { number: 7, finishLsn: BigInt(8 * size + 256), of: 0 }, { number: 10, timeline: 2 }, {
      number: 14,
      timeline: 2,
    }],
    [{ timeline: 1, first: 4, statuses: found(4) }, { timeline: 2, first: 8, statuses: found(6) }],
  ),
  example("archiving-stuck", "Archiving stuck for 60 segments", [{ number: 4 }, { number: 7, of: 0 }], [{
    timeline: 1,
    first: 4,
    statuses: [...found(6), ...Array<string>(44).fill("MISSING_LOST"), ...Array<string>(16).fill("MISSING_UPLOADING")],
  }]),
  example(
    "permanent-older",
    "A permanent backup older than the verified range",
    [{ number: 4, permanent: true }, { number: 32 }, { number: 35, of: 1 }, { number: 37, of: 2 }],
    [{ timeline: 1, first: 32, statuses: found(8) }],
  ),
  storages(example("failover-storages", "Failover storages", [{ number: 4 }, { number: 7, of: 0 }, { number: 10 }], [
    { timeline: 1, first: 4, statuses: found(8) },
  ])),
  example("empty-storage", "An empty storage", [], [{
    timeline: 1,
    first: 1,
    statuses: [...Array<string>(6).fill("MISSING_LOST"), ...Array<string>(16).fill("MISSING_UPLOADING")],
  }]),
];

function found(count: number): string[] {
  return Array<string>(count).fill("FOUND");
}

function example(file: string, title: string, plans: readonly Plan[], history: readonly Stretch[]): Example {
  const backups: Backup[] = [];
  for (const { of, timeline = 1, ...plan } of plans) {
    const spec = { ...plan, timeline, size };
    if (of === undefined) backups.push(aBackup(spec));
    else if (of === "gone") backups.push(aBackup({ ...spec, parent: "", parentWalFile: "000000010000000000000003" }));
    else backups.push(aBackup({ ...spec, parent: backups[of]?.name ?? "" }));
  }
  return { file, title, backups, verify: aVerify(history, size) };
}

/** As if the first storage had been away while the second backup ran. */
function storages({ backups, ...rest }: Example): Example {
  const held = [["default", "spare"], ["spare"], ["default"]];
  return { ...rest, backups: backups.map((backup, at) => ({ ...backup, storages: held[at] ?? [] })) };
}
