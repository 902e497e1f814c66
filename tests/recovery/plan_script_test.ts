import assert from "node:assert/strict";
import fc from "fast-check";
import { type Plan, planOf } from "../../src/recovery/plan.ts";
import { planScript } from "../../src/recovery/plan_script.ts";
import { stepsOf, type WalgCall } from "../../src/recovery/plan_steps.ts";
import { assess } from "../../src/recovery/recover.ts";
import type { Target } from "../../src/recovery/target.ts";
import { createArchiveBuilder } from "../../src/walg/wal_archive.ts";
import { aBackup, MiB, walName } from "./builders.ts";

const WALG: WalgCall = { walgPath: "wal-g", walgConfigPath: "/etc/wal-g.yaml" };
const TIME: Target = { kind: "time", time: Date.UTC(2026, 10, 26, 13, 55) + 0.25, isZoneAssumed: false };

interface PlanTerms {
  readonly target?: Target;
  readonly pgVersion?: number;
  readonly suffix?: string;
  readonly dataDir?: string;
  readonly inTheWay?: { readonly name: string; readonly size: number };
  readonly storage?: number;
}

const EMPTY = { name: `${walName(1, 12, 16 * MiB)}.lz4`, size: 0 };
/** Not compressed, and cut off. */
const SHORT = { name: walName(1, 12, 16 * MiB), size: 1000 };

/** A plan for a cluster of that version with one backup and ten segments; the object after them may be in the way. */
function planFor(
  { target = TIME, pgVersion = 150018, suffix = "", dataDir = "/pgdata", inTheWay, storage = 0 }: PlanTerms = {},
): Plan {
  const builder = createArchiveBuilder();
  const time = Date.UTC(2026, 10, 26, 14);
  const object = { storage: 0, isFolder: false, time };
  for (let number = 2; number < 12; number++) {
    builder.add({ ...object, size: 1000, name: `${walName(1, number, 16 * MiB)}.lz4` });
  }
  // Older than one that is being uploaded.
  if (inTheWay !== undefined) builder.add({ ...object, storage, time: time - 300_000, ...inTheWay });
  const archive = builder.build({ time, storages: ["default", "good bye"], unlisted: [], shown: [] });
  const spec = { timeline: 1, number: 3, size: 16 * MiB, suffix, finishTime: Date.UTC(2026, 10, 26, 13) };
  const backups = [{ ...aBackup(spec), pgVersion, dataDir }];
  return planOf({ target }, { assessment: assess({ backups, archive }), archive, now: time + 1000 });
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function shell(script: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command("sh", { args: ["-c", script], env }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "walg-script-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("every name stands in the script as it is, whatever it holds", async () => {
  const nasty = fc.string({
    unit: fc.constantFrom("'", '"', "$(exit 7)", "`id`", "\\", "\n", " ", "%p", "é", "a", ";", "&"),
  });
  await fc.assert(
    fc.asyncProperty(nasty, nasty, async (path, suffix) => {
      const script = planScript(planFor({ suffix }), { walgPath: `/x${path}`, walgConfigPath: `/c${path}` }, 1n);
      const { code, stdout } = await shell(
        `PLAN_DEFINE_ONLY=1; set -eu\n${script}\nprintf '%s|' "$PLAN_BACKUP" "$PLAN_WALG" "$PLAN_CONFIG" "$PLAN_POSSIBLE"`,
      );
      assert.equal(code, 0);
      assert.equal(stdout, `base_${walName(1, 3, 16 * MiB)}${suffix}|/x${path}|/c${path}|yes|`);
    }),
    { numRuns: 40 },
  );
});

Deno.test("plan_configure writes what PostgreSQL reads, for its version", () =>
  inFolder(async (folder) => {
    const configure = async (plan: Plan): Promise<void> => {
      const { code, stderr } = await shell(
        `PLAN_DEFINE_ONLY=1; set -eu\n${planScript(plan, WALG, 1n)}\nplan_configure`,
        {
          PGDATA: folder,
        },
      );
      assert.equal(code, 0, stderr);
    };
    await Deno.writeTextFile(`${folder}/standby.signal`, "");
    await configure(planFor());
    const auto = await Deno.readTextFile(`${folder}/postgresql.auto.conf`);
    assert.match(auto, /^restore_command = 'wal-g --config \/etc\/wal-g.yaml wal-fetch "%f" "%p"'$/m);
    assert.match(auto, /^recovery_target_time = '2026-11-26 13:55:00.00025\+00'$/m);
    assert.match(auto, /^recovery_target_timeline = '1'$/m);
    // The target is set once every other one is not.
    assert.ok(auto.indexOf("recovery_target_lsn = ''") < auto.indexOf("recovery_target_time = '2"));
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).toSorted(), [
      "postgresql.auto.conf",
      "recovery.signal",
    ]);
    await configure(planFor({ pgVersion: 110022 }));
    const old = await Deno.readTextFile(`${folder}/recovery.conf`);
    assert.match(old, /^recovery_target_time = /m);
    assert.doesNotMatch(old, /recovery_target_xid/);
    assert.match(old, /^recovery_target_action = 'promote'$/m);
    // It ends at what it does not know.
    await configure(planFor({ pgVersion: 90426 }));
    const older = await Deno.readTextFile(`${folder}/recovery.conf`);
    assert.match(older, /^pause_at_recovery_target = 'false'$/m);
    assert.doesNotMatch(older, /recovery_target_action/);
    const unknown = planFor({ pgVersion: 0 });
    assert.ok(unknown.warnings.some((warning) => /wal-g does not say: .* for version 12 and later$/.test(warning)));
    assert.match(
      planScript(unknown, WALG, 1n),
      /^ {2}for plan_folder in "\$\{PGBIN:-\}" +"\$\{plan_found%\/\*\}"; do$/m,
    );
    assert.equal(planFor({ target: { kind: "lsn", lsn: 0x4000000n } }).possible, true);
    assert.equal(planFor({ target: { kind: "lsn", lsn: 0x4000000n }, pgVersion: 90624 }).code, "not_supported");
  }));

