/** Folders of the read scope that can hold a web config, certificates or secrets. */
const READ_FOLDERS = [
  "/etc/walg-exporter",
  "/etc/ssl",
  "/etc/pki",
  "/etc/letsencrypt",
  "/run/credentials",
  "/run/secrets",
];

/**
 * Gives up what is not needed once the listeners are bound, and says what is left.
 *
 * @param readAgain the files that are read again while the exporter runs
 */
export function dropPermissions(readAgain: readonly string[]): string {
  // The listeners stay; from here on nothing can be sent anywhere.
  Deno.permissions.revokeSync({ name: "net" });
  for (const path of READ_FOLDERS) {
    if (!readAgain.some((file) => file.startsWith(`${path}/`))) Deno.permissions.revokeSync({ name: "read", path });
  }
  if (Deno.permissions.querySync({ name: "write" }).state === "granted") return "off";
  const left = READ_FOLDERS.filter((path) => readAgain.some((file) => file.startsWith(`${path}/`)));
  return `run wal-g${left.length === 0 ? "" : `, read ${left.join(" and ")}`}`;
}
