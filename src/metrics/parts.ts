import type { Family } from "../base/family.ts";
import type { Build } from "../base/manifest.ts";
import { drive, type Pace } from "../base/pace.ts";
import { type BackupList, newestBackups } from "../operations/backup_list.ts";
import type { Operation } from "../operations/operation.ts";
import { COLLECTORS, OPERATIONS } from "../operations/registry.ts";
import type { State } from "../operations/state.ts";
import type { VerifiedWal } from "../operations/wal_verify.ts";
import { recoveryFamilies } from "../recovery/families.ts";
import { recoverInSlices, type Recovery } from "../recovery/recover.ts";
import { type Format, type Fragment, renderFragments } from "./fragment.ts";
import { errorFamilies, runFamilies } from "./run_families.ts";

/** One part of the exposition: what it needs, and its rendered fragments. */
export interface Part {
  /** The operations whose answers it shows: it is left out while one of them is too old. */
  readonly shows: readonly Operation[];
  /** The same one twice where the formats do not differ. */
  readonly fragments: Readonly<Record<Format, Fragment>>;
}

/** What is rendered of a state. */
export interface RenderedState {
  readonly state: State;
  /** Absent until both answers that it rests on are there. */
  readonly recovery: Recovery | undefined;
  readonly parts: readonly Part[];
}

/** Options of {@link createPartRenderer}. */
export interface PartOptions {
  readonly build: Build;
  /** 0 for all. */
  readonly maxBackupSeries: number;
  /** Makes the pace of one rendering. */
  readonly pace: () => Pace;
}

/** Makes a renderer that renders again only what changed since the last state. */
export function createPartRenderer(options: PartOptions): (state: State) => Promise<RenderedState> {
  const memo = createMemo();
  return async (state) => {
    const pace = options.pace();
    const { backups, wal } = answersOf(state);
    const recovery = await memo(
      "recovery",
      [backups, wal],
      async () => {
        if (backups === undefined || wal === undefined) return undefined;
        return await drive(recoverInSlices(backups.backups, wal), pace);
      },
    );
    const fragments = (
      name: string,
      key: readonly unknown[],
      families: () => readonly Family[] | Promise<readonly Family[]>,
    ): Promise<Part["fragments"]> => memo(name, key, async () => await renderFragments(await families(), pace));
    const parts: Part[] = [
      {
        shows: ["backup-list"],
        fragments: await fragments(
          "backups",
          [backups],
          () => backups ? COLLECTORS["backup-list"].families(backups, options) : [],
        ),
      },
      {
        shows: ["wal-verify"],
        fragments: await fragments("wal", [wal], () => wal ? COLLECTORS["wal-verify"].families(wal, options) : []),
      },
      {
        shows: ["backup-list", "wal-verify"],
        fragments: await fragments(
          "recoverable",
          [recovery],
          () => recovery ? recoverableFamilies(recovery, options) : [],
        ),
      },
      { shows: [], fragments: await fragments("runs", runKey(state), () => runFamilies(state, options.build)) },
      { shows: [], fragments: await fragments("errors", runKey(state), () => errorFamilies(state)) },
    ];
    return { state, recovery, parts };
  };
}

/** Whether two states would be rendered alike. */
export function rendersAlike(a: State, b: State): boolean {
  return same(runKey(a), runKey(b)) && same(Object.values(answersOf(a)), Object.values(answersOf(b)));
}

function answersOf(state: State): { backups: BackupList | undefined; wal: VerifiedWal | undefined } {
  return { backups: state["backup-list"].snapshot?.value, wal: state["wal-verify"].snapshot?.value };
}

function runKey(state: State): readonly unknown[] {
  return [state.walgVersion, ...OPERATIONS.flatMap((name) => [state[name].last, state[name].errors])];
}

function recoverableFamilies(recovery: Recovery, { maxBackupSeries }: PartOptions): readonly Family[] {
  const shown = new Set(newestBackups(recovery.backups.map(({ backup }) => backup), maxBackupSeries));
  return recoveryFamilies({ ...recovery, backups: recovery.backups.filter(({ backup }) => shown.has(backup)) });
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