Deno.test("the script refuses a folder that is not empty, before it touches anything", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/wal-g`, `#!/bin/sh\necho "$@" >> ${folder}/calls\n`, { mode: 0o755 });
    const walg = { walgPath: `${folder}/wal-g`, walgConfigPath: undefined };
    const script = planScript(planFor({ target: { kind: "latest" }, inTheWay: EMPTY }), walg, 1n);
    const full = await shell(script, { PGDATA: folder });
    assert.deepEqual([full.code, full.stdout], [1, ""]);
    assert.match(full.stderr, /is not an empty folder/);
    // 2 and 3 are for plans that are not possible, or not known.
    assert.deepEqual(await shell(script, { PGDATA: "" }).then(({ code }) => code), 1);
    assert.match((await shell(script)).stderr, /^set PGDATA to the empty folder to restore into$/m);
    const panic = `${folder}/panic`;
    await Deno.writeTextFile(panic, "#!/bin/sh\nexit 2\n", { mode: 0o755 });
    const panicking = planScript(planFor(), { walgPath: panic, walgConfigPath: undefined }, 1n);
    assert.equal((await shell(panicking, { PGDATA: `${folder}/empty` })).code, 1);
    assert.ok(![...Deno.readDirSync(folder)].some(({ name }) => name === "calls"));

    const defined = `PLAN_DEFINE_ONLY=1; set -eu\n${script}\n`;
    await shell(`${defined}plan_clear; plan_fetch`, { PGDATA: `${folder}/new` });
    assert.equal(
      await Deno.readTextFile(`${folder}/calls`),
      `st rm wal_005/${walName(1, 12, 16 * MiB)}.lz4\nbackup-fetch ${folder}/new base_${walName(1, 3, 16 * MiB)}\n`,
    );
  }));

Deno.test("tablespaces, which no list shows: the script warns, and restores beside none", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/wal-g`, `#!/bin/sh\necho "$@" >> ${folder}/calls\n`, { mode: 0o755 });
    const walg = { walgPath: `${folder}/wal-g`, walgConfigPath: undefined };
    const plan = planFor({ target: { kind: "latest" }, dataDir: `${folder}/it's live` });
    const script = planScript(plan, walg, 1n);
    assert.match(script, /^# Note: Whether there are tablespaces is not known: .* over what is there/m);
    await Deno.mkdir(`${folder}/it's live/pg_tblspc`, { recursive: true });
    const beside = await shell(script, { PGDATA: `${folder}/new` });
    assert.match(beside.stderr, /^Note: Whether there are tablespaces is not known/m);
    assert.equal(await Deno.readTextFile(`${folder}/calls`), `backup-fetch ${folder}/new ${plan.way?.backup.name}\n`);

    await Deno.remove(`${folder}/calls`);
    await Deno.symlink(folder, `${folder}/it's live/pg_tblspc/16400`);
    const { code, stderr } = await shell(script, { PGDATA: `${folder}/other` });
    assert.equal(code, 1);
    assert.match(stderr, /it's live\/pg_tblspc\/16400 leads to a tablespace, which a restore would write over/);
    assert.ok(![...Deno.readDirSync(folder)].some(({ name }) => name === "calls" || name === "other"));
    await shell(script, { PGDATA: `${folder}/other`, PLAN_TABLESPACES: "overwrite" });
    assert.match(await Deno.readTextFile(`${folder}/calls`), /^backup-fetch /);
    // The drill refuses them by itself.
    assert.equal((await shell(`PLAN_DEFINE_ONLY=1\n${script}`, {})).stderr, "");
  }));

