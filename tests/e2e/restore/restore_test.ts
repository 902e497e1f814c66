import assert from "node:assert/strict";
import { runCli } from "../../commands/run_cli.ts";
import { openSite, postgresTest, type Site } from "./postgres.ts";

/** How many targets are restored, as the plan's script does it. */
const TARGETS = 30;

/** A row, and the transaction that made it. */
interface Row {
  readonly note: string;
  /** When it was committed: Unix microseconds. */
  readonly committed: number;
}

/** What was written. */
interface Story {
  /** When the first backup had finished: Unix microseconds. */
  readonly begin: number;
  readonly end: number;
  /** What timeline 1 had in the end, and what timeline 2 has, both with what they share. */
  readonly rows: Readonly<Record<1 | 2, readonly Row[]>>;
  /** An LSN after each of some rows of timeline 2's history. */
  readonly positions: readonly { readonly lsn: string; readonly note: string }[];
  /** When timeline 2 went on from timeline 1, and when that one ended: Unix microseconds. */
  readonly left: number;
  readonly abandoned: number;
  /** From before the lost segment was written to the end of the next backup: Unix microseconds. */
  readonly hole: readonly [number, number];
}

/** A printed plan: the script, and what its variables say. */
interface Printed {
  readonly script: string;
  readonly possible: string;
  readonly reason: string;
  readonly timeline: string;
}

postgresTest("30 targets on two timelines and around a hole are what the printed script restores", async (programs) => {
  await using site = await openSite(programs);
  const story = await write(site);
  const random = seeded(20_261_126);
  const between = (from: number, to: number): number => Math.floor(from + random() * (to - from));
  const moments = [
    ...Array.from({ length: 11 }, () => between(story.begin - 300_000, story.end + 300_000)),
    ...Array.from({ length: 4 }, () => between(story.begin, story.hole[0])),
    ...Array.from({ length: 3 }, () => between(...story.hole)),
    ...Array.from({ length: 3 }, () => between(story.hole[1], story.left)),
    ...Array.from({ length: 3 }, () => between(story.abandoned, story.end)),
  ];
  const targets: Target[] = [
    ...moments.map((time): Target => ({ flags: [`-to=${rfc3339(time)}`], timeline: 2, time })),
    ...[0, 1].map((): Target => {
      const time = between(story.left, story.abandoned);
      return { flags: [`-to=${rfc3339(time)}`, "-timeline=1"], timeline: 1, time };
    }),
    ...[0.1, 0.6, 0.9].map((part): Target => {
      const at = story.positions[Math.floor(part * story.positions.length)] ?? { lsn: "", note: "" };
      return { flags: [`-to-lsn=${at.lsn}`], timeline: 2, note: at.note };
    }),
    { flags: ["-to=latest"], timeline: 2 },
  ];
  assert.equal(targets.length, TARGETS);
  const seen = { restored: 0, refused: 0, on1: 0, on2: 0 };
  for (const target of targets) {
    const plan = await printed(site, target.flags);
    if (plan.possible === "yes") {
      seen.restored++;
      if (plan.timeline === "1") seen.on1++;
      else seen.on2++;
      await assertRestored(site, story, target, plan);
    } else {
      seen.refused++;
      assert.equal(plan.possible, "no", `${target.flags}: ${plan.reason}`);
      assertRefusedRightly(story, target, plan);
    }
  }
  assert.ok(seen.restored >= 15 && seen.refused >= 3 && seen.on1 >= 4 && seen.on2 >= 4, JSON.stringify(seen));

  // An empty object at the end stops PostgreSQL, unless the script removes it.
  const names = [...Deno.readDirSync(`${site.store}/wal_005`)].map(({ name }) => name);
  const last = names.filter((name) => /^00000002[0-9A-F]{16}$/.test(name)).toSorted().at(-1) ?? "";
  const next = last.slice(0, 16) + (parseInt(last.slice(16), 16) + 1).toString(16).toUpperCase().padStart(8, "0");
  // Older than one that is being uploaded.
  await site.must(["touch", "-d", "10 minutes ago", `${site.store}/wal_005/${next}`]);
  const plan = await printed(site, ["-to=latest"]);
  await assertRestored(site, story, { flags: ["-to=latest"], timeline: 2 }, plan);
  assert.ok(![...Deno.readDirSync(`${site.store}/wal_005`)].some(({ name }) => name === next));

  // To before timeline 2 began, along timeline 2 as PostgreSQL's default has it: the history of 3 names 2 all the same.
  await Deno.remove(`${site.store}/read-only`);
  const early = story.positions.findLast(({ note }) => committedOf(story.rows[1], note) < story.left);
  const back = await printed(site, [`-to-lsn=${early?.lsn}`]);
  const script = back.script.replace("recovery_target_timeline = '1'", "recovery_target_timeline = '2'");
  assert.notEqual(script, back.script);
  const third = `${site.folder}/third`;
  await restore(site, { ...back, script }, third);
  await site.sql("INSERT INTO rows (note) VALUES ('on 3')");
  await archive(site);
  const rows3 = (await rowsOf(site)).map(({ note }) => note);
  await site.stop(third, "immediate");
  const along3 = await printed(site, ["-backup=" + back.script.match(/^PLAN_BACKUP='(.*)'$/m)?.[1]]);
  assert.equal(along3.timeline, "3");
  await site.must(["touch", `${site.store}/read-only`]);
  await restore(site, along3, `${site.folder}/restored`);
  assert.deepEqual((await rowsOf(site)).map(({ note }) => note), rows3);
});

