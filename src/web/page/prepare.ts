import { prepareStatus, type Status, statusOf, type StatusOptions } from "../../status/status.ts";
import { prepareRows } from "./backups_table.ts";
import { drawTimelineInSlices } from "./timeline/drawing.ts";
import { tablesOf } from "./wal_table.ts";

/** The status, and all that is dear of its page made in slices: after it, the page itself costs little. */
export function* preparePage(options: StatusOptions): Generator<void, Status> {
  yield* prepareStatus(options);
  yield;
  const status = statusOf(options);
  yield;
  yield* drawTimelineInSlices(status);
  yield;
  yield* prepareRows(status);
  yield;
  if (status.timelines) tablesOf(status.timelines);
  return status;
}
