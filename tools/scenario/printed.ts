import { MISSING_LOST, type SegmentRange } from "../../src/walg/wal_verify.ts";
import type { GeneratedBackup } from "./backup_history.ts";
import { goTime } from "./listing.ts";
import type { Random } from "./random.ts";

// Above 2^53: a decoder that loses digits is caught.
const SYSTEM_IDENTIFIER = "7711199360131015255";

/** What `wal-g backup-list --detail --json` prints: each backup once per storage that holds it. */
export function printBackupList(backups: readonly GeneratedBackup[], random: Random): string {
  const entries = backups.flatMap((backup) => {
    const start = printTime(backup.startTime, random, 3);
    const finish = printTime(backup.finishTime, random, 3);
    const time = printTime(backup.finishTime + random.integer(3, 9), random, 6);
    return backup.storages.map((storage) =>
      `{"backup_name":"${backup.name}","time":"${time}","wal_file_name":"${backup.walFile}","storage_name":"${storage}",` +
      `"start_time":"${start}","finish_time":"${finish}","date_fmt":"%Y-%m-%dT%H:%M:%S.%fZ","hostname":"db1",` +
      `"data_dir":"/var/lib/postgresql/15/main","pg_version":150018,"start_lsn":${backup.startLsn},` +
      `"finish_lsn":${backup.finishLsn},"is_permanent":${backup.permanent},"system_identifier":${SYSTEM_IDENTIFIER},` +
      `"uncompressed_size":${backup.uncompressedSize},"compressed_size":${backup.compressedSize}}`
    );
  });
  return `[${entries.join(",")}]\n`;
}

/** What `wal-g wal-verify integrity timeline --json` prints, without a final newline as WAL-G does. */
export function printWalVerify(walk: readonly SegmentRange[], timeline: number): string {
  const details = walk.map((range) =>
    `{"timeline_id":${range.timeline},"start_segment":"${range.start}","end_segment":"${range.end}",` +
    `"segments_count":${range.segments},"status":"${range.status}"}`
  );
  const lost = walk.some(({ status }) => status === MISSING_LOST);
  const status = lost ? "FAILURE" : walk.some((range) => range.status !== "FOUND") ? "WARNING" : "OK";
  return `{"integrity":{"status":"${status}","details":[${details.join(",")}]},"timeline":{"status":"OK",` +
    `"details":{"current_timeline_id":${timeline},"highest_storage_timeline_id":${timeline}}}}`;
}

/** What `wal-g st ls basebackups_005/` prints. */
export function printStorageListing(backups: readonly GeneratedBackup[]): string {
  const width = Math.max(...backups.map(({ name }) => name.length)) + "_backup_stop_sentinel.json  ".length;
  const row = (type: string, size: string, modified: string, name: string): string =>
    `${type}  ${size.padEnd(4)} ${modified.padEnd(39)} ${name.padEnd(width)}\n`;
  const folders = backups.map(({ name }) => row("dir", "0", "0001-01-01 00:00:00 +0000 UTC", `/${name}/`));
  const sentinels = backups.map(({ name, parent, finishTime }) => {
    return row("obj", parent ? "540" : "385", goTime(finishTime), `${name}_backup_stop_sentinel.json`);
  });
  return `type size last modified                           name\n${folders.join("")}${sentinels.join("")}`;
}

/** RFC 3339 with more digits than a millisecond has, without the zeros at the end, as Go prints it. */
function printTime(time: number, random: Random, digits: number): string {
  const more = String(random.integer(0, 10 ** digits - 1)).padStart(digits, "0");
  return `${new Date(time).toISOString().slice(0, -1)}${more}`.replace(/\.?0+$/, "") + "Z";
}
