import assert from "node:assert/strict";
import fc from "fast-check";
import { backupList } from "../../src/operations/backup_list.ts";
import { type State, succeeded } from "../../src/operations/state.ts";
import { walVerify } from "../../src/operations/wal_verify.ts";
import { changed, emptyState } from "../support/state.ts";
import { atOnce } from "../../src/base/clock.ts";
import { decodeBackupList } from "../../src/walg/backup_list.ts";
import { decodeWalVerify } from "../../src/walg/wal_verify.ts";
import { backupEntries, type EntryTexts, objectText, verifyValue } from "../support/arbitrary.ts";
import { type ParsedFamily, parseExposition } from "../support/exposition_parser.ts";
import { expositionText } from "../support/in_process.ts";

const encoder = new TextEncoder();

async function stateOf(entries: readonly EntryTexts[], verify?: unknown): Promise<State> {
  const backups = await decodeBackupList(encoder.encode(`[${entries.map(objectText).join(", ")}]`), atOnce);
  const list = { value: { backups, digest: "" }, startTime: 0, time: 0, monotonic: 0 };
  const withList = changed(emptyState(), backupList, (outcome) => succeeded(outcome, list, 1));
  if (verify === undefined) return withList;
  const wal = await decodeWalVerify(encoder.encode(JSON.stringify(verify)), atOnce);
  const snapshot = { value: { ...wal, positions: [], digest: "" }, startTime: 0, time: 0, monotonic: 0 };
  return changed(withList, walVerify, (outcome) => succeeded(outcome, snapshot, 1));
}

/** An oracle of its own: what Go would make of a member's text. */
const given = (value: string | undefined): string | undefined => value === "null" ? undefined : value;
const textOf = (value: string | undefined): string => JSON.parse(given(value) ?? '""');
const lsnOf = (value: string | undefined): string => {
  const lsn = BigInt(given(value) ?? "0");
  return `${(lsn / 2n ** 32n).toString(16)}/${(lsn % 2n ** 32n).toString(16)}`.toUpperCase();
};
const secondsOf = (value: string | undefined): number => {
  const written = textOf(value);
  if (written === "") return -62135596800;
  const [, whole = "", zone = ""] = /^(.{19})(?:\.\d+)?(.+)$/.exec(written) ?? [];
  return Date.parse(`${whole}${zone}`) / 1000;
};

function valueOf(families: ReadonlyMap<string, ParsedFamily>, family: string, name: string): number | undefined {
  return families.get(family)?.series.find(({ labels }) => labels["backup_name"] === name)?.value;
}

Deno.test("any backup list that WAL-G's types allow comes back from the exposition as it went in", async () => {
  await fc.assert(
    fc.asyncProperty(
      backupEntries,
      fc.constantFrom("text" as const, "openmetrics" as const),
      async (entries, format) => {
        const families = parseExposition(await expositionText(await stateOf(entries), format), format);
        assert.equal(families.get("walg_backup_info")?.series.length ?? 0, entries.length);
        for (const entry of entries) {
          const name = textOf(entry["backup_name"]);
          const info = families.get("walg_backup_info")?.series.find(({ labels }) => labels["backup_name"] === name);
          const { delta_origin: _, ...labels } = info?.labels ?? {};
          assert.deepEqual(labels, {
            backup_name: name,
            backup_type: name.includes("_D_") ? "delta" : "full",
            wal_file: textOf(entry["wal_file_name"]),
            pg_version: given(entry["pg_version"]) ?? "0",
            start_lsn: lsnOf(entry["start_lsn"]),
            finish_lsn: lsnOf(entry["finish_lsn"]),
            is_permanent: given(entry["is_permanent"]) ?? "false",
          });
          assert.equal(valueOf(families, "walg_backup_start_timestamp", name), secondsOf(entry["start_time"]));
          assert.equal(valueOf(families, "walg_backup_finish_timestamp", name), secondsOf(entry["finish_time"]));
          assert.equal(
            valueOf(families, "walg_backup_compressed_size_bytes", name),
            Number(given(entry["compressed_size"]) ?? 0),
          );
          assert.equal(
            valueOf(families, "walg_backup_uncompressed_size_bytes", name),
            Number(given(entry["uncompressed_size"]) ?? 0),
          );
          const storage = textOf(entry["storage_name"]);
          assert.equal(valueOf(families, "walg_backup_storage_info", name), storage === "" ? undefined : 1);
        }
      },
    ),
  );
});

Deno.test("any verify result comes back from the exposition as it went in", async () => {
  await fc.assert(fc.asyncProperty(backupEntries, verifyValue, async (entries, verify) => {
    const families = parseExposition(await expositionText(await stateOf(entries, verify)));
    const status = new Map([["OK", 1], ["FAILURE", 0], ["WARNING", 2]]);
    const statuses = families.get("walg_wal_verify_status")?.series.map(({ value }) => value);
    assert.deepEqual(statuses, [status.get(verify.integrity.status) ?? -1, status.get(verify.timeline.status) ?? -1]);
    const ranges = verify.integrity.details ?? [];
    const segments = families.get("walg_wal_segments")?.series ?? [];
    for (const { labels, value } of segments) {
      const sum = ranges
        .filter((range) => String(range.timeline_id) === labels["timeline_id"] && range.status === labels["status"])
        .reduce((sum, range) => sum + range.segments_count, 0);
      assert.equal(value, sum);
      assert.equal(labels["timeline_hex"], Number(labels["timeline_id"]).toString(16).padStart(8, "0"));
    }
    const timelines = new Set(ranges.map((range) => range.timeline_id));
    assert.ok(segments.length >= timelines.size * 4);
    for (const { labels, value } of families.get("walg_wal_integrity_status")?.series ?? []) {
      const own = ranges.filter((range) => String(range.timeline_id) === labels["timeline_id"]);
      assert.equal(value, own.every((range) => range.status === "FOUND") ? 1 : 0);
    }
    assert.equal(families.get("walg_wal_integrity_status")?.series.length ?? 0, timelines.size);
    const current = families.get("walg_wal_current_timeline")?.series[0]?.value;
    assert.equal(current, verify.timeline.details?.current_timeline_id);
  }));
});
