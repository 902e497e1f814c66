import { oneLine, singleQuoted } from "../base/text.ts";
import { formatLsn } from "../walg/segment.ts";
import type { Plan, Point } from "./plan.ts";
import {
  aimOf,
  clearCommand,
  configureCommand,
  debianCluster,
  fetchCommand,
  programFolders,
  usesRecoveryConf,
  type WalgCall,
} from "./plan_steps.ts";
import type { Way } from "./plan_way.ts";
import { formatPrecise, sayTime } from "./target.ts";

/** A plan as a script of a POSIX shell. Each variable stands in single quotes, whatever it holds. */
export function planScript(plan: Plan, walg: WalgCall, systemIdentifier: bigint | undefined): string {
  const { possible, reason, way } = plan;
  return [
    "#!/bin/sh",
    "# A plan of walg-exporter. Run it as the user that runs PostgreSQL, with wal-g's environment and PGDATA set to an",
    "# empty folder. With PLAN_DEFINE_ONLY=1 it runs nothing: it sets variables and defines functions.",
    ...plan.warnings.map((warning) => `# Note: ${oneLine(warning)}`),
    ...variablesOf(plan, walg, systemIdentifier).map(([name, value]) => `PLAN_${name}=${singleQuoted(value)}`),
    "",
    ...possible === true && way !== undefined
      ? functionsOf(plan, way, walg)
      : refusal([reason, ...nearest(plan)], possible === false ? 2 : 3),
    "",
  ].join("\n");
}

function variablesOf(
  { possible, reason, request: { target }, way }: Plan,
  { walgPath, walgConfigPath }: WalgCall,
  systemIdentifier: bigint | undefined,
): readonly (readonly [string, string])[] {
  const text = (value: string | number | bigint | undefined): string => value === undefined ? "" : String(value);
  const until = way?.reach.moment;
  return [
    ["POSSIBLE", possible === undefined ? "unknown" : possible ? "yes" : "no"],
    ["REASON", reason],
    ["TARGET_TIME", target.kind === "time" ? formatPrecise(target.time) : ""],
    ["TARGET_LSN", target.kind === "lsn" ? formatLsn(target.lsn) : ""],
    ["BACKUP", text(way?.backup.name)],
    ["PG_VERSION", text(way?.backup.pgVersion)],
    ["TIMELINE", text(way?.timeline)],
    ["BACKUP_BYTES", text(way?.backupBytes)],
    ["WAL_SEGMENTS", text(way?.segments)],
    ["WAL_BYTES", text(way?.walBytes)],
    ["UNTIL_TIME", until === undefined ? "" : sayTime(until)],
    ["SYSTEM_IDENTIFIER", text(way?.backup.systemIdentifier ?? systemIdentifier)],
    ["CONFIG", walgConfigPath ?? ""],
    ["WALG", walgPath],
  ];
}

/** What people are told of the nearest points. */
export function nearest({ before, after }: Plan): readonly string[] {
  return [
    ...before === undefined ? [] : [`Nearest before: ${sayPoint(before)}`],
    ...after === undefined ? [] : [`Nearest after: ${sayPoint(after)}`],
  ];
}

function sayPoint({ time, lsn }: Point): string {
  const where = lsn === undefined ? "" : `LSN ${formatLsn(lsn)}`;
  return time === undefined ? where : where === "" ? sayTime(time) : `${sayTime(time)} (${where})`;
}

function refusal(lines: readonly string[], status: 2 | 3): readonly string[] {
  const parts = ["clear", "fetch", "configure", "start"];
  return [
    "plan_refuse() {",
    `  printf '%s\\n' ${lines.map(singleQuoted).join(" ")} >&2`,
    `  return ${status}`,
    "}",
    ...parts.map((part) => `plan_${part}() { plan_refuse; }`),
    "",
    `[ "\${PLAN_DEFINE_ONLY:-}" ] || { plan_refuse || exit ${status}; }`,
  ];
}

