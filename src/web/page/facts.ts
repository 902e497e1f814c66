import { formatAge, formatBytes, formatCount, formatMinuteFrom, formatNumber } from "../../base/text.ts";
import type { BackupRecovery, Recovery } from "../../recovery/recovery.ts";
import { beyondReach } from "../../status/problems.ts";
import { anyUnknown } from "../../status/recoverable.ts";
import type { Tile } from "../../operations/operation.ts";
import type { Status } from "../../status/status.ts";
import { html, type Markup } from "./markup.ts";

/** The figures that matter, as large as they matter. */
export function factsList(status: Status): Markup {
  const facts = [
    windowFact(status),
    backupsFact(status),
    riskFact(status),
    lostFact(status),
    ...status.operations.flatMap(({ tile }) => tile ?? []),
  ];
  return html`
    <dl class="facts">
    ${facts.map(({ name, value, more, level = "" }) =>
      html`
        <div>
          <dt>${name}</dt>
          <dd class="value ${level}">${value}</dd>
          <dd class="quiet">${more}</dd>
        </div>
      `
    )}</dl>
  `;
}

function windowFact({ recovery, verifiedTime = 0, time: now }: Status): Tile {
  const name = "Recovery window";
  if (recovery === undefined) {
    return { name, value: "not known", more: "wal-verify or backup-list has not answered yet" };
  }
  const { windowStartTime, windowKnown, until } = recovery;
  if (windowStartTime !== undefined) {
    // No length: its end is a place in the WAL, of which nobody knows the time.
    return {
      name: `${name} from`,
      value: formatMinuteFrom(windowStartTime).replace(" UTC", ""),
      more: `UTC, up to the WAL verified ${formatAge(verifiedTime, now)}`,
    };
  }
  if (until !== undefined) return { name, value: "not known", more: "WAL-G gives no times for these backups" };
  if (windowKnown && !anyUnknown(recovery)) {
    return { name, value: "none", more: "nothing can be recovered", level: "critical" };
  }
  return { name, value: "not known", more: "no backup is known to be restorable" };
}

function backupsFact({ backups }: Status): Tile {
  const name = "Backups";
  if (backups === undefined) return { name, value: "not known", more: "not listed yet" };
  const { full, bytes, bad } = totals(backups);
  const kinds = `${formatNumber(full)} full, ${formatNumber(backups.length - full)} delta, ${formatBytes(bytes)}`;
  return {
    name,
    value: formatNumber(backups.length),
    more: bad === 0 ? kinds : `${kinds}; ${formatNumber(bad)} not restorable`,
    ...(backups.length === 0 && { level: "critical" }),
  };
}

function totals(backups: readonly BackupRecovery[]): { full: number; bytes: number; bad: number } {
  const sums = { full: 0, bytes: 0, bad: 0 };
  for (const { backup, restorable } of backups) {
    if (backup.type === "full") sums.full++;
    if (restorable === false) sums.bad++;
    sums.bytes += backup.compressedSize;
  }
  return sums;
}

function riskFact({ recovery, problems }: Status): Tile {
  const name = "WAL at risk";
  if (recovery?.atRiskSegments === undefined) return { name, value: "not known", more: "there is no recovery window" };
  const { atRiskSegments: segments, segmentSize } = recovery;
  const { notArchived, missing, unreachable } = beyondReach(recovery) ?? { notArchived: 0, missing: 0, unreachable: 0 };
  const isWarning = problems.some(({ code }) => code === "wal_at_risk" || code === "wal_unreachable");
  const level = isWarning ? { level: "warning" } as const : {};
  const parts: readonly (readonly [number, string])[] = [
    [unreachable, "archived, but behind a gap"],
    [missing, "missing"],
    [notArchived, "not archived yet"],
  ];
  const told = parts.flatMap(([count, what]) => count > 0 ? [`${sizeOf(count, segmentSize)} ${what}`] : []);
  const more = segments === 0 ? "all verified WAL is archived" : told.join("; ");
  return { name, value: formatCount(segments, "segment"), more, ...level };
}

function lostFact({ recovery }: Status): Tile {
  const name = "WAL lost";
  if (recovery === undefined) return { name, value: "not known", more: "not verified yet" };
  const { lostSegments, segmentSize, backups } = recovery;
  if (backups.length === 0) {
    return { name, value: "not counted", more: "it counts from the oldest backup: there is none" };
  }
  return {
    name,
    value: formatCount(lostSegments, "segment"),
    more: lostSegments === 0 ? "since the oldest backup" : `${sizeOf(lostSegments, segmentSize)} missing`,
    ...(lostSegments > 0 && { level: "critical" }),
  };
}

function sizeOf(segments: number, segmentSize: Recovery["segmentSize"]): string {
  return formatBytes(segments * segmentSize);
}
