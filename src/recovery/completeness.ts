import { formatBytes } from "../base/text.ts";
import { isKnown } from "../base/time.ts";
import type { BackupFiles, StoredCopy } from "../walg/backup_files.ts";
import { type Backup, sentinelTime } from "../walg/backup_list.ts";

/** How a backup's files stand in the storages. */
export interface Completeness {
  /** undefined where it cannot be known: a storage could not be listed. */
  readonly isComplete: boolean | undefined;
  /** Whether its deltas find in it what they need: its parts; undefined where it cannot be known. */
  readonly servesDeltas: boolean | undefined;
  /** What is not there; "" where nothing is missing. */
  readonly reason: string;
  /** Bytes of its parts in the storage that has most of them. */
  readonly storedBytes: number;
  /** Storages that lack what another one has. */
  readonly lackingStorages: readonly string[];
}

/** As much as a missing `pg_control` and `backup_label` may take, bytes. */
const SMALL_PARTS = 64 * 1024;

/** No `backup_label.tar.*` is smaller, bytes. */
const SMALLEST_LABEL = 150;

/**
 * Makes the function that holds a backup against the listing of the storage.
 *
 * @returns a function that returns undefined where the listing says nothing: it is older than the backup, or the backup
 * is being deleted
 */
export function completenessIn(
  files: BackupFiles,
  backups: readonly Backup[],
): (backup: Backup) => Completeness | undefined {
  const copiesOf = ({ name }: Backup): readonly StoredCopy[] =>
    files.backups.get(name)?.copies.filter(({ hasSentinel }) => hasSentinel) ?? [];
  const isLookedAtWhole = files.unlisted.length === 0;
  // Where backups have that many bytes more than WAL-G counted, a label that is gone does not show in the bytes.
  const showsInBytes = backups.every((backup) =>
    copiesOf(backup).every((copy) => !copy.hasLabel || copy.partBytes < backup.compressedSize + SMALLEST_LABEL)
  );
  return (backup) => {
    const finished = sentinelTime(backup);
    if (!isKnown(finished) || finished > files.startTime) return undefined;
    const copies = copiesOf(backup).map((copy) => hasLabelInPart(copy, backup) ? { ...copy, hasLabel: true } : copy);
    if (copies.length === 0) return undefined;
    const judged = copies.map((copy) => ({ copy, ...judge(copy, backup) }));
    const best = judged.find(({ isWhole }) => isWhole) ??
      judged.reduce((best, next) => next.copy.partBytes > best.copy.partBytes ? next : best);
    const servesDeltas = judged.some((copy) => copy.servesDeltas) || (isLookedAtWhole ? false : undefined);
    const lacking = best.isWhole ? judged.filter(({ isWhole }) => !isWhole) : [];
    return {
      isComplete: best.isWhole || (isLookedAtWhole ? false : undefined),
      servesDeltas,
      reason: best.isWhole ? "" : missing(best.copy, backup),
      storedBytes: Math.max(...copies.map(({ partBytes }) => partBytes)),
      lackingStorages: lacking.map(({ copy }) => files.storages[copy.storage] ?? `storage ${copy.storage + 1}`),
    };
  };

  /** A full backup that was streamed (`backup-push` without a folder) has its label in a part: no bytes are short. */
  function hasLabelInPart({ hasLabel, partBytes }: StoredCopy, { type, compressedSize }: Backup): boolean {
    return !hasLabel && showsInBytes && type === "full" && partBytes >= compressedSize;
  }
}

function judge({ partBytes, hasControl, hasLabel }: StoredCopy, { compressedSize }: Backup) {
  const isWhole = partBytes >= compressedSize && hasControl && hasLabel;
  const allowed = hasControl && hasLabel ? 0 : SMALL_PARTS;
  return { isWhole, servesDeltas: partBytes > 0 && partBytes + allowed >= compressedSize };
}

/** What a copy lacks, such as `812 MiB of 3.40 GiB is gone from the storage, pg_control.tar is missing`. */
function missing({ partBytes, hasControl, hasLabel, parts }: StoredCopy, { compressedSize }: Backup): string {
  if (parts === 0) return "its tar_partitions are gone from the storage";
  const names = [...(hasControl ? [] : ["pg_control.tar"]), ...(hasLabel ? [] : ["backup_label.tar"])];
  const short = compressedSize - partBytes;
  const gone: string[] = [];
  if (short > (names.length > 0 ? SMALL_PARTS : 0)) {
    gone.push(`${formatBytes(short)} of ${formatBytes(compressedSize)} is gone from the storage`);
  }
  if (names.length > 0) gone.push(`${names.join(" and ")} ${names.length === 1 ? "is" : "are"} missing`);
  return gone.join(", ");
}
