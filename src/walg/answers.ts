/** What reads wal-g's answers and failures: loaded with the first of them. */
export { digest } from "../digest.ts";
export { maskSecrets } from "../secrets.ts";
export { decodeBackupList } from "./backup_list.ts";
export { decodeOrFail } from "./decode_or_fail.ts";
export { isUnknownCommand, lastError } from "./last_error.ts";
export { stdoutOf, unusable } from "./outcome.ts";
export { decodeWalVerify } from "./wal_verify.ts";
