import { inWords, SCOPES } from "../../base/host.ts";
import { fixFor, LINK } from "../../walg/failure.ts";
import type { Scopes } from "../sandbox.ts";
import { failed, ok, skipped, type StepResult } from "./step.ts";

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
