import { textOf } from "../../base/bytes.ts";
import { inWords, SCOPES } from "../../base/host.ts";
import { maskSecrets } from "../../base/secrets.ts";
import { oneLine } from "../../base/text.ts";
import type { CommandEnd } from "../../walg/command.ts";
import { type Failure, failureOf, fixFor, LINK, ruleFor } from "../../walg/failure.ts";
import { lastError, logEntries } from "../../walg/stderr.ts";
import { FOREIGN_FIX, foreignReason, parseVersion, VERSION_TIMEOUT_MS } from "../../walg/version.ts";
import type { Scopes } from "../sandbox.ts";

/** How one check of the setup ended. */
export interface StepResult {
  readonly status: "ok" | "failed" | "skipped";
  /** One line, without a full stop: what was found, WAL-G's own error, or why it was skipped. */
  readonly text: string;
  /** What to do about a failure. */
  readonly fix?: string;
}

/** One check of the setup, as it is shown. */
export interface Step extends StepResult {
  readonly name: string;
  /** How long it took; absent where it rests on what another one ran. */
  readonly seconds?: number;
}

/** A check that found nothing wrong. */
export function ok(text: string): StepResult {
  return { status: "ok", text };
}

/** A check that found what must be fixed. */
export function failed(text: string, fix: string | undefined): StepResult {
  return { status: "failed", text, ...(fix !== undefined && { fix }) };
}

/** A check that could not be made. */
export function skipped(text: string): StepResult {
  return { status: "skipped", text };
}

/** As wide as the longest name of a step. */
const NAME_WIDTH = 16;
const INDENT = " ".repeat(9 + NAME_WIDTH + 10);

/** A check as text: a line, and another one for the fix. */
export function stepLines({ name, status, seconds, text, fix }: Step): string {
  const took = seconds === undefined ? "" : `${seconds.toFixed(2)} s`;
  const line = `${status.padEnd(9)}${name.padEnd(NAME_WIDTH)}${took.padStart(8)}  ${oneLine(text)}\n`;
  return fix === undefined ? line : `${line}${INDENT}What to do: ${oneLine(fix)}\n`;
}

/** The last line: what all of it means. */
export function summaryLine(steps: readonly Step[]): string {
  const failed = steps.filter(({ status }) => status === "failed").map(({ name }) => name);
  if (failed.length === 0) return "Nothing failed.\n";
  return `Failed: ${failed.join(", ")}. Fix the first one and run doctor again.\n`;
}

/** The variables of the dynamic loader that the exporter can see. */
export const LOADER_VARIABLES: readonly string[] = ["LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT"];

/**
 * Whether variables of the dynamic loader are in the way: with one of them set, the sandbox runs nothing.
 *
 * @param set the names of those that are set and can be seen
 * @param named the one that kept wal-g from being started; seen or not
 */
export function loaderVariablesStep(
  { set, named, sandboxed }: { set: readonly string[]; named: string | undefined; sandboxed: boolean },
): StepResult {
  if (named !== undefined) {
    const text = `${named} is set: with it the sandbox runs nothing`;
    return failed(text, fixFor({ type: "not_permitted", message: text }));
  }
  if (set.length === 0) return ok("none is set");
  const names = set.join(" and ");
  return ok(
    `${names} set${sandboxed ? ", and wal-g runs all the same" : "; without the sandbox that does not matter"}`,
  );
}

/** The variable that an error of starting a process names. */
export function namedVariable(startError: unknown): string | undefined {
  return startError instanceof Error ? /\b(?:LD|DYLD)_\w+/.exec(startError.message)?.[0] : undefined;
}

const CACHE = /\.walg_\w+/;
const REFUSED = /permission denied|read-only file system|no space left|not a directory|operation not permitted/i;
/** A cache that is not there to be read is only the first run's; one that cannot be made is another matter. */
const NOT_MADE = /\b(?:writ|creat|sav|renam)\w*\b[^\n]*\.walg_\w+[^\n]*no such file or directory/i;
const NO_HOME = /\$?HOME is not defined|cannot find (?:the )?home/i;

/** Whether wal-g can write its caches to HOME, as far as it says so on stderr. */
export function cachesStep(stderr: string, home: string | undefined): StepResult {
  const complaint = logEntries(stderr).find(({ text }) =>
    (CACHE.test(text) && REFUSED.test(text)) || NOT_MADE.test(text) || NO_HOME.test(text)
  );
  if (complaint !== undefined) {
    return failed(
      complaint.text,
      "Let the exporter's user write to its HOME, or give it another one: HOME=/var/lib/walg-exporter in its environment.",
    );
  }
  return ok(`${homeSentence(home)}; wal-g has no complaint`);
}

function homeSentence(home: string | undefined): string {
  if (home === undefined) return "HOME is not set";
  return home === "" ? "HOME is empty" : `HOME is ${home}`;
}

