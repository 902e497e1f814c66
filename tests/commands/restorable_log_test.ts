import assert from "node:assert/strict";
import { controlStandin, fixturePath } from "../standin.ts";
import { readRuns } from "../faults/controlled.ts";
import { startExporter, until } from "../support/exporter.ts";

Deno.test("the log says once which backups are not restorable and why, and when all are again", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const captured = await Deno.readTextFile(fixturePath("captures/wal-g-3.0.9/segment-lost/wal-verify.stdout"));
    await Deno.writeTextFile(`${folder}/whole.json`, captured.replaceAll("MISSING_LOST", "FOUND"));
    const whole = { STDOUT_FILE: `${folder}/whole.json` };
    await controlStandin(folder, "wal-verify", whole);
    await using exporter = await startExporter({
      scenario: "segment-lost",
      env: { WALG_STANDIN_CONTROL: folder, WALG_STANDIN_RUNS_LOG: `${folder}/runs` },
      flags: ["-wal-verify.scrape-interval=50ms"],
    });
    await exporter.ready();
    assert.doesNotMatch(exporter.log(), /restorable/);
    await controlStandin(folder, "wal-verify", {});
    const line = await exporter.logged(/^.*msg="backups not restorable".*lost.*$/m);
    assert.match(line, /level=warn/);
    assert.match(
      line,
      /count=1 newest=base_00000001000000000000000A_D_\S+ reason="segment 00000001000000000000000A lost"/,
    );
    const runs = (): number => readRuns(`${folder}/runs`).filter(({ operation }) => operation === "wal-verify").length;
    const before = runs();
    await until("it is verified some more", () => runs() >= before + 5);
    const lines = exporter.log().split("\n").filter((one) => one.includes("restorable"));
    assert.equal(lines.length, 1, "the same answer is no news");
    await controlStandin(folder, "wal-verify", whole);
    const again = await exporter.logged(/^.*msg="(all backups restorable again|no backup is known)".*$/m);
    assert.match(again, /level=info .*msg="all backups restorable again" count=8/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
