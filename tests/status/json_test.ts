import assert from "node:assert/strict";
import * as v from "valibot";
import { answerOf } from "../../src/operations/state.ts";
import { backupList } from "../../src/operations/backup_list.ts";
import { OPERATIONS } from "../../src/operations/registry.ts";
import { emptyState, withBackups } from "../support/state.ts";
import { statusJson } from "../../src/status/json.ts";
import type { Status } from "../../src/status/status.ts";
import { type StatusJson, StatusSchema } from "./schema.ts";
import { NOW, runCapture, statusAt } from "./scenario.ts";

const SCENARIOS = ["reference-sample", "wal-g-1.1/two-timelines", "wal-g-3.0.3/no-backups"];
const CAPTURES = new URL("../../fixtures/captures/", import.meta.url);
for (const folder of ["wal-g-3.0.9", "archive-wal-g-3.0.9"]) {
  for (const entry of Deno.readDirSync(new URL(`${folder}/`, CAPTURES))) {
    if (entry.isDirectory) SCENARIOS.push(`${folder}/${entry.name}`);
  }
}

function read(status: Status): StatusJson {
  return v.parse(StatusSchema, JSON.parse([...statusJson(status)].join("")));
}

for (const scenario of SCENARIOS) {
  Deno.test(`json: ${scenario} fits the schema and says what the page does`, async () => {
    const { operations } = emptyState(scenario.startsWith("archive") ? OPERATIONS : undefined);
    const status = statusAt(await runCapture(scenario, emptyState(operations)));
    const json = read(status);
    assert.deepEqual(json.summary, status.summary);
    assert.equal(json.time, new Date(NOW).toISOString());
    assert.deepEqual(
      json.backups?.map(({ backup_name }) => backup_name),
      status.backups?.map(({ backup }) => backup.name) ?? undefined,
    );
    assert.equal(json.backup_count, status.backups?.length ?? null);
    assert.equal(json.recoverable, status.recoverable ?? null);
    assert.deepEqual(json.operations.map(({ operation }) => operation), operations.map(({ name }) => name));
  });
}

Deno.test("json: before the first run", () => {
  const json = read(statusAt(emptyState()));
  assert.deepEqual([json.backups, json.wal, json.recovery, json.backup_count], [null, null, null, null]);
  assert.deepEqual(json.operations.map(({ outcome }) => outcome), emptyState().operations.map(() => "pending"));
});

Deno.test("json: LSNs above 2^53 stay exact", async () => {
  const state = await runCapture("wal-g-3.0.9/healthy");
  const far = withBackups(
    state,
    (backups) => backups.map((backup) => ({ ...backup, finishLsn: 0xffff_ffff_ffff_fffdn })),
  );
  assert.equal(read(statusAt(far)).backups?.[0]?.finish_lsn, "FFFFFFFF/FFFFFFFD");
});

Deno.test("json: 10,000 backups come in pieces, each once and newest first", async () => {
  const state = await runCapture("wal-g-3.0.9/healthy");
  const [backup] = answerOf(state, backupList)?.backups ?? [];
  assert.ok(backup);
  const backups = Array.from({ length: 10_000 }, (_, index) => ({
    ...backup,
    name: `base_${index}`,
    finishTime: backup.finishTime + index * 1000,
  }));
  const status = statusAt(withBackups(state, () => backups));
  const pieces = [...statusJson(status)];
  assert.ok(pieces.length > 50, `${pieces.length} pieces`);
  assert.ok(pieces.every((piece) => piece.length < 256 * 1024));
  const names = read(status).backups?.map(({ backup_name }) => backup_name);
  assert.deepEqual(names, backups.map(({ name }) => name).reverse());
});
