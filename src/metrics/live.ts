import type { Clock } from "../base/clock.ts";
import { isKnown } from "../base/time.ts";
import type { State } from "../operations/state.ts";
import { type Recovery, recoveryWindowSeconds } from "../recovery/recover.ts";
import type { Format } from "./fragment.ts";

/** Figures of the exporter's own process. */
export interface ProcessFigures {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Unix seconds. */
  readonly startTime: number;
}

/** A single series whose value is made anew for each scrape. */
export interface LiveSeries {
  readonly name: string;
  readonly help: string;
  readonly type: "gauge" | "counter";
  readonly value: number;
}

/**
 * The reference exporter's window: seconds since the earliest backup that is not permanent, gaps or not; 0 without
 * one.
 */
export function pitrWindowStart(state: State): number | undefined {
  const backups = state["backup-list"].snapshot?.value.backups ?? [];
  return backups.reduce<number | undefined>((earliest, { permanent, modifiedTime }) => {
    if (permanent || !isKnown(modifiedTime)) return earliest;
    return earliest === undefined ? modifiedTime : Math.min(earliest, modifiedTime);
  }, undefined);
}

/** The windows at a moment (Unix milliseconds). */
export function windowSeries(
  { pitrStart, recovery, now }: { pitrStart: number | undefined; recovery: Recovery | undefined; now: number },
): readonly LiveSeries[] {
  const window = recovery && recoveryWindowSeconds(recovery, now);
  const pitr: LiveSeries = {
    name: "walg_pitr_window_seconds",
    help: "Time since the earliest non-permanent backup, gaps in the WAL or not (0 = no such backup).",
    type: "gauge",
    value: pitrStart === undefined ? 0 : Math.max(0, (now - pitrStart) / 1000),
  };
  if (window === undefined) return [pitr];
  return [pitr, {
    name: "walg_recovery_window_seconds",
    help: "Time since the start of the recovery window (0 = no backup is restorable).",
    type: "gauge",
    value: window,
  }];
}

/** The process' own figures. */
export function processSeries({ cpuSeconds, residentBytes, startTime }: ProcessFigures): readonly LiveSeries[] {
  return [
    {
      name: "process_cpu_seconds_total",
      help: "Total user and system CPU time spent in seconds.",
      type: "counter",
      value: cpuSeconds,
    },
    {
      name: "process_resident_memory_bytes",
      help: "Resident memory size in bytes.",
      type: "gauge",
      value: residentBytes,
    },
    {
      name: "process_start_time_seconds",
      help: "Start time of the process since unix epoch in seconds.",
      type: "gauge",
      value: startTime,
    },
  ];
}

/** The end of an exposition: series made per scrape, and OpenMetrics' end mark. */
export function renderLive(series: readonly LiveSeries[], format: Format): string {
  let text = "";
  for (const { name, help, type, value } of series) {
    const family = format === "openmetrics" && type === "counter" ? name.slice(0, -"_total".length) : name;
    text += `# HELP ${family} ${help}\n# TYPE ${family} ${type}\n${name} ${value}\n`;
  }
  return format === "openmetrics" ? text + "# EOF\n" : text;
}

/** How long a sample serves, milliseconds: asking the system costs more than all else of a short scrape. */
const FRESH = 100;

/** The figures of the process, asked for at most ten times a second. */
export function sampled(sample: () => ProcessFigures, { monotonic }: Clock): () => ProcessFigures {
  let last: ProcessFigures | undefined;
  let taken = -Infinity;
  return () => {
    const now = monotonic();
    if (last === undefined || now - taken >= FRESH) {
      last = sample();
      taken = now;
    }
    return last;
  };
}
