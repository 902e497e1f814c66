import assert from "node:assert/strict";
import { archiveScenarios, ROOT, scenarios, WITH_LISTINGS } from "../../support/paths.ts";
import { checkCaptured } from "./captured.ts";

const FILE = `${ROOT}/fixtures/golden/check.md`;

Deno.test("check: exit status and first line of every captured scenario are as agreed", async () => {
  const rows: string[] = [];
  for (const scenario of [...scenarios(), ...archiveScenarios()]) {
    const { exitStatus, stdout, stderr } = await checkCaptured(
      scenario,
      scenario.startsWith("archive-") ? WITH_LISTINGS : [],
    );
    assert.equal(stderr, "", scenario);
    const [first = ""] = stdout.split("\n");
    rows.push(`| ${scenario} | ${exitStatus} | ${first.replaceAll("|", "\\|")} |\n`);
  }
  const table = `| scenario | exit status | first line |\n| --- | --- | --- |\n${rows.join("")}`;
  if (Deno.env.get("UPDATE_GOLDEN") === "1") Deno.writeTextFileSync(FILE, table);
  assert.equal(table, Deno.readTextFileSync(FILE), `differs from ${FILE}; UPDATE_GOLDEN=1 writes it anew`);
});
