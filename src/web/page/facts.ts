import {
  formatAge,
  formatBytes,
  formatCount,
  formatLength,
  formatMinuteFrom,
  formatNumber,
  formatTime,
} from "../../base/text.ts";
import type { BackupRecovery, Recovery } from "../../recovery/recovery.ts";
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
  if (recovery === undefined) return { name, value: "not known", more: "the archive has not been listed yet" };
  const { windowStartTime, windowKnown, until } = recovery;
  if (windowStartTime !== undefined) {
    const end = until?.moment === undefined
      ? `the WAL verified ${formatAge(verifiedTime, now)}`
      : `about ${formatTime(until.moment)} (${formatAge(until.moment, now)})`;
    return {
      name: `${name} from`,
      value: formatMinuteFrom(windowStartTime).replace(" UTC", ""),
      more: `UTC, up to ${end}`,
    };
  }
  if (until !== undefined) return { name, value: "not known", more: "WAL-G gives no times for these backups" };
  if (windowKnown && !recovery.anyUnknown) {
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

/** What losing the host now would cost: in time where the archive tells it, in WAL otherwise. */
function riskFact({ recovery, problems, time: now }: Status): Tile {
  const name = "Lost with this host";
  if (recovery?.atRiskSegments === undefined) return { name, value: "not known", more: "there is no recovery window" };
  const { atRiskSegments: segments, beyond, segmentSize, until } = recovery;
  const isWarning = problems.some(({ code }) => code === "wal_at_risk" || code === "wal_unreachable");
  const level = isWarning ? { level: "warning" } as const : {};
  const parts: readonly (readonly [number, string])[] = [
    [beyond?.unreachable ?? 0, "archived, but behind a gap"],
    [beyond?.missing ?? 0, "missing"],
    [beyond?.notArchived ?? 0, "not archived yet"],
    [beyond?.unknown ?? 0, "not known to be archived"],
  ];
  const waiting = parts.flatMap(([count, what]) => count > 0 ? [`${sizeOf(count, segmentSize)} ${what}`] : []);
  const whole = segments === 0 ? "no whole WAL segment waits" : waiting.join("; ");
  if (until?.moment === undefined) {
    return { name, value: formatCount(segments, "whole segment"), more: whole, ...level };
  }
  return { name, value: formatLength(now - until.moment), more: `the changes of that time; ${whole}`, ...level };
}

function lostFact({ recovery }: Status): Tile {
  const name = "WAL lost";
  if (recovery === undefined) return { name, value: "not known", more: "the archive has not been listed yet" };
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
