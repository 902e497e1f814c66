import assert from "node:assert/strict";
import { runCli } from "../commands/run_cli.ts";
import { CAPTURES } from "../support/paths.ts";
import { parseExposition } from "../support/exposition_parser.ts";

const LOST = "base_000000010000000000000010";
const SAYS =
  `ERROR: 2026/11/23 05:00:00.445792 object '/srv/wal-g/basebackups_005/${LOST}/metadata.json' not found in storage\n`;

/** The healthy capture after metadata.json of its newest backup was deleted: only the plain list works. */
async function withScenario(plain: boolean, use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for await (const { name } of Deno.readDir(`${CAPTURES}/wal-g-3.0.9/healthy`)) {
      await Deno.copyFile(`${CAPTURES}/wal-g-3.0.9/healthy/${name}`, `${folder}/${name}`);
    }
    const listed: { backup_name: string; time: string; wal_file_name: string; storage_name: string }[] = JSON.parse(
      await Deno.readTextFile(`${folder}/backup-list.stdout`),
    );
    const entries = listed.map(({ backup_name, time, wal_file_name, storage_name }) => ({
      backup_name,
      time,
      wal_file_name,
      storage_name,
    }));
    await Deno.writeTextFile(`${folder}/backup-list.stdout`, "");
    await Deno.writeTextFile(`${folder}/backup-list.stderr`, SAYS);
    await Deno.writeTextFile(`${folder}/backup-list.exit`, "1\n");
    await Deno.writeTextFile(`${folder}/backup-list-plain.stdout`, plain ? JSON.stringify(entries) : "");
    await Deno.writeTextFile(`${folder}/backup-list-plain.stderr`, plain ? "" : SAYS);
    await Deno.writeTextFile(`${folder}/backup-list-plain.exit`, plain ? "0\n" : "1\n");
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("metadata.json is missing: ages and counts are known by the plain list, and nothing is called restorable", async () => {
  await withScenario(true, async (folder) => {
    const { code, stdout } = await runCli(["once"], { env: { WALG_STANDIN_SCENARIO: folder } });
    assert.equal(code, 0, stdout);
    const families = parseExposition(stdout);
    const valueOf = (family: string, label: string): number | undefined =>
      families.get(family)?.series.find(({ labels }) => Object.values(labels).includes(label))?.value;
    assert.equal(valueOf("walg_backups", "full"), 3);
    assert.equal(valueOf("walg_backups", "delta"), 4);
    assert.equal(
      valueOf("walg_backup_last_finish_timestamp_seconds", "full"),
      Date.parse("2026-11-23T03:12:18Z") / 1000,
    );
    assert.equal(families.get("walg_backup_restorable"), undefined, "without details it is not known");
    assert.equal(families.get("walg_backup_info"), undefined, "no series of what is not known");
    assert.doesNotMatch(stdout, /-62135596800/);
  });
});

Deno.test("metadata.json is missing: check names the backup, what is unknown, and advises to delete last", async () => {
  await withScenario(true, async (folder) => {
    const ages = ["-warn-backup-age=none", "-max-backup-age=none", "-warn-full-backup-age=none"];
    const { code, stdout } = await runCli(["check", "-format=json", ...ages], {
      env: { WALG_STANDIN_SCENARIO: folder },
    });
    const { checks, figures }: {
      checks: { check: string; status: string; text: string; fix?: string }[];
      figures: { name: string; value: number | null }[];
    } = JSON.parse(stdout);
    assert.equal(code, 1, stdout);
    const row = checks.find(({ text }) => text.includes(LOST) && text.includes("metadata.json"));
    assert.match(
      row?.text ?? "",
      new RegExp(`^The details of the backups cannot be listed: .*${LOST}/metadata\\.json`),
    );
    assert.match(row?.fix ?? "", /put the file back, or take a new backup; only then/);
    assert.notEqual(figures.find(({ name }) => name === "backup_age")?.value, null);
    assert.equal(figures.find(({ name }) => name === "backups")?.value, 7);
    assert.doesNotMatch(stdout, /Cannot be listed|Backups cannot be listed/);
  });
});

Deno.test("metadata.json is missing and the plain list fails, too: that is a failure of backup-list, as ever", async () => {
  await withScenario(false, async (folder) => {
    const { code, stderr } = await runCli(["once"], { env: { WALG_STANDIN_SCENARIO: folder } });
    assert.equal(code, 1);
    assert.match(stderr, /backup-list failed \(command_failed\): object .*metadata\.json' not found/);
  });
});
