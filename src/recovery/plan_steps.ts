import { shellWord } from "../base/text.ts";
import { formatLsn } from "../walg/segment.ts";
import { storageArgs } from "../walg/storage_listing.ts";
import type { Way } from "./plan_way.ts";
import type { InTheWay } from "./recovery.ts";
import { formatPrecise, type Target } from "./target.ts";

/** How wal-g is run. */
export interface WalgCall {
  readonly walgPath: string;
  readonly walgConfigPath: string | undefined;
}

/** One step of a plan; the commands read the data folder from `$PGDATA`. */
export interface PlanStep {
  readonly part: "clear" | "folder" | "fetch" | "configure" | "start" | "watch";
  /** What it does: a sentence or two. */
  readonly text: string;
  /** For a POSIX shell; one line or several. */
  readonly command: string;
}

/** PostgreSQL's version as people say it, such as `15` or `9.6`; `pgVersion` is its `server_version_num`, 0 not known. */
export function majorVersion(pgVersion: number): string {
  if (pgVersion === 0) return "of an unknown version";
  const [major, minor] = [Math.floor(pgVersion / 10_000), Math.floor(pgVersion / 100) % 100];
  return major >= 10 ? String(major) : `${major}.${minor}`;
}

/** Whether recovery is set in a `recovery.conf` of its own. */
export function usesRecoveryConf({ backup: { pgVersion } }: Way): boolean {
  return pgVersion > 0 && pgVersion < 120_000;
}

/** wal-g with its config, as a shell reads it. */
export function walgCommand({ walgPath, walgConfigPath }: WalgCall): string {
  return [walgPath, ...walgConfigPath === undefined ? [] : ["--config", walgConfigPath]].map(shellWord).join(" ");
}

/** The commands of a plan in their order. Nothing of them has been run. */
export function stepsOf(way: Way, target: Target, walg: WalgCall): readonly PlanStep[] {
  const { backup, inTheWay } = way;
  const fetch = fetchCommand(way, walg);
  const clear: PlanStep[] = inTheWay === undefined ? [] : [{
    part: "clear",
    text: `WAL segment ${inTheWay.segment} ${inTheWay.isEmpty ? "is an empty object" : "has the wrong size"}: ` +
      "PostgreSQL would end there with FATAL. Remove it. If a pg_wal still holds the segment, archive it again with " +
      "wal-g wal-push, and make a new plan.",
    command: clearCommand(inTheWay, walg),
  }];
  return [
    ...clear,
    {
      part: "folder",
      text:
        "Choose the data folder: empty, and of the user that runs PostgreSQL. To restore in place, stop PostgreSQL " +
        "and move the old folder away; do not delete it, its pg_wal may hold what is not archived.",
      command: `export PGDATA=${backup.dataDir === "" ? "/an/empty/folder" : shellWord(backup.dataDir)}`,
    },
    {
      part: "fetch",
      text: "Fetch the backup, as the user that runs PostgreSQL.",
      command: fetch,
    },
    {
      part: "configure",
      text: `Say how far to recover, for PostgreSQL ${majorVersion(backup.pgVersion)}. Beside a cluster that still ` +
        "runs, set archive_mode = off and another port, too.",
      command: configureCommand(way, target, walg),
    },
    { part: "start", text: `Start PostgreSQL. ${START}`, command: startCommand(way) },
    {
      part: "watch",
      text: "Recovery is over once this says f. If PostgreSQL has ended with 'recovery ended before configured " +
        "recovery target was reached', nothing in the archive was committed after the target: remove the target's " +
        "line and start it again.",
      command: "psql -Atc 'SELECT pg_is_in_recovery(), pg_last_xact_replay_timestamp()'",
    },
  ];
}

const START = "It runs restore_command itself: it needs the environment that wal-g takes its settings from.";

/** Removes an object of the WAL folder, in the storage that has it. */
export function clearCommand({ object, storage }: InTheWay, walg: WalgCall): string {
  const words = ["st", "rm", ...storageArgs(storage), `wal_005/${object}`];
  return `${walgCommand(walg)} ${words.map(shellWord).join(" ")}`;
}

/** Fetches the backup into `$PGDATA`. */
export function fetchCommand({ backup }: Way, walg: WalgCall): string {
  return [
    `mkdir -p "$PGDATA" && chmod 700 "$PGDATA" &&`,
    `  ${walgCommand(walg)} backup-fetch "$PGDATA" ${shellWord(backup.name)}`,
  ].join("\n");
}

