import fc from "fast-check";
import type { Backup } from "../../src/walg/backup_list.ts";
import type { WalVerify } from "../../src/walg/wal_verify.ts";
import { aVerify, MiB, walName } from "./builders.ts";
import { backupPlan, nameAll } from "./generated_backups.ts";
import { historyPlan, layOut } from "./generated_history.ts";

/** What two commands of WAL-G say about one cluster, and the truth about its segment size in bytes. */
export interface Cluster {
  readonly size: number;
  readonly backups: readonly Backup[];
  readonly verify: WalVerify;
}

const SIZES = Array.from({ length: 11 }, (_, doublings) => MiB * 2 ** doublings);

/** Any cluster whose backups tell its segment size. */
export const cluster: fc.Arbitrary<Cluster> = fc.record({
  size: fc.constantFrom(...SIZES),
  history: historyPlan,
  backups: fc.array(backupPlan, { maxLength: 12 }),
  listedTwice: fc.boolean(),
  longest: fc.constantFrom(1, 2, Infinity),
}).map(({ size, history, backups, listedTwice, longest }) => {
  const stretches = layOut(history);
  const listed = nameAll(backups, stretches, size);
  return {
    size,
    backups: listedTwice ? [...listed, ...listed.slice(0, 1)] : listed,
    verify: aVerify(stretches, size, longest),
  };
}).filter(({ size, backups }) =>
  backups.length === 0 || SIZES.every((other) => other === size || !fits(backups, other))
);

/** True when all of the backups could come from a cluster with segments of `size` bytes. */
function fits(backups: readonly Backup[], size: number): boolean {
  return backups.every(({ walFile, startLsn }) => {
    return walName(parseInt(walFile.slice(0, 8), 16), Number(startLsn / BigInt(size)), size) === walFile;
  });
}
