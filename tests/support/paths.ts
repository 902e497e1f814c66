/** The repository's folder, without a slash at its end. */
export const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
/** The recorded answers of real WAL-G. */
export const CAPTURES = `${ROOT}/fixtures/captures`;
/** The folder that holds the stand-in wal-g. */
export const STANDIN_BIN = `${ROOT}/fixtures/bin`;

/** The folders of the recorded scenarios, such as `wal-g-3.0.9/healthy`, but for those of {@link archiveScenarios}. */
export function scenarios(): string[] {
  return foldersOf((version) => !version.startsWith("archive-"));
}

/** The folders of the scenarios in which the listings of the archive were recorded, three days after the others. */
export function archiveScenarios(): string[] {
  return foldersOf((version) => version.startsWith("archive-"));
}

function foldersOf(wanted: (version: string) => boolean): string[] {
  const versions = [...Deno.readDirSync(CAPTURES)].filter((entry) => entry.isDirectory).map((entry) => entry.name);
  return versions.filter(wanted).flatMap((version) => {
    const entries = [...Deno.readDirSync(`${CAPTURES}/${version}`)];
    const folders = entries.filter((entry) => entry.isDirectory).map((entry) => `${version}/${entry.name}`);
    return folders.length === 0 ? [version] : folders;
  }).toSorted();
}

/** Whether a file is there. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Flags that switch on what lists the archive and the files, at their default intervals. */
export const WITH_LISTINGS: readonly string[] = [
  "-wal-archive.scrape-interval=5m",
  "-backup-files.scrape-interval=1h",
  "-drill-result.scrape-interval=0",
];

/** Flags that switch off what lists the archive and the files: the older captures do not have it. */
export const WITHOUT_LISTINGS: readonly string[] = [
  "-wal-archive.scrape-interval=0",
  "-backup-files.scrape-interval=0",
  "-drill-result.scrape-interval=0",
];