/** Writes how far to recover into `$PGDATA`. */
export function configureCommand(way: Way, target: Target, walg: WalgCall): string {
  const lines = settingsOf(way, target, walg).map(([name, value]) => `${name} = ${confQuoted(value)}`);
  return usesRecoveryConf(way) ? [`cat > "$PGDATA/recovery.conf" <<'END'`, ...lines, "END"].join("\n") : [
    `cat >> "$PGDATA/postgresql.auto.conf" <<'END'`,
    ...lines,
    "END",
    `rm -f "$PGDATA/standby.signal" && touch "$PGDATA/recovery.signal"`,
  ].join("\n");
}

/** The setting that ends recovery. */
interface Aim {
  readonly name: string;
  readonly value: string;
  /** Whether what stands at the target is recovered, too. */
  readonly isInclusive: boolean;
}

/** What ends recovery; undefined where the end of the archive does. */
export function aimOf({ leftAt }: Way, target: Target): Aim | undefined {
  switch (target.kind) {
    case "latest":
      if (leftAt === undefined) return undefined;
      return { name: "recovery_target_lsn", value: formatLsn(leftAt), isInclusive: false };
    case "lsn":
      return { name: "recovery_target_lsn", value: formatLsn(target.lsn), isInclusive: true };
    case "time": {
      const value = formatPrecise(target.time).replace("T", " ").replace("Z", "+00");
      return { name: "recovery_target_time", value, isInclusive: true };
    }
  }
}

/** The settings in the order in which PostgreSQL takes them: a target is only set once no other is. */
function settingsOf(way: Way, target: Target, walg: WalgCall): readonly (readonly [name: string, value: string])[] {
  const aim = aimOf(way, target);
  // What an earlier recovery left in the settings of the backup must not count.
  const others = ["", "_name", "_xid", "_time", "_lsn"].map((kind) => `recovery_target${kind}`)
    .filter((name) => name !== aim?.name);
  // PostgreSQL puts names in for %f and %p; any other % stands for itself if it is doubled.
  const walgForPostgres = walgCommand(walg).replaceAll("%", "%%");
  return [
    ["restore_command", `${walgForPostgres} wal-fetch "%f" "%p"`],
    ["recovery_target_timeline", String(way.timeline)],
    ...usesRecoveryConf(way) ? [] : [
      ["archive_cleanup_command", ""] as const,
      ["recovery_end_command", ""] as const,
      ["recovery_min_apply_delay", "0"] as const,
      ...others.map((name) => [name, ""] as const),
    ],
    ...aim === undefined ? [] : [
      [aim.name, aim.value] as const,
      ["recovery_target_inclusive", aim.isInclusive ? "on" : "off"] as const,
    ],
    // It reads ahead of where it stops, and ends with FATAL at an empty object there.
    ...aim?.isInclusive === false && way.backup.pgVersion >= 150_000 ? [["recovery_prefetch", "off"] as const] : [],
    // What 9.4 and earlier have instead.
    way.backup.pgVersion > 0 && way.backup.pgVersion < 90_500
      ? ["pause_at_recovery_target", "false"]
      : ["recovery_target_action", "promote"],
  ];
}

/** A value as PostgreSQL's configuration files have it. */
function confQuoted(value: string): string {
  const escaped = value.replaceAll("\\", "\\\\").replaceAll("'", "''").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return `'${escaped}'`;
}

/** Where packages put a cluster of a data folder: Debian's has its configuration elsewhere. */
export function debianCluster(dataDir: string): { readonly version: string; readonly name: string } | undefined {
  const [, version, name] = /^\/var\/lib\/postgresql\/([\d.]+)\/([\w-]+)\/?$/.exec(dataDir) ?? [];
  return version === undefined || name === undefined ? undefined : { version, name };
}

function startCommand({ backup: { dataDir, pgVersion } }: Way): string {
  const debian = debianCluster(dataDir);
  if (debian !== undefined) return `pg_ctlcluster ${debian.version} ${debian.name} start`;
  const pgCtl = dataDir.startsWith("/var/lib/pgsql/") && pgVersion > 0
    ? `/usr/pgsql-${majorVersion(pgVersion)}/bin/pg_ctl`
    : "pg_ctl";
  return `${pgCtl} -D "$PGDATA" -l "$PGDATA/restore.log" start`;
}

/** The places where packages put the programs of a version. */
export function programFolders({ backup: { pgVersion } }: Way): readonly string[] {
  if (pgVersion === 0) return [];
  const version = majorVersion(pgVersion);
  return [`/usr/lib/postgresql/${version}/bin`, `/usr/pgsql-${version}/bin`, `/opt/postgresql/${version}/bin`];
}
