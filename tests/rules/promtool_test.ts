import assert from "node:assert/strict";
import { PROMETHEUS_FOLDER, ruleTestFiles } from "../deploy/rules_file.ts";
import { toolTest } from "../deploy/tools.ts";

toolTest("promtool finds every rule test green", ["promtool"], async () => {
  const waiting = ruleTestFiles();
  assert.ok(waiting.length > 0);
  const faults: string[] = [];
  const work = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const { success, stdout, stderr } = await new Deno.Command("promtool", {
        args: ["test", "rules", file],
        cwd: PROMETHEUS_FOLDER,
      }).output();
      const decoder = new TextDecoder();
      if (!success) faults.push(decoder.decode(stdout) + decoder.decode(stderr));
    }
  };
  // One process per core: each file takes up to half a minute.
  await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, work));
  assert.equal(faults.length, 0, faults.join("\n"));
});
