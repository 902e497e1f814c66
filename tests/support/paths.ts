/** The repository's folder, without a slash at its end. */
export const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
/** The recorded answers of real WAL-G. */
export const CAPTURES = `${ROOT}/fixtures/captures`;
/** The folder that holds the stand-in wal-g. */
export const STANDIN_BIN = `${ROOT}/fixtures/bin`;

/** The folders of all recorded scenarios, such as `wal-g-3.0.9/healthy`. */
export function scenarios(): string[] {
  const versions = [...Deno.readDirSync(CAPTURES)].filter((entry) => entry.isDirectory).map((entry) => entry.name);
  return versions.flatMap((version) => {
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

/** Flags that switch off what lists the archive and the files: the older captures do not have it. */
export const WITHOUT_LISTINGS: readonly string[] = [
  "-wal-archive.scrape-interval=0",
  "-backup-files.scrape-interval=0",
];