function functionsOf({ request: { target }, warnings }: Plan, way: Way, walg: WalgCall): readonly string[] {
  // PostgreSQL before 13 ends recovery there without a word.
  const missed = way.backup.pgVersion >= 130_000 ? aimOf(way, target) : undefined;
  const debian = debianCluster(way.backup.dataDir);
  const config = debian && `/etc/postgresql/${debian.version}/${debian.name}/postgresql.conf`;
  return [
    "plan_check() {",
    '  if [ -z "${PGDATA:-}" ]; then',
    `    printf '%s\\n' "set PGDATA to the empty folder to restore into" >&2`,
    "    return 1",
    "  fi",
    '  if [ -e "$PGDATA" ] && { [ ! -d "$PGDATA" ] || [ -n "$(ls -A -- "$PGDATA")" ]; }; then',
    `    printf '%s\\n' "$PGDATA is not an empty folder: choose another, or move what is in it away" >&2`,
    "    return 1",
    "  fi",
    "}",
    "",
    "# Refuses to restore beside a data folder with tablespaces: theirs would be written over.",
    "plan_tablespaces() {",
    `  for plan_link in ${singleQuoted(way.backup.dataDir)}/pg_tblspc/*; do`,
    '    if [ -L "$plan_link" ] && [ "${PLAN_TABLESPACES:-}" != overwrite ]; then',
    `      printf '%s\\n' "$plan_link leads to a tablespace, which a restore would write over: restore on another host," \\`,
    `        "or move its folder away, too, and set PLAN_TABLESPACES=overwrite" >&2`,
    "      return 1",
    "    fi",
    "  done",
    "}",
    "",
    "# Removes what PostgreSQL would trip over.",
    "plan_clear() {",
    `  ${way.inTheWay === undefined ? ":" : clearCommand(way.inTheWay, walg)}`,
    "}",
    "",
    "plan_fetch() {",
    "  plan_check || return 1",
    indented(fetchCommand(way, walg)),
    "}",
    "",
    "plan_configure() {",
    '  : "${PGDATA:?}"',
    // The document in it must stand at the beginning of its lines.
    configureCommand(way, target, walg),
    "}",
    "",
    "# The folder of pg_ctl.",
    "plan_programs() {",
    "  plan_found=$(command -v pg_ctl || :)",
    `  for plan_folder in "\${PGBIN:-}" ${programFolders(way).join(" ")} "\${plan_found%/*}"; do`,
    '    if [ -x "$plan_folder/pg_ctl" ]; then',
    `      printf '%s\\n' "$plan_folder"`,
    "      return 0",
    "    fi",
    "  done",
    `  printf '%s\\n' "pg_ctl of PostgreSQL $PLAN_PG_VERSION was not found: set PGBIN to its folder" >&2`,
    "  return 1",
    "}",
    "",
    "plan_quoted() {",
    `  printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\\\\\''/g")"`,
    "}",
    "",
    "# Starts PostgreSQL and waits until recovery is over. Its log is $PGDATA/restore.log.",
    "plan_start() {",
    '  : "${PGDATA:?}"',
    "  plan_bin=$(plan_programs) || return 1",
    '  plan_options="-c logging_collector=off -c log_destination=stderr -c lc_messages=C"',
    '  if [ ! -e "$PGDATA/postgresql.conf" ]; then',
    "    # Debian keeps the configuration elsewhere.",
    `    plan_config=\${PGCONFIG:-${config ?? ""}}`,
    '    if [ ! -e "$plan_config" ]; then',
    `      printf '%s\\n' "$PGDATA has no postgresql.conf: set PGCONFIG to the one to use" >&2`,
    "      return 1",
    "    fi",
    '    plan_options="$plan_options -c config_file=$(plan_quoted "$plan_config")"',
    '    plan_options="$plan_options -c data_directory=$(plan_quoted "$PGDATA")"',
    "  fi",
    ...missed === undefined ? [] : ["  plan_again=yes"],
    "  while :; do",
    '    : > "$PGDATA/restore.log"',
    '    "$plan_bin/pg_ctl" -D "$PGDATA" -l "$PGDATA/restore.log" -o "$plan_options" -w start > /dev/null || :',
    '    while "$plan_bin/pg_ctl" -D "$PGDATA" status > /dev/null 2>&1; do',
    `      if [ ! -e "$PGDATA/recovery.${usesRecoveryConf(way) ? "conf" : "signal"}" ] &&`,
    `        LC_ALL=C "$plan_bin/pg_controldata" "$PGDATA" | grep -q 'state: *in production'; then`,
    `        printf '%s\\n' "recovered: PostgreSQL runs in $PGDATA"`,
    "        return 0",
    "      fi",
    "      sleep 1",
    "    done",
    ...missed === undefined ? [] : [
      `    if [ "$plan_again" ] && grep -q '${MISSED}' "$PGDATA/restore.log"; then`,
      `      printf '%s\\n' "nothing in the archive was committed after the target: recovering to the archive's end"`,
      `      printf '%s\\n' "${missed.name} = ''" >> "$PGDATA/postgresql.auto.conf"`,
      "      plan_again=",
      "      continue",
      "    fi",
    ],
    `    printf '%s\\n' "PostgreSQL ended before recovery was over; $PGDATA/restore.log ends with:" >&2`,
    '    tail -n 20 "$PGDATA/restore.log" >&2',
    "    return 1",
    "  done",
    "}",
    "",
    `[ "\${PLAN_DEFINE_ONLY:-}" ] || printf 'Note: %s\\n' ${
      warnings.map((note) => singleQuoted(oneLine(note))).join(" ")
    } >&2`,
    '[ "${PLAN_DEFINE_ONLY:-}" ] || { plan_check && plan_tablespaces; } || exit 1',
    '[ "${PLAN_DEFINE_ONLY:-}" ] || { plan_clear && plan_fetch && plan_configure && plan_start; } || exit 1',
  ];
}

/** What PostgreSQL from 13 on ends with. */
const MISSED = "recovery ended before configured recovery target was reached";

function indented(lines: string): string {
  return lines.split("\n").map((line) => `  ${line}`).join("\n");
}
