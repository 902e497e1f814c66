import type { Family } from "../base/family.ts";
import type { Build } from "../base/host.ts";
import type { Pace } from "../base/clock.ts";
import type { Part, PartTerms } from "../metrics/exposition.ts";
import { type ClusterPart, renderTexts } from "../metrics/merged.ts";
import { renderFragments } from "../metrics/fragment.ts";
import { buildFamily, errorFamilies, runFamilies } from "../metrics/run_families.ts";
import { backupFiles } from "../operations/backup_files.ts";
import { backupList, isSettled, newestBackups } from "../operations/backup_list.ts";
import type { ClusterConfig } from "../operations/config.ts";
import type { Operation } from "../operations/operation.ts";
import { answerOf, outcomeOf, type State } from "../operations/state.ts";
import { walArchive } from "../operations/wal_archive.ts";
import { type VerifiedWal, walVerify } from "../operations/wal_verify.ts";
import {
  backupFilesFamilies,
  clusterInfoFamily,
  recoveryFamilies,
  recoverySeries,
  storageBytesFamily,
} from "../recovery/families.ts";
import { recover, recoverAtPace, type RecoveryFacts } from "../recovery/recover.ts";
import type { Recovery } from "../recovery/recovery.ts";
import { problemFamilies, type View, viewOf } from "../status/view.ts";
import type { BackupFiles } from "../walg/backup_files.ts";
import type { Backup } from "../walg/backup_list.ts";
import type { WalArchive } from "../walg/wal_archive.ts";

/** What is rendered of a state; its parts are the exposition's own, or text that is merged with that of others. */
export interface RenderedState<P extends PartTerms = Part> {
  readonly view: View;
  /** The very same ones as before where nothing of them changed. */
  readonly parts: readonly P[];
}

/** Renders again only what changed since the last state; where problems are rendered, too, they are judged if asked to. */
export type Renderer<P extends PartTerms> = (state: State, judges?: boolean) => Promise<RenderedState<P>>;

/** Options of {@link createPartRenderer}. */
export interface PartOptions {
  readonly config: ClusterConfig;
  /** Absent where the exporter shows once, for all its clusters, what it is built from. */
  readonly build?: Build;
  /** Makes the pace of one rendering. */
  readonly pace: () => Pace;
  /** When problems are judged, Unix milliseconds, to be rendered as all else is; absent: at each scrape. */
  readonly now?: () => number;
}

/** A renderer into parts of the exposition. */
export function createPartRenderer(options: PartOptions): Renderer<Part> {
  return createRenderer<Part>(
    options,
    async (families, pace) => ({ fragments: await renderFragments(families, pace) }),
  );
}

/** A renderer into text that is merged with that of other clusters. */
export function createTextRenderer(name: string, options: PartOptions): Renderer<ClusterPart> {
  return createRenderer<ClusterPart>(options, (families, pace) => renderTexts(name, families, pace));
}

/** What an exporter of several clusters shows of itself, once for all of them. */
export async function buildPart(build: Build, pace: Pace): Promise<Part> {
  return { fragments: await renderFragments([buildFamily(build)], pace), live: undefined, expires: undefined };
}

/** A renderer into parts that some families are made into. */
function createRenderer<P extends PartTerms>(
  { config, build, pace, now }: PartOptions,
  render: (families: readonly Family[], pace: Pace) => Promise<Omit<P, keyof PartTerms>>,
): Renderer<P> {
  const memo = createMemo();
  let view: View | undefined;
  let judged: readonly Family[] | undefined;
  return async (state, judges = judged === undefined) => {
    const paced = pace();
    const basis = state.operations.filter(({ recoveryRestsOnIt }) => recoveryRestsOnIt);
    const recovery = await memo("recovery", Object.values(recoveryAnswers(state)), () => {
      const facts = recoveryFacts(state);
      return facts && recoverAtPace(facts, paced);
    });
    await paced();
    const current = view = viewOf(state, recovery, view);
    if (now !== undefined && judges) judged = problemFamilies(current, { config, now: now() });
    await paced();
    const part = async (
      { name, key, families, live, restsOn = [] }: PartSource,
    ): Promise<P> => {
      const rendered = await memo(name, key, () => render(families(), paced));
      const expires = expiryOf(state, restsOn.filter((operation) => operation.expires), config.snapshotMaxAge);
      // What a part is made of beside these is what `render` made.
      return await memo(`${name}, shown`, [rendered, expires], () => ({ ...rendered, live, expires }) as P);
    };
    const parts: P[] = [];
    for (const operation of state.operations) {
      const value = answerOf(state, operation);
      parts.push(
        await part({
          name: operation.name,
          key: [value],
          families: () => value === undefined ? [] : operation.families(value, config),
          live: value === undefined ? undefined : operation.live(value),
          restsOn: [operation],
        }),
      );
    }
    parts.push(
      await part({
        name: "recovery part",
        // Bytes are those of the newest listings, of which recovery may not know yet.
        key: [recovery, answerOf(state, backupFiles), answerOf(state, walArchive)],
        families: () => recovery ? recoveryPart(state, recovery, config) : [],
        live: recovery && ((now) => recoverySeries(recovery, now)),
        restsOn: basis,
      }),
      await part(now === undefined ? liveProblems(current, config) : renderedProblems(judged ?? [])),
      await part({
        name: "runs",
        key: runKey(state),
        families: () => [...runFamilies(state), ...build === undefined ? [] : [buildFamily(build)]],
      }),
      await part({
        name: "errors",
        key: state.operations.map((operation) => outcomeOf(state, operation).errors),
        families: () => errorFamilies(state),
      }),
    );
    return { view: current, parts: await memo("parts", parts, () => parts) };
  };
}

