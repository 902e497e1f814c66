import assert from "node:assert/strict";
import { parseExposition } from "../support/exposition_parser.ts";
import { exporterCommand, startExporter, until } from "../support/exporter.ts";
import { ROOT, STANDIN_BIN } from "../support/paths.ts";

/** What may be run from the folder that the exporter is started in; the last is the name in the reference exporter's tests. */
const NAMES = ["wal-g", "mock-wal-g", "mock-wal-g.sh"];

Deno.test("trying it out: a wal-g in the folder that it is started in may run, by each name, and gives the reference's values", async (t) => {
  for (const name of NAMES) {
    await t.step(name, async () => {
      const folder = await Deno.makeTempDir();
      try {
        const script =
          `#!/bin/sh\nWALG_STANDIN_SCENARIO=reference-sample\nexport WALG_STANDIN_SCENARIO\nexec ${STANDIN_BIN}/wal-g "$@"\n`;
        await Deno.writeTextFile(`${folder}/${name}`, script, { mode: 0o755 });
        // From the sources, a relative scope counts from where deno.json lies; of the executable, from where it starts.
        await Deno.copyFile(`${ROOT}/deno.json`, `${folder}/deno.json`);
        const [program, ...args] = exporterCommand();
        const command = [
          program,
          ...args.map((arg) => arg.startsWith("--config=") ? `--config=${folder}/deno.json` : arg),
        ] as const;
        await using exporter = await startExporter({ flags: ["-walg.path", `./${name}`], cwd: folder, command });
        await exporter.ready();
        const isShown = async (): Promise<boolean> => {
          assert.doesNotMatch(exporter.log(), /not_permitted/);
          return (await exporter.metrics()).includes("walg_wal_integrity_status");
        };
        await until("it is shown", isShown);
        const families = parseExposition(await exporter.metrics());
        const valueOf = (family: string, labels: Readonly<Record<string, string>>): number | undefined =>
          families.get(family)?.series.find((series) =>
            Object.entries(labels).every(([label, value]) => series.labels[label] === value)
          )?.value;
        assert.equal(valueOf("walg_backups", { backup_type: "full" }), 7);
        assert.equal(valueOf("walg_backups", { backup_type: "delta" }), 4);
        const [full, delta] = [
          "base_000000430000038500000003",
          "base_0000004300000388000000BB_D_0000004300000388000000AC",
        ];
        assert.equal(valueOf("walg_backup_compressed_size_bytes", { backup_name: full }), 927_914_660);
        assert.equal(valueOf("walg_backup_compressed_size_bytes", { backup_name: delta }), 209_052_691);
        const origin = "base_0000004300000388000000AC_D_000000430000038500000003";
        assert.equal(valueOf("walg_backup_info", { backup_name: delta, delta_origin: origin }), 1);
        assert.equal(valueOf("walg_backup_info", { backup_name: origin, delta_origin: full }), 1);
        assert.equal(valueOf("walg_wal_integrity_status", { timeline_id: "67" }), 0);
        assert.equal(valueOf("walg_wal_integrity_status", { timeline_id: "68" }), 1);
        assert.equal(valueOf("walg_wal_verify_status", { operation: "integrity" }), 0);
        assert.equal(valueOf("walg_wal_verify_status", { operation: "timeline" }), 1);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });
  }
});
