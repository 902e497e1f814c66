import "./executable.ts";
import assert from "node:assert/strict";
import { STDOUT_LIMIT } from "../../src/walg/command.ts";
import { generateScenario, writeScenario } from "../../tools/generate_scenario.ts";
import { largestBackupList } from "../../tools/scenario/largest.ts";
import { startExporter, until } from "../support/exporter.ts";

const REFRESHES = 4;

Deno.test("the largest accepted backup lists are shown, one after the other, while all is scraped", async () => {
  const folder = await Deno.makeTempDir({ prefix: "walg-largest-" });
  try {
    await writeScenario(folder, generateScenario({ backups: 12, seed: 1 }));
    await Deno.mkdir(`${folder}/lists`);
    const counts: number[] = [];
    for (const seed of [1, 2]) {
      const { backups, text } = largestBackupList(seed);
      assert.ok(text.length > STDOUT_LIMIT * 0.98, `${text.length} bytes`);
      await Deno.writeTextFile(`${folder}/lists/${seed}.json`, text);
      counts.push(backups);
    }
    await using exporter = await startExporter({
      scenario: folder,
      // Each refresh begins when the one before is done, but may overtake its rendering.
      flags: ["-backup-list.scrape-interval=100ms", "-scrape.jitter=0s"],
      env: { WALG_STANDIN_ROTATE_DIR_BACKUP_LIST: `${folder}/lists`, WALG_STANDIN_RUNS_LOG: `${folder}/runs` },
    });
    const done = async (): Promise<boolean> => {
      const text = await exporter.metrics();
      const runs = (await Deno.readTextFile(`${folder}/runs`)).split("\nEND backup-list").length - 1;
      const shown = text.split("\nwalg_backup_info{").length - 1;
      assert.ok(shown === 0 || counts.includes(shown), `${shown} backups are shown`);
      return shown > 0 && runs >= REFRESHES;
    };
    await until(`${REFRESHES} refreshes`, done, 180_000);
    assert.doesNotMatch(exporter.log(), /level=(warn|error)/);
    const { code } = await exporter.stop();
    assert.equal(code, 0, exporter.log());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
