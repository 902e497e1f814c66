import { inWords, SCOPES } from "../../base/manifest.ts";
import { fixFor, LINK } from "../../walg/advice.ts";
import { failed, ok, skipped, type StepResult } from "./step.ts";

/** As whom the exporter runs; the names of users are in a file that it does not read. */
export function userStep(uid: number | null | undefined): StepResult {
  if (uid === undefined || uid === null) return skipped("the sandbox hides it (scope sys=uid)");
  if (uid === 0) {
    return ok("root (uid 0): it works, but the user of PostgreSQL, usually postgres, has all the rights it needs");
  }
  return ok(`uid ${uid}`);
}

/**
 * Whether the web config can be used.
 *
 * @param error what was said against it; undefined where nothing was
 * @param refused whether the sandbox does not read it, as an earlier check found
 */
export function webConfigStep(
  { path, error, refused }: { path: string; error: string | undefined; refused: boolean },
): StepResult {
  if (refused) return { status: "skipped", text: "the sandbox does not read it" };
  if (error === undefined) return ok(`${path} can be used`);
  return failed(error, "Correct what the message names: without it, the exporter does not start.");
}

/** What the sandbox lets the exporter do of what its flags ask for. */
export interface Scopes {
  /** Whether there is no sandbox at all. */
  readonly off: boolean;
  /** False where `-walg.path` names a file that may not be run; a name without a slash is found on PATH or not. */
  readonly runsWalg: boolean;
  readonly walgPath: string;
  /** Of `-web.listen-address`. */
  readonly refusedAddresses: readonly string[];
  /** Of `-web.config.file`. */
  readonly refusedFiles: readonly string[];
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