function committedOf(rows: readonly Row[], note: string): number {
  return rows.find((row) => row.note === note)?.committed ?? Infinity;
}

interface Target {
  readonly flags: readonly string[];
  readonly timeline: 1 | 2;
  /** Unix microseconds. */
  readonly time?: number;
  /** The last row that must be there. */
  readonly note?: string;
}

/** Writes two timelines with three backups, and loses a segment. */
async function write(site: Site): Promise<Story> {
  const { folder, programs, config } = site;
  const walg = `wal-g --config ${shellQuoted(config)}`;
  const first = `${folder}/first`;
  await site.must([`${programs}/initdb`, "-D", first, "-U", "postgres", "-A", "trust", "-N", "--wal-segsize=1"]);
  const settings = [
    "listen_addresses = ''",
    `unix_socket_directories = '${folder}'`,
    "archive_mode = on",
    `archive_command = '${
      `${walg.replaceAll("%", "%%")} wal-push "%p"`.replaceAll("\\", "\\\\").replaceAll("'", "''")
    }'`,
    "track_commit_timestamp = on",
    "fsync = off",
    "timezone = 'Asia/Kolkata'",
    "max_wal_size = 32MB",
    "min_wal_size = 4MB",
    "autovacuum = off",
    // What an earlier recovery has left there.
    "recovery_target_xid = '3'",
  ];
  const conf = `${first}/postgresql.conf`;
  await Deno.writeTextFile(conf, `\n${settings.join("\n")}\n`, { append: true });
  await site.start(first);
  await site.sql("CREATE TABLE rows (id serial, note text, padding text)");
  const positions: { lsn: string; note: string }[] = [];
  const version = await site.sql("SHOW server_version_num");
  const push = async (data: string): Promise<void> => {
    await site.must(["sh", "-c", `${walg} backup-push`], { PGDATA: data, PG_VERSION_NUM: version });
  };
  const insert = async (count: number): Promise<void> => {
    for (let at = 0; at < count; at++) {
      const note = crypto.randomUUID();
      const padding = "(SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 6000))";
      const lsn = await site.sql(
        `INSERT INTO rows (note, padding) VALUES ('${note}', ${padding})`,
        "SELECT pg_current_wal_insert_lsn()",
      );
      positions.push({ lsn, note });
    }
  };

  await push(first);
  const begin = now();
  await insert(12);
  await archive(site);
  const holeBegin = now();
  await insert(10);
  const lost = await site.sql("SELECT pg_walfile_name(pg_current_wal_lsn())");
  await insert(6);
  await archive(site);
  await push(first);
  const holeEnd = now();
  await insert(10);
  await archive(site);
  const left = now();
  await insert(12);
  await archive(site);
  const abandoned = now();
  const rows1 = await rowsOf(site);
  await site.stop(first, "fast");
  await Deno.remove(`${site.store}/wal_005/${lost}`);

  // Timeline 2 begins where the script has recovered to.
  const second = `${folder}/second`;
  await restore(site, await printed(site, [`-to=${rfc3339(left)}`]), second);
  const kept = new Set((await rowsOf(site)).map(({ note }) => note));
  const shared = positions.filter(({ note }) => kept.has(note));
  positions.length = 0;
  await insert(12);
  await archive(site);
  await push(second);
  await insert(12);
  await archive(site);
  // These are never archived.
  const archived = positions.length;
  await insert(2);
  const end = now();
  const rows2 = await rowsOf(site);
  await site.stop(second, "immediate");
  await site.must(["touch", `${site.store}/read-only`]);
  return {
    begin,
    end,
    rows: { 1: rows1, 2: rows2 },
    positions: [...shared, ...positions.slice(0, archived)],
    left,
    abandoned,
    hole: [holeBegin, holeEnd],
  };
}

