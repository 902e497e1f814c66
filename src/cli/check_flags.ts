import { isFloor, type Measure, type Threshold, type Thresholds } from "../check/threshold.ts";
import { TIMEOUT_FLAGS, WALG_FLAGS } from "./exporter_flags.ts";
import { type Flag, type GivenFlags, UsageError } from "./flag.ts";
import { flagValues } from "./values.ts";

interface ThresholdFlags {
  readonly measure: Measure;
  readonly kind: "duration" | "count";
  /** Critical beyond it. */
  readonly critical: string;
  /** Worth a warning beyond it. */
  readonly warn: string;
  /** What is beyond it. */
  readonly says: string;
}

const THRESHOLDS: readonly ThresholdFlags[] = [
  {
    measure: "backup_age",
    kind: "duration",
    critical: "max-backup-age",
    warn: "warn-backup-age",
    says: "when the newest backup ended longer ago",
  },
  {
    measure: "full_backup_age",
    kind: "duration",
    critical: "max-full-backup-age",
    warn: "warn-full-backup-age",
    says: "when the newest full backup ended longer ago",
  },
  {
    measure: "recovery_window",
    kind: "duration",
    critical: "min-recovery-window",
    warn: "warn-recovery-window",
    says: "when the recovery window is shorter",
  },
  {
    measure: "at_risk_segments",
    kind: "count",
    critical: "max-at-risk-segments",
    warn: "warn-at-risk-segments",
    says: "when losing this host now would lose more WAL segments",
  },
];

/** The formats of `check`. */
export const CHECK_FORMATS = ["text", "json"] as const;

/** The flags of `check`. */
export const CHECK_FLAGS: readonly Flag[] = [
  ...THRESHOLDS.flatMap((threshold): Flag[] => [
    thresholdFlag(threshold, threshold.critical, "CRITICAL"),
    thresholdFlag(threshold, threshold.warn, "WARNING"),
  ]),
  {
    name: "format",
    kind: "choice",
    default: "text",
    choices: CHECK_FORMATS,
    placeholder: "FORMAT",
    help: "How the result is written.",
  },
  ...WALG_FLAGS,
  ...TIMEOUT_FLAGS,
];

/** What the operator asked of `check`, beside how wal-g is run. */
export interface CheckOptions {
  readonly thresholds: Thresholds;
  readonly format: typeof CHECK_FORMATS[number];
}

/**
 * Reads the flags of `check`.
 *
 * @throws UsageError that names the flag and the mend
 */
export function readCheckOptions(given: GivenFlags): CheckOptions {
  const flags = flagValues(CHECK_FLAGS, given);
  const read = (name: string, kind: ThresholdFlags["kind"]): number | undefined => {
    if (kind === "count") return flags.count(name);
    const milliseconds = flags.duration(name);
    return milliseconds === undefined ? undefined : milliseconds / 1000;
  };
  const thresholds = THRESHOLDS.map((threshold): [Measure, Threshold] => {
    const [warn, critical] = [read(threshold.warn, threshold.kind), read(threshold.critical, threshold.kind)];
    refuseHidden(threshold, warn, critical);
    return [threshold.measure, { ...(warn !== undefined && { warn }), ...(critical !== undefined && { critical }) }];
  });
  return {
    thresholds: Object.fromEntries(thresholds) as Thresholds,
    format: flags.choice("format") as CheckOptions["format"],
  };
}

/** A warning that would only come once it is critical already is a mistake. */
function refuseHidden({ measure, warn, critical }: ThresholdFlags, least?: number, most?: number): void {
  if (least === undefined || most === undefined) return;
  const floor = isFloor(measure);
  if (floor ? least > most : least < most) return;
  const side = floor ? "above" : "below";
  throw new UsageError(`-${warn} must be ${side} -${critical}, or its warning would never be seen`);
}

function thresholdFlag({ kind, says }: ThresholdFlags, name: string, word: string): Flag {
  return {
    name,
    kind,
    placeholder: kind === "count" ? "N" : "DURATION",
    help: `${word} ${says}. Not judged if not given.`,
  };
}