/** The runs of wal-g that read its settings: their stderr, masked. */
interface SettingsRuns {
  /** Of all runs. */
  readonly stderr: string;
  /** Of those that failed. */
  readonly failedStderr: readonly string[];
  readonly configPath: string | undefined;
}

/** Whether wal-g accepts its settings: it goes on without a config file that it cannot read. */
export function settingsStep({ stderr, failedStderr, configPath }: SettingsRuns): StepResult {
  const entries = logEntries(stderr);
  const unread = entries.find(({ text }) => text.startsWith("Failed to parse config file "));
  if (unread !== undefined) {
    return failed(unread.text, fixFor({ type: "config", message: unread.text }));
  }
  const refused = failedStderr.find((text) => ruleFor(text)?.isSetting === true);
  if (refused !== undefined) {
    const message = lastError(maskSecrets(refused));
    return failed(message, fixFor({ type: "config", message, stderr: refused }));
  }
  return ok(
    configPath === undefined
      ? "no -walg.config-path: wal-g uses its environment and ~/.walg.json, and accepts them"
      : `wal-g accepts ${configPath}`,
  );
}

/** What the checks of wal-g itself look at. */
interface VersionRun {
  /** How `wal-g --version` ended. */
  readonly end: CommandEnd;
  readonly walgPath: string;
  /** Why nothing can be run, where an earlier check found that. */
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
    return failed(failure.message, notStartedFix(failure, walgPath));
  }
  return ok(`${walgPath} can be executed`);
}

/** Which WAL-G it is. */
export function versionStep(run: VersionRun): StepResult {
  const { end, walgPath } = run;
  if (end.how === "exited" && end.exitCode === 0) {
    const printed = parseVersion(textOf(end.stdout));
    if (printed === undefined) {
      return failed(`'${walgPath} --version' does not say that it is WAL-G`, `Name WAL-G with -walg.path.`);
    }
    const { version, database } = printed;
    const isForeign = foreignReason(printed) !== undefined;
    const name = version === "" ? "WAL-G without a version" : `WAL-G ${version}`;
    if (isForeign) return failed(`${name} for ${database}`, FOREIGN_FIX);
    return ok(`${name}${beforeSt(version) ? ", which has no storage check: that came with 2.0" : ""}`);
  }
  const failure = failureOfRun(run);
  return failed(failure.message, `Run '${walgPath} --version' as the exporter's user to see more.`);
}

function failureOfRun({ end, walgPath }: VersionRun): Failure {
  return failureOf(end, { path: walgPath, timeout: VERSION_TIMEOUT_MS, fallback: "command_failed" });
}

function notStartedFix(failure: Failure, walgPath: string): string {
  // The names of libraries are those of what they are for, which general advice would go by.
  if (LIBRARY_MISSING.test(failure.message)) {
    return "This wal-g was built for another system: install the library that is named, or the build for this distribution.";
  }
  const fix = fixFor(failure, { walgPath });
  if (failure.type !== "not_found" || !walgPath.includes("/")) return fix;
  return `${fix} If the file is there, its interpreter or C library is not: 'ldd ${walgPath}' shows it.`;
}

function beforeSt(version: string): boolean {
  return Number.parseInt(version) < 2;
}

/** As whom the exporter runs; the names of users are in a file that it does not read. */
export function userStep(uid: number | null | undefined): StepResult {
  if (uid === undefined || uid === null) return skipped("the sandbox hides it (scope sys=uid)");
  if (uid === 0) {
    return ok("root (uid 0): it works, but the user of PostgreSQL, usually postgres, has all the rights it needs");
  }
  return ok(`uid ${uid}`);
}

/** Whether the sandbox has room for what the flags ask for. */
export function sandboxStep({ off, runsWalg, walgPath, refusedAddresses, refusedFiles }: Scopes): StepResult {
  if (off) return ok("there is none: the exporter may do everything that its user may");
  if (!runsWalg) {
    const text = `the sandbox does not run '${walgPath}'`;
    return failed(text, fixFor({ type: "not_permitted", message: text }, { walgPath }));
  }
  const [address] = refusedAddresses;
  if (address !== undefined) {
    return failed(
      `the sandbox does not listen on '${address}'`,
      `Choose one of ${inWords(SCOPES.net)}, such as :9351 for all; or compile the exporter with scopes of your own.`,
    );
  }
  const [file] = refusedFiles;
  if (file !== undefined) {
    return failed(
      `the sandbox does not read '${file}'`,
      `Put it into /etc/walg-exporter, and name it there: -web.config.file=/etc/walg-exporter/${
        file.split("/").at(-1)
      }`,
    );
  }
  return ok(`runs ${walgPath === LINK ? `what ${LINK} leads to` : walgPath}, listens and reads as asked, and no more`);
}
