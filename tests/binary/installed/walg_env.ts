import assert from "node:assert/strict";
import { ROOT } from "../../support/paths.ts";
import { type CleanRoot, cleanRoot, rootTest } from "./clean_root.ts";

/** Stands for systemd: tells what the unit has, and prints what it is asked to run. */
const SYSTEMCTL = `#!/bin/sh
case "$*" in
*User*walg-exporter.service) echo postgres ;;
*EnvironmentFiles*walg-exporter.service) printf '%s (ignore_errors=yes)\\n' /etc/default/walg-exporter '/etc/with blank.env' ;;
*Environment*walg-exporter.service) echo HOME=/var/lib/walg-exporter ;;
esac
`;
const SYSTEMD_RUN = `#!/bin/sh
printf '%s\\n' "$@"
`;

rootTest("walg-env takes settings from an envdir, as the exporter's user", ["mmdebstrap"], async () => {
  await using root = await rootWithScript();
  const folder = `${root.path}/etc/wal-g.d/env`;
  await Deno.mkdir(folder, { recursive: true });
  const files = {
    WALG_S3_PREFIX: "s3://bucket/path  \nsecond line\n",
    AWS_REGION: "of the folder",
    EMPTY: "",
    LD_PRELOAD: "/lib/x.so",
    "not.a.name": "x",
    QUOTED: `a "b" $(touch /tmp/run) 'c'`,
    SECRET: "x",
  };
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/${name}`, text);
  await Deno.chmod(`${folder}/SECRET`, 0o600);
  const said = await root.runAsPostgres("sh", "-c", "AWS_REGION=set walg-env env 2>&1");
  assert.match(said, /^WALG_S3_PREFIX=s3:\/\/bucket\/path$/m);
  assert.match(said, /^AWS_REGION=set$/m, "what is set already stays");
  assert.match(said, /^EMPTY=$/m);
  assert.match(said, /^QUOTED=a "b" \$\(touch \/tmp\/run\) 'c'$/m);
  assert.doesNotMatch(said, /LD_PRELOAD|not\.a\.name|second line/);
  assert.match(said, /^walg-env: user postgres may not read \/etc\/wal-g\.d\/env\/SECRET: that setting is missing$/m);
  const other = await root.runAsPostgres("sh", "-c", "WALG_ENVDIR=/nowhere walg-env env");
  assert.doesNotMatch(other, /WALG_S3_PREFIX/);
});

rootTest("walg-env as root hands the command to systemd, with all that the unit has", ["mmdebstrap"], async () => {
  await using root = await rootWithScript();
  await Deno.mkdir(`${root.path}/run/systemd/system`, { recursive: true });
  for (const [name, text] of [["systemctl", SYSTEMCTL], ["systemd-run", SYSTEMD_RUN]] as const) {
    await Deno.writeTextFile(`${root.path}/usr/local/bin/${name}`, text, { mode: 0o755 });
  }
  assert.deepEqual(
    (await root.run("walg-env", "wal-g", "backup-list", "a b", "$HOME costs $$")).trimEnd().split("\n"),
    [
      "--quiet",
      "--collect",
      "--wait",
      "--pipe",
      "--property=KillMode=process",
      "--property=User=postgres",
      "--property=Environment=HOME=/var/lib/walg-exporter",
      "--property=EnvironmentFile=-/etc/default/walg-exporter",
      "--property=EnvironmentFile=-/etc/with blank.env",
      "--",
      "/usr/bin/walg-env",
      "wal-g",
      "backup-list",
      "a b",
      "$$HOME costs $$$$",
    ],
  );
  await assert.rejects(root.run("walg-env", "-i", "dwh", "doctor"), /there is no unit walg-exporter@dwh\.service/);
  await assert.rejects(root.run("walg-env", "-x"), /unknown option -x/);
});

async function rootWithScript(): Promise<CleanRoot> {
  const root = await cleanRoot();
  await root.addStandIn();
  await Deno.copyFile(`${ROOT}/deploy/bin/walg-env`, `${root.path}/usr/bin/walg-env`);
  await Deno.chmod(`${root.path}/usr/bin/walg-env`, 0o755);
  return root;
}
