import assert from "node:assert/strict";
import { factsList } from "../../src/web/page/facts.ts";
import { timelineSection } from "../../src/web/page/document.ts";
import { backupList } from "../../src/operations/backup_list.ts";
import { OPERATIONS } from "../../src/operations/registry.ts";
import { answerOf } from "../../src/operations/state.ts";
import { changed, emptyState, withBackups } from "../support/state.ts";
import { NOW, runCapture, statusAt } from "./scenario.ts";

const TIMES = /\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?/g;

Deno.test("window start: it is never rounded into the future, in the sentence, on the page or in the drawing", async () => {
  const captures = [
    ["wal-g-3.0.9/healthy", emptyState(), NOW],
    ["archive-wal-g-3.0.9/healthy", emptyState(OPERATIONS), Date.parse("2026-11-26T15:11:26Z")],
  ] as const;
  for (const [capture, before, time] of captures) {
    const state = await runCapture(capture, before, time);
    const newest = Math.max(...answerOf(state, backupList)?.backups.map(({ finishTime }) => finishTime) ?? []);
    // The only backup ended so shortly ago that neither a whole minute nor a whole second has passed since.
    const only = withBackups(state, (backups) => backups.filter(({ finishTime }) => finishTime === newest));
    for (const after of [1, 400, 1500, 20_000]) {
      const now = newest + after;
      const seen = only.operations.reduce(
        (state, operation) =>
          changed(state, operation, ({ snapshot, ...outcome }) => ({
            ...outcome,
            ...(snapshot && { snapshot: { ...snapshot, time: now } }),
          })),
        only,
      );
      const status = statusAt(seen, now);
      const texts = [
        status.recoverable ?? "",
        factsList(status).text.replaceAll("\u00a0", " "),
        timelineSection(status).text.replaceAll("\u00a0", " "),
      ];
      for (const text of texts) {
        const times = text.match(TIMES) ?? [];
        for (const shown of times) assert.ok(Date.parse(`${shown.replace(" ", "T")}Z`) <= now, `${capture}: ${text}`);
      }
      assert.match(status.recoverable ?? "", / from \d{4}/);
    }
  }
});

Deno.test("window start: a whole second at which recovery is possible, as long as one has passed", async () => {
  const state = await runCapture("wal-g-3.0.9/healthy");
  const { recoverable = "", recovery } = statusAt(state);
  const [from = ""] = recoverable.match(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/) ?? [];
  const start = recovery?.windowStartTime ?? NaN;
  const shown = Date.parse(`${from.replace(" ", "T")}Z`);
  assert.ok(shown >= start && shown - start < 1000, recoverable);
});
