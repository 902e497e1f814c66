import assert from "node:assert/strict";
import { factsList } from "../../src/web/page/facts.ts";
import type { Status } from "../../src/status/status.ts";
import { emptyState, WALG_OPERATIONS } from "../support/state.ts";
import { NOW, runCapture, statusAt } from "./scenario.ts";

/** The tiles with plain blanks. */
function tiles(status: Status): string {
  return factsList(status).text.replaceAll("\u00a0", " ").replace(/<\/?span[^>]*>/g, "");
}

Deno.test("tiles: without times of the archive the recovery window has a length and an end between bounds, which do not grow with time", async () => {
  const state = await runCapture("wal-g-3.0.9/healthy");
  const tile = (now: number): string => tiles(statusAt(state, now)).split("<dt>Backups")[0] ?? "";
  assert.match(
    tile(NOW),
    />Recovery window<.*>14 s to 2 h<.*>from 2026-11-23 03:12:04; it ends between 2026-11-23 03:12:19 and 2026-11-23 05:27:00 UTC, when the WAL was verified</s,
  );
  assert.equal(tile(NOW + 86_400_000), tile(NOW));
});

Deno.test("tiles: lost WAL is called missing, which is all that WAL-G's word proves", async () => {
  const text = tiles(statusAt(await runCapture("wal-g-3.0.9/segment-lost")));
  assert.match(text, /16\.0 MiB missing/);
});

Deno.test("tiles: without a backup there is nothing to count lost WAL from", async () => {
  const text = tiles(statusAt(await runCapture("wal-g-3.0.9/no-backups")));
  assert.match(text, />WAL lost<.*>not counted<.*there is none</s);
  assert.doesNotMatch(text, /since the oldest backup/);
});

Deno.test("tiles: by the archive the window has a length and an end, what would be lost is a time, and all is summed up", async () => {
  const now = Date.parse("2026-11-26T15:30:00Z");
  const capture = "archive-wal-g-3.0.9/backup-interrupted";
  const text = tiles(statusAt(await runCapture(capture, emptyState(WALG_OPERATIONS), now), now));
  assert.match(text, />Recovery window<.*>1 min 9 s<.*>2026-11-26 15:11:17 to 2026-11-26 15:12:25 UTC</s);
  assert.match(
    text,
    />Lost with this host<.*>17 min<.*>the changes since 2026-11-26 15:12:25 UTC; 16\.0 MiB archived/s,
  );
  assert.match(text, />Stored<.*>172 MiB<.*>backups 118 MiB, WAL 52\.9 MiB, unfinished uploads 1\.62 MiB</s);
  assert.equal(text.match(/<dt>/g)?.length, 6);
});
