import { atOnce } from "../../src/base/clock.ts";
import { type RecoveryFacts } from "../../src/recovery/recover.ts";
import { createBackupFilesBuilder } from "../../src/walg/backup_files.ts";
import { decodeBackupList } from "../../src/walg/backup_list.ts";
import { createListingParser, type ListedObject, storageNames } from "../../src/walg/storage_listing.ts";
import {
  archiveFromWalShow,
  createArchiveBuilder,
  decodeHistory,
  historiesToRead,
  type HistoryLine,
} from "../../src/walg/wal_archive.ts";
import { decodeWalShow } from "../../src/walg/wal_show.ts";
import { decodeWalVerify } from "../../src/walg/wal_verify.ts";

const CAPTURES = new URL("../../fixtures/captures/archive-wal-g-3.0.9/", import.meta.url);

/** When everything of a capture was asked for, unless a test says otherwise: after all that it holds. */
export const ASKED = Date.parse("2026-11-27T00:00:00Z");

/** The scenarios, by name. */
export const SCENARIOS: readonly string[] = [...Deno.readDirSync(CAPTURES)].filter(({ isDirectory }) => isDirectory)
  .map(({ name }) => name).sort();

/** What the operations would make of a scenario's files; `change` alters or drops an object that they list. */
export async function loadCapture(
  scenario: string,
  time = ASKED,
  change: (object: ListedObject) => ListedObject | undefined = (object) => object,
): Promise<RecoveryFacts> {
  const read = async (file: string): Promise<Uint8Array | undefined> =>
    await Deno.readFile(new URL(`${scenario}/${file}`, CAPTURES)).catch(() => undefined);
  const table = async (name: string, add: (object: ListedObject) => void): Promise<readonly string[]> => {
    const all = await read(`${name}-all.stdout`);
    list(all ?? await read(`${name}.stdout`) ?? new Uint8Array(), (object) => {
      const changed = change(object);
      if (changed !== undefined) add(changed);
    });
    return all === undefined ? ["default"] : storageNames(text(await read(`${name}-all.stderr`)));
  };
  const shown = await decodeWalShow(await read("wal-show.stdout") ?? new Uint8Array(), atOnce);
  const wal = createArchiveBuilder();
  const walStorages = await table("st-ls-wal", wal.add);
  const histories: HistoryLine[] = [];
  for (const { timeline } of historiesToRead(wal.histories(), shown)) {
    const content = await read(`st-cat-${timeline.toString(16).toUpperCase().padStart(8, "0")}.history.stdout`);
    const line = content && decodeHistory(timeline, text(content));
    if (line !== undefined) histories.push(line);
  }
  const backupFiles = createBackupFilesBuilder();
  const storages = await table("st-ls-backups", backupFiles.add);
  const verify = text(await read("wal-verify.exit")).trim() === "0" ? await read("wal-verify.stdout") : undefined;
  return {
    backups: await decodeBackupList(await read("backup-list.stdout") ?? new Uint8Array(), atOnce),
    archive: wal.build({ time, storages: walStorages, shown, read: histories }),
    verify: verify && await decodeWalVerify(verify, atOnce),
    verifyTime: verify && time,
    files: backupFiles.build({ startTime: time, endTime: time, storages }),
  };
}

/** The same as WAL-G 1.1 would tell it, which has no `st`. */
export async function loadByWalShow(scenario: string): Promise<RecoveryFacts> {
  const facts = await loadCapture(scenario);
  const shown = await decodeWalShow(await Deno.readFile(new URL(`${scenario}/wal-show.stdout`, CAPTURES)), atOnce);
  return { ...facts, archive: archiveFromWalShow(shown, ASKED), files: undefined };
}

/** Reads a listing in one go. */
export function list(bytes: Uint8Array, add: (object: ListedObject) => void): number {
  const parser = createListingParser(add);
  parser.push(bytes);
  return parser.end();
}

function text(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}
