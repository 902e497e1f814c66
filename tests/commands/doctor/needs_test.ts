import assert from "node:assert/strict";
import { fixturePath } from "../../standin.ts";
import { createSetup, type Diagnosis } from "./setup.ts";

/** The sandbox of a compiled executable cannot be moved into a folder. */
const ignore = Deno.env.get("WALG_EXPORTER") !== undefined;

const DENIED = "export WALG_STANDIN_SCENARIO_BACKUP_LIST=storage-unlistable";
const VERIFY_DENIED = "export WALG_STANDIN_SCENARIO_WAL_VERIFY=storage-unlistable";

/** What doctor says where wal-g begins with these lines of shell. */
async function diagnose(lines: readonly string[], args: readonly string[] = []): Promise<Diagnosis> {
  await using setup = await createSetup();
  await setup.installWalg("bin/wal-g", lines.join("\n"));
  setup.args.push(...args);
  return await setup.doctor();
}

Deno.test({ name: "PostgreSQL: what fails for want of backups is not its trouble", ignore }, async () => {
  const both = await diagnose([DENIED, VERIFY_DENIED]);
  assert.deepEqual(both.failed, ["backups"], both.text);
  assert.match(both.text, /^skipped +PostgreSQL +[\d.]+ s +backups cannot be listed$/m);
  const alone = await diagnose([VERIFY_DENIED]);
  assert.deepEqual(alone.failed, ["PostgreSQL"], alone.text);
  const down = await diagnose([DENIED, "export WALG_STANDIN_SCENARIO_WAL_VERIFY=postgres-down"]);
  assert.deepEqual(down.failed, ["backups", "PostgreSQL"], down.text);
});

Deno.test({ name: "what needs the storage is skipped once that does not answer", ignore }, async () => {
  const { failed, text } = await diagnose(["export WALG_STANDIN_SCENARIO=s3-bad-key"]);
  assert.deepEqual(failed, ["storage"], text);
  for (const name of ["backups", "PostgreSQL"]) {
    assert.match(
      text,
      new RegExp(`^skipped +${name} .* the storage (?:does not answer|refuses access .access_denied.)$`, "m"),
    );
  }
});

Deno.test({ name: "config: what is set wrong is found without a storage check, too", ignore }, async () => {
  const unset = `[ "$1" = --version ] || { cat ${fixturePath("stderr/config/no-storage.txt")} >&2; exit 1; }`;
  const old = `export WALG_STANDIN_SCENARIO=wal-g-1.1/two-timelines; [ "$1" = st ] || ${unset}`;
  for (
    const { failed, text } of [
      await diagnose([old]),
      await diagnose([unset], ["-storage-check.scrape-interval=0"]),
    ]
  ) {
    assert.equal(failed[0], "config", text);
    assert.match(text, /^skipped +backups +[\d.]+ s +wal-g does not accept its settings$/m);
  }
});
