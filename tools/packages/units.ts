/** What an instance has of its own, where the unit of the one exporter has the text before. */
const DIFFERENCES: readonly (readonly [text: string, ofInstance: string])[] = [
  [
    "Description=Prometheus exporter for WAL-G on PostgreSQL",
    "Description=Prometheus exporter for WAL-G on PostgreSQL, %i",
  ],
  ["EnvironmentFile=-/etc/default/walg-exporter", "EnvironmentFile=-/etc/default/walg-exporter-%i"],
  ["EnvironmentFile=-/etc/walg-exporter/wal-g.env", "EnvironmentFile=-/etc/walg-exporter/%i.env"],
  ["Environment=HOME=/var/lib/walg-exporter", "Environment=HOME=/var/lib/walg-exporter/%i"],
  ["StateDirectory=walg-exporter", "StateDirectory=walg-exporter/%i"],
  ["WorkingDirectory=/var/lib/walg-exporter", "WorkingDirectory=/var/lib/walg-exporter/%i"],
];

/**
 * `walg-exporter@.service`, made from the unit: the same limits, with settings, flags and caches of each instance's own.
 *
 * @throws Error when the unit no longer has a line that an instance changes
 */
export function instanceUnit(unit: string): string {
  const lines = unit.split("\n");
  for (const [text, ofInstance] of DIFFERENCES) {
    const at = lines.indexOf(text);
    if (at < 0) throw new Error(`Cannot make walg-exporter@.service: the unit has no line ${text}`);
    lines[at] = ofInstance;
  }
  return lines.join("\n");
}
