/** The version that `wal-g --version` tells, without its `v`; undefined when it tells none. */
export function parseVersion(stdout: string): string | undefined {
  return /\bv?(\d+(?:\.\d+)+[\w.+-]*)/.exec(stdout)?.[1];
}