Deno.test("a script of what is not possible says why and what is, and exits with 2 or 3", async () => {
  const late = planFor({ target: { kind: "time", time: Date.UTC(2026, 10, 26, 14, 0, 0, 500), isZoneAssumed: false } });
  assert.equal(late.code, "after_last");
  const ended = await shell(planScript(late, WALG, 1n));
  assert.equal(ended.code, 2);
  assert.equal(ended.stderr.split("\n")[1], "Nearest before: 2026-11-26T14:00:00Z (LSN 0/BFFFFFF)");
  const { code, stdout } = await shell(
    `PLAN_DEFINE_ONLY=1\n${planScript(late, WALG, 1n)}\necho "$PLAN_POSSIBLE"; plan_fetch`,
  );
  assert.deepEqual([code, stdout], [2, "no\n"]);
  const unknown: Plan = { ...late, possible: undefined, code: "not_known" };
  assert.equal((await shell(planScript(unknown, WALG, 1n))).code, 3);
});

Deno.test("the first step of a plan removes what is in the way", () => {
  const plan = planFor({ target: { kind: "latest" }, inTheWay: EMPTY });
  const steps = plan.way === undefined ? [] : stepsOf(plan.way, { kind: "latest" }, WALG);
  assert.equal(steps[0]?.command, `wal-g --config /etc/wal-g.yaml st rm wal_005/${walName(1, 12, 16 * MiB)}.lz4`);
  assert.deepEqual(steps.map(({ part }) => part), ["clear", "folder", "fetch", "configure", "start", "watch"]);
  const other = planFor({ target: { kind: "latest" }, inTheWay: EMPTY, storage: 1 });
  const [first] = other.way === undefined ? [] : stepsOf(other.way, { kind: "latest" }, WALG);
  const removed = `st rm -t 'good bye' wal_005/${walName(1, 12, 16 * MiB)}.lz4`;
  assert.equal(first?.command, `wal-g --config /etc/wal-g.yaml ${removed}`);
  assert.ok(planScript(other, WALG, 1n).includes(`  wal-g --config /etc/wal-g.yaml ${removed}\n`));
  const short = planFor({ target: { kind: "latest" }, inTheWay: SHORT, storage: 1 });
  const [cut] = short.way === undefined ? [] : stepsOf(short.way, { kind: "latest" }, WALG);
  assert.equal(cut?.command, `wal-g --config /etc/wal-g.yaml st rm -t 'good bye' wal_005/${SHORT.name}`);
});

/** A plan after a switch to timeline 2, of which only the history is archived, with all that timeline 1 wrote. */
function planAfterSwitch(switchLsn: bigint, target: Target, pgVersion = 150018): Plan {
  const builder = createArchiveBuilder();
  const time = Date.UTC(2026, 10, 26, 14);
  const object = { storage: 0, isFolder: false };
  for (let number = 2; number <= 12; number++) {
    const written = time - (20 - number) * 60_000;
    builder.add({ ...object, size: 1000, time: written, name: `${walName(1, number, 16 * MiB)}.lz4` });
  }
  builder.add({ ...object, size: 50, time, name: "00000002.history.lz4" });
  const read = [{ timeline: 2, parent: 1, switchLsn }];
  const archive = builder.build({ time, storages: ["default"], unlisted: [], shown: [], read });
  const spec = { timeline: 1, number: 3, size: 16 * MiB, finishTime: Date.UTC(2026, 10, 26, 13) };
  const backups = [{ ...aBackup(spec), pgVersion }];
  return planOf({ target }, { assessment: assess({ backups, archive }), archive, now: time + 1000 });
}

Deno.test("where PostgreSQL would go on in what was left of a timeline, it is stopped before that", () => {
  const latest: Target = { kind: "latest" };
  const settings = (plan: Plan, target: Target): string =>
    plan.way === undefined ? plan.reason : stepsOf(plan.way, target, WALG).find(({ part }) => part === "configure")
      ?.command ?? "";
  for (const switchLsn of [0xC00_0090n, 0xB00_0000n]) {
    const stopped = planAfterSwitch(switchLsn, latest);
    assert.match(
      settings(stopped, latest),
      /recovery_target_timeline = '2'[^]*recovery_target_lsn = '0\/[BC]0000[09]0'\nrecovery_target_inclusive = 'off'\nrecovery_prefetch = 'off'\n/,
    );
    assert.ok(stopped.warnings.some((note) => /^It stops before 0\/[BC]0000[09]0, where timeline 2/.test(note)));
    assert.match(planScript(stopped, WALG, 1n), /recovery_target_lsn = ''" >>/);
  }
  // Of the timeline before nothing is left there.
  const ended = planAfterSwitch(0xD00_0000n, latest);
  assert.doesNotMatch(settings(ended, latest), /recovery_target_lsn = '0/);
  const time: Target = { kind: "time", time: Date.UTC(2026, 10, 26, 13, 52), isZoneAssumed: false };
  const late = planAfterSwitch(0xC00_0090n, time);
  assert.deepEqual([late.possible, late.code], [true, "probable"]);
  assert.ok(late.warnings.some((note) => note.startsWith("By a time it may pass 0/C000090, where timeline 2 begins")));
  const old = planAfterSwitch(0xC00_0090n, latest, 90_600);
  assert.deepEqual([old.possible, old.code], [false, "not_supported"]);
});