/** The problems as they are judged at each scrape. */
function liveProblems(view: View, config: ClusterConfig): PartSource {
  return { name: "problems", key: [view], families: () => [], live: problemsOf(view, config) };
}

/** The problems as they were judged. */
function renderedProblems(families: readonly Family[]): PartSource {
  const key = families.flatMap(({ samples }) => [...samples].flatMap(({ labels, value }) => [labels?.["code"], value]));
  return { name: "problems", key, families: () => families };
}

/** How long the problems of a moment serve, milliseconds: limits are in seconds. */
const PROBLEM_TIME_MS = 1000;

/** Makes the series of the problems, at most once a second. */
function problemsOf(view: View, config: ClusterConfig): (now: number) => readonly Family[] {
  let [made, families]: [number, readonly Family[]] = [-Infinity, []];
  return (now) => {
    if (Math.abs(now - made) >= PROBLEM_TIME_MS) [made, families] = [now, problemFamilies(view, { config, now })];
    return families;
  };
}

/** What is recoverable by the last good answers; undefined until those it needs are there. */
export function recoveryOf(state: State): Recovery | undefined {
  const facts = recoveryFacts(state);
  return facts && recover(facts);
}

/** What recovery is made from; undefined until the answers that it needs are there. */
export function recoveryFacts(state: State): RecoveryFacts | undefined {
  const { backups, archive, verify, files } = recoveryAnswers(state);
  if (backups === undefined || (verify === undefined && archive === undefined)) return undefined;
  const verifyTime = outcomeOf(state, walVerify).snapshot?.startTime;
  return { backups, archive, verify, verifyTime, positions: verify?.positions, files };
}

/** The answers that recovery rests on: as long as they stay, it does. */
function recoveryAnswers(state: State): RecoveryAnswers {
  const archive = answerOf(state, walArchive);
  const files = answerOf(state, backupFiles);
  return {
    backups: answerOf(state, backupList)?.backups,
    archive: isSettled(state, walArchive) ? archive?.archive : archive?.before ?? archive?.archive,
    verify: answerOf(state, walVerify),
    files: isSettled(state, backupFiles) ? files?.files : files?.before,
  };
}

interface RecoveryAnswers {
  readonly backups: readonly Backup[] | undefined;
  readonly archive: WalArchive | undefined;
  readonly verify: VerifiedWal | undefined;
  readonly files: BackupFiles | undefined;
}

interface PartSource {
  readonly name: string;
  /** What its families are made from. */
  readonly key: readonly unknown[];
  readonly families: () => readonly Family[];
  readonly live?: ((now: number) => readonly Family[]) | undefined;
  /** The operations whose answers it shows: it expires with the first of them. */
  readonly restsOn?: readonly Operation<unknown>[];
}

/** Whether two states would be rendered alike. */
export function rendersAlike(a: State, b: State): boolean {
  return same(runKey(a), runKey(b));
}

/** A run that gives an answer changes `last`, too; of a first run, it counts since when it goes on. */
function runKey(state: State): readonly unknown[] {
  const outcomes = state.operations.map((operation) => outcomeOf(state, operation));
  return [
    state.walgVersion,
    state.foreignWalg,
    ...outcomes.flatMap(({ last, errors, runningSince }) => [last ?? runningSince, errors]),
  ];
}

function expiryOf(state: State, operations: readonly Operation<unknown>[], maxAge: number): number | undefined {
  if (maxAge === 0) return undefined;
  const ends = operations.flatMap((operation) => {
    const { snapshot } = outcomeOf(state, operation);
    return snapshot === undefined ? [] : [snapshot.monotonic + maxAge];
  });
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function recoveryPart(
  state: State,
  recovery: Recovery,
  { maxBackupSeries, instanceName }: PartOptions["config"],
): readonly Family[] {
  const listed = recovery.backups.map(({ backup }) => backup);
  const shown = new Set(newestBackups(listed, maxBackupSeries));
  const backups = recovery.backups.filter(({ backup }) => shown.has(backup));
  const files = answerOf(state, backupFiles)?.files;
  const archive = answerOf(state, walArchive)?.archive;
  return [
    ...recoveryFamilies({ ...recovery, backups }),
    ...files ? backupFilesFamilies(files, backups, listed) : [],
    ...files || archive ? [storageBytesFamily({ archive, files, listed })] : [],
    clusterInfoFamily(listed, instanceName),
  ];
}

/** Keeps the last result of each named computation while what it depends on stays the very same. */
function createMemo(): <T>(name: string, key: readonly unknown[], compute: () => T | Promise<T>) => Promise<T> {
  const kept = new Map<string, { readonly key: readonly unknown[]; readonly value: unknown }>();
  return async <T>(name: string, key: readonly unknown[], compute: () => T | Promise<T>): Promise<T> => {
    const last = kept.get(name);
    if (last !== undefined && same(last.key, key)) return last.value as T;
    const value = await compute();
    kept.set(name, { key, value });
    return value;
  };
}

function same(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, index) => Object.is(value, b[index]));
}
