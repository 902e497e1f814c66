/** What is known at one moment, for the page, its JSON and `check`: pure functions of the state. */
import type { State } from "../collectors/state.ts";
import type { Config } from "../config.ts";
import type { Recovery } from "../recovery/mod.ts";
import type { Build } from "../version.ts";
import { newestFirst, sortNewestFirst } from "./backups.ts";
import { operationsOf } from "./operations.ts";
import { problemsOf } from "./problems.ts";
import { recoverableSentence } from "./recoverable.ts";
import type { ExporterStatus, Status } from "./status.ts";
import { groupByTimeline, timelinesOf } from "./timelines.ts";
import { summarize } from "./verdict.ts";

export type {
  ExporterStatus,
  FailureStatus,
  Level,
  OperationStatus,
  Problem,
  Status,
  Summary,
  TimelineStatus,
  Word,
} from "./status.ts";
export { summarize, type Verdict, verdictOf } from "./verdict.ts";

/** What a status is made from. */
export interface StatusOptions {
  readonly state: State;
  /** Of the two answers in `state`; undefined until both are there. */
  readonly recovery: Recovery | undefined;
  readonly config: Config;
  readonly build: Build;
  /** What the sandbox leaves; undefined where that is not known. */
  readonly sandbox: string | undefined;
  /** Unix milliseconds. */
  readonly now: number;
}

/** The status at `now`. What is dear is made once for each answer of wal-g, so that a further call costs little. */
export function statusOf(options: StatusOptions): Status {
  const { state, recovery, config, now } = options;
  const [list, wal] = [state["backup-list"].snapshot, state["wal-verify"].snapshot];
  const backups = list && newestFirst(list.value, recovery);
  const operations = operationsOf(state, config);
  const problems = problemsOf({ state, recovery, backups, operations, now });
  const recoverable = recovery && wal &&
    recoverableSentence({ recovery, newest: backups?.[0], verifiedTime: wal.time, now });
  return {
    time: now,
    summary: summarize(problems, recoverable),
    problems,
    ...(recoverable !== undefined && { recoverable }),
    ...(recovery && { recovery }),
    ...(list && backups && { backups, listedTime: list.time }),
    ...(wal && { verifiedTime: wal.time, verify: verifyOf(wal.value), timelines: timelinesOf(wal.value) }),
    operations,
    exporter: exporterOf(options),
  };
}

/** Does what is dear of a {@link statusOf} in slices: after it, the status itself costs little. */
export function* prepareStatus({ state, recovery }: Pick<StatusOptions, "state" | "recovery">): Generator<void, void> {
  const [list, wal] = [state["backup-list"].snapshot, state["wal-verify"].snapshot];
  if (list) yield* sortNewestFirst(list.value, recovery);
  yield;
  if (wal) yield* groupByTimeline(wal.value);
}

function verifyOf({ integrity, timeline }: NonNullable<State["wal-verify"]["snapshot"]>["value"]) {
  const { current, highestInStorage } = timeline;
  return {
    integrity: integrity.status,
    timeline: timeline.status,
    ...(current !== undefined && { currentTimeline: current }),
    ...(highestInStorage !== undefined && { highestStorageTimeline: highestInStorage }),
  };
}

function exporterOf({ state, config, build, sandbox }: StatusOptions): ExporterStatus {
  return {
    ...build,
    ...(state.walgVersion !== undefined && { walgVersion: state.walgVersion }),
    ...(sandbox !== undefined && { sandbox }),
    walgPath: config.walgPath,
    ...(config.walgConfigPath !== undefined && { walgConfigPath: config.walgConfigPath }),
    telemetryPath: config.telemetryPath,
  };
}
