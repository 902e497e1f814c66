/** What an exporter does beside answering: loaded once it listens, so that its first scrape need not wait for it. */
export { createRestorableLog } from "../collectors/restorable_log.ts";
export { startAll } from "../collectors/start_all.ts";
export { createLog } from "../log.ts";
export { watchVersion } from "../walg/version_loop.ts";
export { whenExhausted } from "./descriptors.ts";
export { dropPermissions } from "./sandbox.ts";
export { collectOnceSettled } from "./settled.ts";
