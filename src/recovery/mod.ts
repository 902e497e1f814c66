/** What is recoverable, and from when: pure functions from the backups and wal-verify's ranges. */
export { recoveryFamilies } from "./families.ts";
export type { History, Span } from "./history.ts";
export { recover, recoverInSlices } from "./recover.ts";
export type { BackupRecovery, Reach, Recovery } from "./recovery.ts";
export { recoveryWindowSeconds } from "./window_seconds.ts";
