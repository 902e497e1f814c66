import { textOf } from "../pieces.ts";
import type { CommandEnd } from "../walg/command.ts";
import type { Failure } from "../walg/failure.ts";
import { mendFor } from "../walg/mend.ts";
import { failureOf } from "../walg/outcome.ts";
import { parseVersion } from "../walg/version_probe.ts";
import { failed, ok, skipped, type StepResult } from "./step.ts";

/** What the checks of wal-g itself look at. */
export interface VersionRun {
  /** How `wal-g --version` ended. */
  readonly end: CommandEnd;
  readonly walgPath: string;
  /** Milliseconds that it was given. */
  readonly timeout: number;
  /** Why nothing can be run, where an earlier check has told. */
  readonly blocked: string | undefined;
}

/** What a shell says of a program that it could not run. */
const NOT_RUN_STATUSES: readonly (number | undefined)[] = [126, 127];

const LIBRARY_MISSING = /error while loading shared libraries|version `?GLIBC/;

/** Whether wal-g is there and can be executed on this machine. */
export function walgStep(run: VersionRun): StepResult {
  const { end, walgPath, blocked } = run;
  if (blocked !== undefined) return skipped(blocked);
  if (end.how === "not_started" || end.how === "killed" || NOT_RUN_STATUSES.includes(end.exitCode)) {
    const failure = failureOfRun(run);
    return failed(failure.message, notStartedMend(failure, walgPath));
  }
  return ok(`${walgPath} can be executed`);
}

/** Which WAL-G it is. */
export function versionStep(run: VersionRun): StepResult {
  const { end, walgPath } = run;
  if (end.how === "exited" && end.exitCode === 0) {
    const stdout = textOf(end.stdout);
    const version = parseVersion(stdout);
    const database = /\t([A-Za-z]\w+)\s*$/.exec(stdout)?.[1] ?? "PostgreSQL";
    if (version === undefined || !/wal-?g/i.test(stdout)) {
      return failed(`'${walgPath} --version' does not name WAL-G and a version`, `Name WAL-G with -walg.path.`);
    }
    if (database !== "PostgreSQL") {
      return failed(
        `WAL-G ${version} for ${database}`,
        "Install the WAL-G that is built for PostgreSQL (wal-g-pg), or name it with -walg.path.",
      );
    }
    return ok(`WAL-G ${version}${beforeSt(version) ? ", which has no storage check: that came with 2.0" : ""}`);
  }
  const failure = failureOfRun(run);
  return failed(failure.message, `Run '${walgPath} --version' as the exporter's user to see more.`);
}

function failureOfRun({ end, walgPath, timeout }: VersionRun): Failure {
  return failureOf(end, { path: walgPath, timeout, fallback: "command_failed" });
}

function notStartedMend(failure: Failure, walgPath: string): string | undefined {
  // The names of libraries are those of what they are for, which general advice would go by.
  if (LIBRARY_MISSING.test(failure.message)) {
    return "This wal-g was built for another system: install the library that is named, or the build for this distribution.";
  }
  const mend = mendFor(failure, { walgPath });
  if (failure.type !== "not_found" || !walgPath.includes("/")) return mend;
  return `${mend} If the file is there, its interpreter or C library is not: 'ldd ${walgPath}' tells.`;
}

function beforeSt(version: string): boolean {
  return Number.parseInt(version) < 2;
}
