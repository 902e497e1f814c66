import { MAX_NAME_LENGTH } from "../walg/backup_list.ts";
import { type Lsn, lsnOf } from "../walg/segment.ts";

/** Where a recovery is to end. */
export type Target =
  | { readonly kind: "latest" }
  | {
    readonly kind: "time";
    /** Unix milliseconds, to the microsecond. */
    readonly time: number;
    /** Whether the text named no zone, so that UTC was assumed. */
    readonly isZoneAssumed: boolean;
  }
  | { readonly kind: "lsn"; readonly lsn: Lsn };

/** A target, or why the text cannot be used as one. */
export type ParsedTarget = { readonly target: Target } | { readonly problem: string };

const TIME =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?([Zz]|UTC|[-+]\d\d(?::?\d\d)?))?$/;
const WRITE = "write for example 2026-11-26T13:55:00Z, or latest";

/**
 * Reads a point in time: RFC 3339, where `T` may be a blank and seconds may be left out, or `latest`.
 *
 * Without a zone it is taken as UTC. What is below a microsecond, which PostgreSQL does not know, is left out.
 */
export function parseTarget(text: string): ParsedTarget {
  const cannot = (why: string): ParsedTarget => ({ problem: `'${text}' is not a point in time: ${why}` });
  if (text === "latest") return { target: { kind: "latest" } };
  const date = /^(\d{4})-(\d\d)-(\d\d)/.exec(text);
  if (date === null) return cannot(WRITE);
  const [year = 0, month = 0, day = 0] = date.slice(1).map(Number);
  // Date.UTC takes 0 to 99 for years of the twentieth century, and a zone must not lead into the year 10000.
  if (year < 1000 || year > 9998) return cannot(`the year ${date[1]} is out of range`);
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (month < 1 || month > 12) return cannot(`there is no month ${date[2]}`);
  if (day < 1 || day > days) return cannot(`${date[1]}-${date[2]} has no day ${date[3]}`);
  if (text === date[0]) return cannot(`it has no time of day; write for example ${text}T00:00:00Z`);
  const match = TIME.exec(text);
  if (match === null) return cannot(WRITE);
  const [, , , , hour = "", minute = "", second = "00", fraction = "", zone = ""] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    return cannot(`there is no ${hour}:${minute}:${second} on a day`);
  }
  const [, sign = "", hours = "0", minutes = "0"] = /^([-+])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  if (Number(hours) > 15 || Number(minutes) > 59) return cannot(`there is no zone ${zone}`);
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
  const whole = Date.UTC(year, month - 1, day, Number(hour), Number(minute) - offset, Number(second));
  const time = whole + Number(fraction.slice(0, 6).padEnd(6, "0")) / 1000;
  return { target: { kind: "time", time, isZoneAssumed: zone === "" } };
}

/** Reads an LSN as PostgreSQL prints it: two hexadecimal numbers with a slash between them. */
export function parseLsn(text: string): ParsedTarget {
  const [, high, low] = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text) ?? [];
  if (high === undefined || low === undefined) {
    return { problem: `'${text}' is not an LSN; write for example 0/9000148` };
  }
  return { target: { kind: "lsn", lsn: lsnOf(high, low) } };
}

/** A time (Unix milliseconds) as `2026-11-26T13:55:00.25Z`: as many digits as it has, to the microsecond. */
export function formatPrecise(time: number): string {
  const seconds = Math.floor(time / 1000);
  const micros = Math.round((time - seconds * 1000) * 1000);
  // What rounding makes a whole second is one.
  const carried = micros >= 1_000_000 ? 1 : 0;
  const fraction = String(micros - carried * 1_000_000).padStart(6, "0").replace(/0+$/, "");
  const date = new Date((seconds + carried) * 1000).toISOString().slice(0, 19);
  return `${date}${fraction === "" ? "" : `.${fraction}`}Z`;
}

/** To the millisecond, so that it can be asked for. */
export function sayTime(time: number): string {
  return formatPrecise(Math.floor(time));
}

/** What is asked of a plan. */
export interface PlanRequest {
  readonly target: Target;
  /** The name of the backup to use; absent for the best one. */
  readonly backup?: string | undefined;
  /** The timeline whose history is to be recovered; absent for the current one, or the one that the backup is of. */
  readonly timeline?: number | undefined;
}

/** What people type, in flags or in a URL; what is absent or "" is not asked for. */
export interface PlanTexts {
  readonly to: string | undefined;
  readonly toLsn: string | undefined;
  readonly backup: string | undefined;
  readonly timeline: string | undefined;
}

/** A request, or which parameter cannot be used and why. */
export type ReadRequest =
  | { readonly request: PlanRequest }
  | { readonly parameter: "to" | "to_lsn" | "backup" | "timeline"; readonly problem: string };

/** Reads what a plan is asked for; without a target it is the latest state. */
export function readPlanRequest({ to, toLsn, backup, timeline }: PlanTexts): ReadRequest {
  if (to && toLsn) return { parameter: "to_lsn", problem: "a time and an LSN cannot both be the target; give one" };
  const parsed = toLsn ? parseLsn(toLsn.trim()) : parseTarget(to?.trim() || "latest");
  if ("problem" in parsed) return { parameter: toLsn ? "to_lsn" : "to", problem: parsed.problem };
  if (backup !== undefined && backup.length > MAX_NAME_LENGTH) {
    return { parameter: "backup", problem: "a name of a backup is not that long" };
  }
  if (timeline && !/^[1-9]\d{0,9}$/.test(timeline)) {
    return { parameter: "timeline", problem: `'${timeline}' is not a timeline; write its number, such as 1` };
  }
  return {
    request: {
      target: parsed.target,
      ...(backup && { backup: backup.trim() }),
      ...(timeline && { timeline: Number(timeline) }),
    },
  };
}
