import { formatAge, oneLine } from "../base/text.ts";
import type { Pace } from "../base/clock.ts";
import type { ClusterConfig } from "../operations/config.ts";
import type { Operation } from "../operations/operation.ts";
import { answerOf, outcomeOf, type State } from "../operations/state.ts";
import { walArchive } from "../operations/wal_archive.ts";
import { backupList } from "../operations/backup_list.ts";
import { type Plan, planOf } from "../recovery/plan.ts";
import type { PlanRequest } from "../recovery/target.ts";
import { stepsOf } from "../recovery/plan_steps.ts";
import { assessAtPace, type Assessment } from "../recovery/recover.ts";
import { allTimelines } from "../recovery/timelines.ts";
import type { PlanStatus } from "../status/plan.ts";
import { recoveryFacts } from "./parts.ts";

/** Makes plans from what is known of one cluster at one moment. */
export type Planner = (request: PlanRequest, pace: Pace) => Promise<PlanStatus>;

/** Options of {@link createPlanner}. */
export interface PlannerOptions {
  readonly state: State;
  readonly config: Pick<ClusterConfig, "name" | "walgPath" | "walgConfigPath">;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** On how many other timelines, the highest first, a target is looked for that the current history has not. */
const MOST_TIMELINES = 8;

/** A planner for a state: what it judges is judged once, however many plans are made. */
export function createPlanner({ state, config, now }: PlannerOptions): Planner {
  const { name, walgPath, walgConfigPath } = config;
  const walg = { walgPath, walgConfigPath };
  const facts = recoveryFacts(state);
  const assessed = new Map<number | undefined, Promise<Assessment>>();

  function assess(timeline: number | undefined, pace: Pace): Promise<Assessment> | undefined {
    if (facts === undefined) return undefined;
    const known = assessed.get(timeline) ?? assessAtPace({ ...facts, timeline }, pace);
    assessed.set(timeline, known);
    return known;
  }

  async function plan(request: PlanRequest, pace: Pace): Promise<readonly [Plan, Assessment | undefined]> {
    const archive = facts?.archive;
    const timeline = request.timeline;
    const isThere = timeline === undefined || (archive !== undefined && allTimelines(archive).includes(timeline));
    const first = await assess(isThere ? timeline : undefined, pace);
    if (first === undefined) return [notKnown(request, state), undefined];
    // A backup of a branch can be restored along its own timeline only.
    const own = request.timeline === undefined
      ? first.recovery.backups.find(({ backup }) => backup.name === request.backup)?.branch
      : undefined;
    const assessment = (own === undefined ? undefined : await assess(own, pace)) ?? first;
    const asked = own === undefined ? request : { ...request, timeline: own };
    return [planOf(asked, { assessment, archive, now: now() }), assessment];
  }

  async function elsewhere(request: PlanRequest, current: number | undefined, pace: Pace): Promise<readonly string[]> {
    const others = facts?.archive === undefined ? [] : allTimelines(facts.archive)
      .filter((timeline) => timeline !== current).toSorted((a, b) => b - a).slice(0, MOST_TIMELINES);
    for (const timeline of others) {
      const [{ possible }] = await plan({ ...request, timeline }, pace);
      if (possible) return [`Along timeline ${timeline}, which the cluster left, it can be had: -timeline=${timeline}`];
    }
    return [];
  }

  return async (request, pace) => {
    const [made, assessment] = await plan(request, pace);
    const recovery = assessment?.recovery;
    const isOpen = made.possible !== true && made.code !== "in_future" && request.timeline === undefined &&
      request.backup === undefined && request.target.kind !== "latest";
    const more = isOpen ? await elsewhere(request, recovery?.currentTimeline, pace) : [];
    const warnings = [
      ...made.warnings,
      ...more,
      ...staleness(state, now()),
      ...relativePaths(name, walg),
      ...ownSettings(name, walg),
    ];
    const { way, request: { target } } = made;
    return {
      plan: { ...made, warnings },
      steps: way === undefined ? [] : stepsOf(way, target, walg),
      walg,
      systemIdentifier: recovery?.systemIdentifier,
      time: now(),
    };
  };
}

/** What there is to say before the answers that a plan needs are there. */
function notKnown(request: PlanRequest, state: State): Plan {
  const missing: Operation<unknown> = answerOf(state, backupList) === undefined ? backupList : walArchive;
  const failure = outcomeOf(state, missing).lastFailure;
  const why = failure === undefined ? "has not answered yet" : `failed: ${oneLine(failure.message)}`;
  return { possible: undefined, code: "not_known", reason: `${missing.name} ${why}`, request, warnings: [] };
}

/** The operations whose last run failed: what they said before still counts. */
function staleness(state: State, now: number): readonly string[] {
  return state.operations.filter(({ recoveryRestsOnIt }) => recoveryRestsOnIt).flatMap((operation) => {
    const { last, lastFailure, snapshot } = outcomeOf(state, operation);
    if (last?.success !== false || lastFailure === undefined) return [];
    const since = snapshot === undefined
      ? "nothing is known from it"
      : `its answer of ${formatAge(snapshot.time, now)} counts`;
    return [`${operation.name} failed, ${since}: ${oneLine(lastFailure.message)}`];
  });
}

/** WAL-G believes its environment before its config file, which alone counts where a cluster has a name. */
function ownSettings(name: string | undefined, { walgConfigPath }: PlanStatus["walg"]): readonly string[] {
  return name === undefined ? [] : [
    `All settings of ${name} are in ${walgConfigPath}: run this, and PostgreSQL for its restore_command, without any ` +
    "of WAL-G's in the environment, since those would come first",
  ];
}

/** PostgreSQL runs `restore_command` in its data folder. */
function relativePaths(name: string | undefined, { walgPath, walgConfigPath }: PlanStatus["walg"]): readonly string[] {
  const isRelative = (path: string): boolean => !path.startsWith("/") && path.includes("/");
  const flags = [
    ...isRelative(walgPath) ? ["-walg.path"] : [],
    ...walgConfigPath !== undefined && !walgConfigPath.startsWith("/")
      ? [name === undefined ? "-walg.config-path" : `The config file of ${name} (-cluster, -clusters.dir)`]
      : [],
  ];
  return flags.map((flag) =>
    `${flag} is a relative path: PostgreSQL looks for it in its data folder; give the whole path`
  );
}
