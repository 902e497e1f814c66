import type { Architecture } from "../compile/target.ts";

/** The control file of the package; `installedSize` in KiB. */
export function controlFile(
  { version, architecture, installedSize }: { version: string; architecture: Architecture; installedSize: number },
): string {
  return `Package: walg-exporter
Version: ${version.replace("-", "~")}
Architecture: ${architecture}
Maintainer: walg-exporter contributors <walg-exporter@users.noreply.github.com>
Installed-Size: ${installedSize}
Depends: libc6 (>= 2.27), libgcc-s1 | libgcc1, init-system-helpers (>= 1.51)
Suggests: postgresql, prometheus
Section: database
Priority: optional
Description: Prometheus exporter for WAL-G on PostgreSQL
 Runs wal-g at intervals and serves what it said as metrics and as a status
 page: whether the backups ran, whether the WAL archive is whole, and from when
 to when the cluster can be recovered. Flags, series and port are those of
 WAL-G's own exporter.
 .
 The executable is sandboxed: it runs wal-g and nothing else, writes no file and
 opens no connection.
`;
}
