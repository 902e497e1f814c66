import assert from "node:assert/strict";
import { factsList } from "../../src/web/page/facts.ts";
import { NOW, runCapture, statusAt } from "./scenario.ts";

Deno.test("tiles: the recovery window has a start, and no length that grows with time", async () => {
  const state = await runCapture("wal-g-3.0.9/healthy");
  const tile = (now: number): string => factsList(statusAt(state, now)).text.split("<dt>Backups")[0] ?? "";
  assert.match(tile(NOW), />Recovery window from<.*>2026-11-23 03:13<.*>UTC, up to the WAL verified 3 min ago</s);
  assert.equal(tile(NOW + 86_400_000).replace("24 h ago", "3 min ago"), tile(NOW));
});

Deno.test("tiles: lost WAL is called missing, which is all that WAL-G's word proves", async () => {
  const { text } = factsList(statusAt(await runCapture("wal-g-3.0.9/segment-lost")));
  assert.match(text, /16\.0 MiB missing/);
});

Deno.test("tiles: without a backup there is nothing to count lost WAL from", async () => {
  const { text } = factsList(statusAt(await runCapture("wal-g-3.0.9/no-backups")));
  assert.match(text, />WAL lost<.*>not counted<.*there is none</s);
  assert.doesNotMatch(text, /since the oldest backup/);
});
