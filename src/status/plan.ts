import { formatBytes, formatCount, oneLine } from "../base/text.ts";
import type { Plan, Point } from "../recovery/plan.ts";
import { nearest } from "../recovery/plan_script.ts";
import { majorVersion, type PlanStep, type WalgCall } from "../recovery/plan_steps.ts";
import type { Way } from "../recovery/plan_way.ts";
import { formatPrecise, type Target } from "../recovery/target.ts";
import { formatLsn } from "../walg/segment.ts";
import { isoTime } from "./json.ts";

/** A plan with its commands, and what it was made from. */
export interface PlanStatus {
  readonly plan: Plan;
  /** Empty where there is no way. */
  readonly steps: readonly PlanStep[];
  readonly walg: WalgCall;
  /** Of the backups that count; undefined where WAL-G names none. */
  readonly systemIdentifier: bigint | undefined;
  /** When it was made: Unix milliseconds. */
  readonly time: number;
}

/** A plan as JSON: `docs/api.md` says what each field means. */
export function planJson({ plan, steps, systemIdentifier, time }: PlanStatus): string {
  const { possible, code, reason, request, way, before, after, warnings } = plan;
  const { target } = request;
  const document = {
    time: isoTime(time),
    possible: possible ?? null,
    certain: possible === true ? code === "certain" : null,
    code,
    reason,
    target: {
      kind: target.kind,
      time: target.kind === "time" ? formatPrecise(target.time) : null,
      lsn: target.kind === "lsn" ? formatLsn(target.lsn) : null,
      zone_assumed: target.kind === "time" ? target.isZoneAssumed : null,
      backup: request.backup ?? null,
      timeline: request.timeline ?? null,
    },
    backup: way?.backup.name ?? null,
    why: way?.why ?? null,
    ancestors: way?.ancestors.map(({ name }) => name) ?? [],
    backup_bytes: way?.backupBytes ?? null,
    pg_version: way?.backup.pgVersion ?? null,
    timeline: way?.timeline ?? null,
    wal_first_segment: way?.firstSegment ?? null,
    wal_last_segment: way?.lastSegment ?? null,
    wal_segments: way?.segments ?? null,
    wal_bytes: way?.walBytes ?? null,
    wal_stored_bytes: way?.storedWalBytes ?? null,
    until_time: isoTime(way?.reach.moment),
    until_certain_time: isoTime(way?.reach.certain),
    until_lsn: way === undefined ? null : formatLsn(way.reach.lsn),
    system_identifier: systemIdentifier === undefined ? null : String(systemIdentifier),
    nearest_before: pointJson(before),
    nearest_after: pointJson(after),
    warnings,
    steps: steps.map(({ text, command }) => ({ text, command })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function pointJson(point: Point | undefined) {
  if (point === undefined) return null;
  return { time: isoTime(point.time), lsn: point.lsn === undefined ? null : formatLsn(point.lsn) };
}

/** The word for whether a target can be recovered. */
export function planWord({ possible, code }: Plan): "POSSIBLE" | "PROBABLE" | "NOT POSSIBLE" | "NOT KNOWN" {
  if (possible === undefined) return "NOT KNOWN";
  return !possible ? "NOT POSSIBLE" : code === "certain" ? "POSSIBLE" : "PROBABLE";
}

/** What is restored, as names with values, each on one line. */
export function planFacts({ request: { target }, way }: Plan): readonly (readonly [name: string, value: string])[] {
  if (way === undefined) return [];
  const { backup, ancestors, timeline, why } = way;
  return [
    ["target", sayTarget(target)],
    [
      "backup",
      `${backup.name} (PostgreSQL ${majorVersion(backup.pgVersion)}, ${formatBytes(backup.uncompressedSize)})`,
    ],
    ["why", why],
    ["needs", ancestors.length === 0 ? "no other backup" : ancestors.map(({ name }) => name).join(", ")],
    ["fetched", `${formatBytes(way.backupBytes)} of backups before compression`],
    ["WAL", sayWal(way, target)],
    ["timeline", String(timeline)],
  ];
}

function sayTarget(target: Target): string {
  if (target.kind === "latest") return "the end of the archived WAL";
  return target.kind === "lsn" ? `LSN ${formatLsn(target.lsn)}` : formatPrecise(target.time);
}

function sayWal({ segments, walBytes, storedWalBytes, firstSegment, lastSegment }: Way, { kind }: Target): string {
  const count = `${kind === "time" ? "about " : ""}${formatCount(segments, "segment")}`;
  const stored = storedWalBytes === undefined ? "" : `, ${formatBytes(storedWalBytes)} in the storage`;
  return `${count} (${formatBytes(walBytes)}${stored}): ${firstSegment} to ${lastSegment}`;
}

/** A plan for people. The commands stand alone on their lines, so that they can be copied. */
export function planText({ plan, steps }: PlanStatus): string {
  const facts = planFacts(plan);
  return [
    `${planWord(plan)}: ${oneLine(plan.reason)}`,
    ...nearest(plan),
    ...plan.warnings.map((warning) => `Note: ${oneLine(warning)}`),
    ...facts.length === 0 ? [] : ["", ...facts.map(([name, value]) => `${name.padEnd(9)} ${oneLine(value)}`)],
    ...steps.flatMap(({ text, command }, at) => ["", `# ${at + 1}. ${oneLine(text)}`, command]),
    "",
  ].join("\n");
}
