import {
  formatBytes,
  formatCount,
  formatLength,
  formatNumber,
  formatSecond,
  formatSecondFrom,
  formatSeconds,
} from "../../base/text.ts";
import { storageBytes } from "../../recovery/families.ts";
import type { BackupRecovery, Recovery } from "../../recovery/recovery.ts";
import type { ProblemCode } from "../../operations/problems.ts";
import { walArchive } from "../../operations/wal_archive.ts";
import { walVerify } from "../../operations/wal_verify.ts";
import type { Tile } from "../../operations/operation.ts";
import type { Status } from "../../status/status.ts";
import { html, type Markup, unbroken } from "./markup.ts";

/** The figures that matter, as large as they matter. */
export function factsList(status: Status): Markup {
  const facts = [
    windowFact(status),
    backupsFact(status),
    riskFact(status),
    lostFact(status),
    storedFact(status) ?? [],
    status.operations.flatMap(({ tile }) => tile ?? []),
  ].flat();
  return html`
    <dl class="facts">
    ${facts.map(({ name, value, more, level = "" }) =>
      html`
        <div>
          <dt>${name}</dt>
          <dd class="value ${level}">${unbroken(value)}</dd>
          <dd class="quiet">${unbroken(more)}</dd>
        </div>
      `
    )}</dl>
  `;
}

/** How long the window is, and between which moments; where the archive has no times, the end between two bounds. */
function windowFact({ recovery, archivedTime = 0, verifiedTime = 0, time: now, off }: Status): Tile {
  const name = "Recovery window";
  if (recovery === undefined) return { name, value: "not known", more: whyNot(off) };
  const { windowStartTime, windowKnown, until, source } = recovery;
  if (windowStartTime !== undefined && until !== undefined) {
    const [asked, time] = source === "archive" ? ["listed", archivedTime] : ["verified", verifiedTime];
    const lengthTo = (end: number): string => formatLength(Math.max(0, end - windowStartTime));
    const start = withoutZone(formatSecondFrom(windowStartTime, now));
    if (until.moment !== undefined) {
      const seconds = Math.max(0, until.moment - windowStartTime) / 1000;
      // Not to the hundredth: the end is not known better.
      const value = seconds < 10 ? lengthTo(until.moment) : formatSeconds(seconds);
      return { name, value, more: `${start} to ${formatSecond(until.moment)}` };
    }
    const earliest = Math.max(windowStartTime, until.certain ?? windowStartTime);
    const latest = Math.max(earliest, time);
    const [least, most] = [lengthTo(earliest), lengthTo(latest)];
    const end = `${withoutZone(formatSecondFrom(earliest, now))} and ${formatSecond(latest)}`;
    const value = least === most ? least : earliest === windowStartTime ? `up to ${most}` : `${least} to ${most}`;
    return { name, value, more: `from ${start}; it ends between ${end}, when the WAL was ${asked}` };
  }
  if (until !== undefined) return { name, value: "not known", more: "WAL-G gives no times for these backups" };
  if (windowKnown && !recovery.anyUnknown) {
    return { name, value: "none", more: "nothing can be recovered", level: "critical" };
  }
  return { name, value: "not known", more: "no backup is known to be restorable" };
}

function withoutZone(time: string): string {
  return time.replace(/ UTC$/, "");
}

function backupsFact({ backups }: Status): Tile {
  const name = "Backups";
  if (backups === undefined) return { name, value: "not known", more: "not listed yet" };
  const count = (counts: (entry: BackupRecovery) => boolean): number => backups.filter(counts).length;
  const full = count(({ backup }) => backup.type === "full");
  const bad = count(({ restorable }) => restorable === false);
  const branch = count(({ code }) => code === "branch");
  const bytes = backups.reduce((sum, { backup }) => sum + backup.compressedSize, 0);
  const kinds = `${formatNumber(full)} full, ${formatNumber(backups.length - full)} delta, ${formatBytes(bytes)}`;
  return {
    name,
    value: formatNumber(backups.length),
    more: [
      kinds,
      ...bad === 0 ? [] : [`${formatNumber(bad)} not restorable`],
      ...branch === 0 ? [] : [`${formatNumber(branch)} on a branch`],
    ].join("; "),
    ...(backups.length === 0 && { level: "critical" }),
  };
}

/** The level of a figure: that of the first problem it is about. */
function levelOf(problems: Status["problems"], codes: readonly ProblemCode[]): Pick<Tile, "level"> {
  const level = problems.find(({ code }) => codes.includes(code))?.level;
  return level === "critical" || level === "warning" ? { level } : {};
}

/** What losing the host now would cost: in time where the archive tells it, in WAL otherwise. */
function riskFact({ recovery, problems, time: now }: Status): Tile {
  const name = "Lost with this host";
  if (recovery?.atRiskSegments === undefined) return { name, value: "not known", more: "there is no recovery window" };
  const { atRiskSegments: segments, beyond, segmentSize, until } = recovery;
  const level = levelOf(problems, ["wal_at_risk", "recovery_point_too_old", "wal_unreachable"]);
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
  return {
    name,
    value: formatLength(now - until.moment),
    more: `the changes since ${formatSecond(until.moment)}; ${whole}`,
    ...level,
  };
}

function lostFact({ recovery, problems, off }: Status): Tile {
  const name = "WAL lost";
  if (recovery === undefined) return { name, value: "not known", more: whyNot(off) };
  const { lostSegments, segmentSize, backups } = recovery;
  if (backups.length === 0) {
    return { name, value: "not counted", more: "it counts from the oldest backup: there is none" };
  }
  return {
    name,
    value: formatCount(lostSegments, "segment"),
    more: lostSegments === 0 ? "since the oldest backup" : `${sizeOf(lostSegments, segmentSize)} missing`,
    ...levelOf(problems, ["wal_lost"]),
  };
}

/** What the storages are paid for; undefined where nothing was listed. */
function storedFact({ archive, files, backups = [] }: Status): Tile | undefined {
  const bytes = storageBytes({ archive, files, listed: backups.map(({ backup }) => backup) });
  if (bytes.size === 0) return undefined;
  const names = { backups: "backups", wal: "WAL", unfinished_backups: "unfinished uploads" } as const;
  const contents = (["backups", "wal", "unfinished_backups"] as const).flatMap((content) => {
    const value = bytes.get(content);
    return value === undefined || (value === 0 && content === "unfinished_backups") ? [] : [{ content, value }];
  });
  return {
    name: "Stored",
    value: formatBytes(contents.reduce((sum, { value }) => sum + value, 0)),
    more: contents.map(({ content, value }) => `${names[content]} ${formatBytes(value)}`).join(", "),
  };
}

function whyNot(off: Status["off"]): string {
  const isOff = (name: string): boolean => off.some(({ operation }) => operation === name);
  return isOff(walArchive.name) && isOff(walVerify.name)
    ? "not verified by choice"
    : "the archive has not been listed yet";
}

function sizeOf(segments: number, segmentSize: Recovery["segmentSize"]): string {
  return formatBytes(segments * segmentSize);
}