/** Ends the segment and waits until it is archived. */
async function archive(site: Site): Promise<void> {
  const segment = await site.sql("SELECT pg_walfile_name(pg_switch_wal())");
  const deadline = Date.now() + 60_000;
  while ((await site.sql("SELECT last_archived_wal FROM pg_stat_archiver")).slice(0, 24) < segment) {
    assert.ok(Date.now() < deadline, `${segment} is archived within a minute`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function rowsOf(site: Site): Promise<readonly Row[]> {
  const micros = "(extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint";
  const text = await site.sql(`SELECT note || ' ' || ${micros} FROM rows ORDER BY id`);
  return text.split("\n").filter((line) => line !== "").map((line) => {
    const [note = "", committed = ""] = line.split(" ");
    return { note, committed: Number(committed) };
  });
}

async function printed(site: Site, flags: readonly string[]): Promise<Printed> {
  const all = ["plan", ...flags, "-format=sh", `-walg.config-path=${site.config}`, "-wal-verify.scrape-interval=0"];
  const { code, stdout, stderr } = await runCli(all, { path: site.env["PATH"] ?? "" });
  const valueOf = (name: string): string => new RegExp(`^PLAN_${name}='(.*)'$`, "m").exec(stdout)?.[1] ?? "";
  const plan = {
    script: stdout,
    possible: valueOf("POSSIBLE"),
    reason: valueOf("REASON"),
    timeline: valueOf("TIMELINE"),
  };
  assert.equal(code, { yes: 0, no: 2, unknown: 3 }[plan.possible], `${flags}: ${plan.reason}${stderr}`);
  return plan;
}

/** Runs the printed script, as an operator would; PostgreSQL then runs in `data`. */
async function restore(site: Site, { script }: Printed, data: string): Promise<string> {
  const [file, said] = [`${site.folder}/restore.sh`, `${site.folder}/restore.out`];
  await Deno.writeTextFile(file, script);
  // A pipe would stay open as long as the server runs.
  const line = `sh ${file} > ${said} 2>&1; end=$?; cat ${said}; exit $end`;
  return await site.must(["sh", "-c", line], { PGDATA: data });
}

async function assertRestored(site: Site, story: Story, target: Target, plan: Printed): Promise<void> {
  const data = `${site.folder}/restored`;
  const said = await restore(site, plan, data);
  try {
    const found = (await rowsOf(site)).map(({ note }) => note);
    const rows = story.rows[target.timeline];
    const until = target.note === undefined ? Infinity : committedOf(rows, target.note);
    const archivedEnd = story.positions.at(-1)?.note;
    const expected = rows
      .slice(
        0,
        target.time === undefined && target.note === undefined
          ? rows.findIndex(({ note }) => note === archivedEnd) + 1
          : rows.length,
      )
      .filter(({ committed }) => committed <= (target.time ?? until)).map(({ note }) => note);
    assert.deepEqual(found, expected, `${target.flags}: ${plan.reason}\n${said}`);
  } finally {
    await site.stop(data, "immediate");
    await Deno.remove(data, { recursive: true });
  }
}

/** A refusal is right before the first backup, in the hole, and after what is archived. */
function assertRefusedRightly(story: Story, { time, flags }: Target, { reason }: Printed): void {
  assert.ok(time !== undefined, `${flags}: ${reason}`);
  const lastArchived = committedOf(story.rows[2], story.positions.at(-1)?.note ?? "");
  const isOutside = time <= story.begin || time > lastArchived;
  assert.ok(isOutside || (time > story.hole[0] && time < story.hole[1]), `${flags}: ${reason}`);
}

/** Unix microseconds. */
function now(): number {
  return Date.now() * 1000;
}

/** RFC 3339 to the microsecond, from Unix microseconds. */
function rfc3339(micros: number): string {
  return `${new Date(Math.floor(micros / 1e6) * 1000).toISOString().slice(0, 19)}.${
    String(micros % 1e6).padStart(6, "0")
  }Z`;
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Numbers from 0 up to but not 1, the same ones for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}
