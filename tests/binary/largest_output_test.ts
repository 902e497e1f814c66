import "./executable.ts";
import assert from "node:assert/strict";
import { STDOUT_LIMIT_BYTES } from "../../src/walg/command.ts";
import { writeScenario } from "../../tools/generate_scenario.ts";
import { largestScenario } from "../../tools/scenario/largest.ts";
import { startExporter, until } from "../support/exporter.ts";

const REFRESHES = 4;

Deno.test("the largest accepted backup lists, beside the largest answer of wal-verify, are shown one after the other", async () => {
  const folder = await Deno.makeTempDir({ prefix: "walg-largest-" });
  try {
    await Deno.mkdir(`${folder}/lists`);
    const counts: number[] = [];
    for (const seed of [1, 2]) {
      const scenario = largestScenario(seed);
      for (const text of [scenario.backupList, scenario.walVerify]) {
        assert.ok(text.length > STDOUT_LIMIT_BYTES * 0.98, `${text.length} bytes`);
      }
      // The WAL of the first one stays; it takes both lists to fill the memory.
      if (counts.length === 0) await writeScenario(folder, scenario);
      await Deno.writeTextFile(`${folder}/lists/${seed}.json`, scenario.backupList);
      counts.push(scenario.backups);
    }
    await Deno.writeTextFile(`${folder}/runs`, "");
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
      return shown > 0 && text.includes("\nwalg_wal_segments{") && runs >= REFRESHES;
    };
    await until(`${REFRESHES} refreshes`, done, 300_000);
    assert.doesNotMatch(exporter.log(), /level=error|level=warning (?!.*msg="backups not restorable")/);
    const { code } = await exporter.stop();
    assert.equal(code, 0, exporter.log());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
