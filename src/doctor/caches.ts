import { logEntries } from "../walg/last_error.ts";
import { failed, ok, type StepResult } from "./step.ts";

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
  return ok(`${homeSentence(home)}; wal-g says nothing against it`);
}

function homeSentence(home: string | undefined): string {
  if (home === undefined) return "HOME is not set";
  return home === "" ? "HOME is empty" : `HOME is ${home}`;
}
