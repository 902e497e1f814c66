import { alertOf, PROBLEM_CODES, type ProblemCode, type ProblemKind, PROBLEMS } from "../../src/operations/problems.ts";

const RUNBOOKS = "https://github.com/walg-exporter/walg-exporter/blob/main/docs/alerts.md";
const DESCRIPTION = "The page of the exporter on {{ $labels.instance }} says what exactly, since when, and what to do.";
const RUNBOOK = `${RUNBOOKS}#{{ $labels.code }}`;
// An exporter of one cluster, whose target may have a label of that name, does not mind the parameter.
const PAGE = "http://{{ $labels.instance }}/{{ with $labels.cluster }}?cluster={{ . }}{{ end }}";
/** Which host, and which of its clusters where they have names. */
const WHERE = "{{ $labels.instance }}{{ with $labels.cluster }} {{ . }}{{ end }}";

/** One alert: it fires where `walg_problem` has this value for as long as the problem's `for:`. */
interface ProblemAlert {
  readonly code: ProblemCode;
  readonly severity: "warning" | "critical";
  /** The value of `walg_problem`. */
  readonly value: 1 | 2;
  readonly wait: string;
  readonly says: string;
}

/** An alert for each level that a problem can have; a warning goes on while it is critical. */
function problemAlerts(): readonly ProblemAlert[] {
  return PROBLEM_CODES.flatMap((code) => {
    const { levels, for: wait, says }: ProblemKind = PROBLEMS[code];
    if (wait === undefined) return [];
    return levels.map((level): ProblemAlert =>
      level === "warning"
        ? { code, severity: "warning", value: 1, wait, says }
        : { code, severity: "critical", value: 2, wait, says }
    );
  });
}

/** The shipped rules: what only Prometheus can judge, figures for fleets, and an alert for each problem. */
export function rulesFile(): string {
  const alerts = problemAlerts().map(({ code, severity, value, wait, says }, index) => {
    const [description, page, runbook] = index === 0
      ? [`&description "${DESCRIPTION}"`, `&page "${PAGE}"`, `&runbook "${RUNBOOK}"`]
      : ["*description", "*page", "*runbook"];
    const summary = `"${WHERE}: ${says}"`;
    return `      - { alert: ${alertOf(code)}, for: ${wait}, labels: { severity: ${severity} },
          expr: 'last_over_time(walg_problem{code="${code}"}[10m]) >= ${value}',
          annotations: { summary: ${summary}, description: ${description}, page_url: ${page}, runbook_url: ${runbook} } }
`;
  });
  return HEAD + alerts.join("");
}

/** promtool's tests: each alert is silent until its time has come, misses of a scrape and a restart included, and ends. */
export function problemTests(): string {
  return `# Generated from the list of problems by deploy/prometheus/rules.ts ('deno task rules').
rule_files: [../walg.rules.yml]
evaluation_interval: 1m

tests:
${problemAlerts().map(problemTest).join("\n")}`;
}

function problemTest({ code, severity, value, wait, says }: ProblemAlert): string {
  const minutes = wait.endsWith("h") ? 60 * parseInt(wait) : parseInt(wait);
  const series = (labels: string): string => `'walg_problem{job="walg",instance="db1:9351"${labels}}'`;
  // Found at minute 11; three scrapes are missed, or none is answered while the exporter is started again.
  const values = `'0x10 ${value} ${value} _x2 ${value}x${minutes + 5} 0x20'`;
  const fires = 11 + minutes;
  return `  - name: ${code} is ${severity}
    interval: 1m
    input_series:
      - { series: ${series(`,code="${code}"`)}, values: ${values} }
      - { series: 'walg_problem{job="walg",instance="db2:9351",code="${code}"}', values: '0x200' }
    alert_rule_test:
      - { eval_time: ${fires - 1}m, alertname: ${alertOf(code)} }
      - eval_time: ${fires}m
        alertname: ${alertOf(code)}
        exp_alerts:
${
    (value === 2 && levelsOf(code).includes("warning") ? ["warning", "critical"] : [severity]).map((severity) =>
      `          - exp_labels: { severity: ${severity}, job: walg, instance: 'db1:9351', code: ${code} }
            exp_annotations:
              summary: "db1:9351: ${says}"
              description: "${DESCRIPTION.replace("{{ $labels.instance }}", "db1:9351")}"
              page_url: "http://db1:9351/"
              runbook_url: "${RUNBOOKS}#${code}"
`
    ).join("")
  }      - { eval_time: ${fires + 30}m, alertname: ${alertOf(code)} }
`;
}

function levelsOf(code: ProblemCode): ProblemKind["levels"] {
  return PROBLEMS[code].levels;
}

const HEAD = `# Alerts and recording rules for walg-exporter. Needs Prometheus 2.26 or later.
# Generated from the exporter's list of problems by deploy/prometheus/rules.ts ('deno task rules'). Load it beside your own
# files (\`rule_files:\` in prometheus.yml) and leave it unedited, so that a newer version can replace it.
#
# The exporter judges, by its flags (-warn-… and -max-…); the rules wait. For limits that only some hosts of a fleet have in
# Prometheus, see walg.site.rules.example.yml. Name the scrape job so that it contains "walg": an exporter that has not
# answered for a day is known by that alone. \`last_over_time(…[10m])\` carries a value over missed scrapes and a restart.

groups:
  # Figures per job, for fleets: nothing here grows with the number of backups or hosts. Each named cluster counts as a host.
  - name: walg-fleet
    rules:
      # Those that do not answer too, for as long as WalgExporterDown knows them for exporters.
      - record: job:walg_exporters:count
        expr: count by (job) (group by (job, instance) (up{job=~".*wal-?g.*"} or last_over_time(walg_exporter_build_info[1d:1h]) and on (job, instance) up))
      - record: job:walg_exporters_up:sum
        expr: sum by (job) (max by (job, instance) (up{job=~".*wal-?g.*"} or up and on (job, instance) last_over_time(walg_exporter_build_info[1d:1h])))
      # How many hosts have each problem, warnings included.
      - record: job_code:walg_problems:count
        expr: count by (job, code) (walg_problem > 0)
      # The worst recovery window, in seconds. A host where nothing is restorable counts as 0.
      - record: job:walg_recovery_window_seconds:min
        expr: min by (job) (walg_recovery_window_seconds)
      # When the newest backup was finished on the host where that is longest ago; hosts without one are counted below.
      - record: job:walg_backup_last_finish_timestamp_seconds:min
        expr: min by (job) (max by (job, instance, cluster) (walg_backup_last_finish_timestamp_seconds))
      - record: job:walg_full_backup_last_finish_timestamp_seconds:min
        expr: min by (job) (walg_backup_last_finish_timestamp_seconds{backup_type="full"})
      - record: job:walg_instances_without_backup:count
        expr: sum by (job) (sum by (job, instance, cluster) (walg_backups) == bool 0)
      - record: job:walg_backups:sum
        expr: sum by (job) (walg_backups)
      - record: job:walg_backups_compressed_size_bytes:sum
        expr: sum by (job) (walg_backups_compressed_size_bytes)
      - record: job:walg_wal_at_risk_segments:max
        expr: max by (job) (walg_wal_at_risk_segments)
      - record: job:walg_wal_lost_segments:sum
        expr: sum by (job) (walg_wal_lost_segments)

  # What the exporter cannot say of itself.
  - name: walg-exporter-alerts
    rules:
      - alert: WalgExporterDown
        expr: up == 0 and on (job, instance) (up{job=~".*wal-?g.*"} or last_over_time(walg_exporter_build_info[1d:1h]))
        for: 5m
        labels: { severity: critical }
        annotations: { summary: "walg-exporter on {{ $labels.instance }} does not answer", description: "Nothing is known about its backups and its WAL archive.", runbook_url: "${RUNBOOKS}#walgexporterdown" }
      - alert: WalgExporterMissing
        expr: group by (job, instance) (last_over_time(walg_exporter_build_info[1d:1h])) unless on (job, instance) up
        for: 15m
        labels: { severity: warning }
        annotations: { summary: "walg-exporter on {{ $labels.instance }} is no longer among the targets", description: "It was scraped within the last day. If the host is gone for good, this ends by itself a day after its last scrape.", runbook_url: "${RUNBOOKS}#walgexportermissing" }
      - alert: WalgProblemsAbsent
        # An exporter that shows nothing of any cluster; then a cluster that counts its failed runs and says no more of them.
        expr: group by (job, instance) (last_over_time(walg_exporter_build_info[10m])) unless on (job, instance) (last_over_time(walg_problem[10m]) or last_over_time(walg_scrape_errors_total[10m])) or group by (job, instance, cluster) (last_over_time(walg_scrape_errors_total[10m]) and on (job, instance) last_over_time(walg_exporter_build_info[10m])) unless on (job, instance, cluster) last_over_time(walg_problem[10m])
        for: 1h
        labels: { severity: critical }
        annotations: { summary: "walg-exporter on ${WHERE} does not say what is wrong", description: "walg_problem is not among its series: an older version, a dropped series, runs that never end, or no cluster that is watched.", runbook_url: "${RUNBOOKS}#walgproblemsabsent" }
      - alert: WalgClustersRefused
        expr: last_over_time(walg_exporter_clusters_refused[10m]) > 0
        for: 15m
        labels: { severity: warning }
        annotations: { summary: "walg-exporter on {{ $labels.instance }} cannot use {{ $value }} of its clusters' config files", description: "Their clusters are not watched, or as the file was before. Its page names each file and what is wrong.", page_url: "http://{{ $labels.instance }}/", runbook_url: "${RUNBOOKS}#walgclustersrefused" }
      - alert: WalgRunsWaiting
        expr: min_over_time(walg_exporter_longest_wait_seconds[10m]) > 300
        for: 15m
        labels: { severity: warning }
        annotations: { summary: "Runs of wal-g on {{ $labels.instance }} wait for {{ $value | humanizeDuration }} for their turn", description: "There are more clusters than places (-walg.max-running), or some of them hang: what is known is older than the intervals say.", runbook_url: "${RUNBOOKS}#walgrunswaiting" }
      - alert: WalgFiguresStale
        expr: time() - max without (operation) (last_over_time(walg_scrape_last_success_timestamp_seconds[10m])) > 3 * 3600
        for: 15m
        labels: { severity: critical }
        annotations: { summary: "No operation on ${WHERE} has succeeded for {{ $value | humanizeDuration }}", description: "The exporter, or the job that writes the file of node_exporter, has stopped working; other alerts rest on figures of that age.", runbook_url: "${RUNBOOKS}#walgfiguresstale" }

  # One alert for each problem and level that the exporter knows; its page shows the same.
  - name: walg-problem-alerts
    rules:
`;

/** Writes walg.rules.yml and the tests of its alerts: the same bytes for the same list of problems. */
if (import.meta.main) {
  await Deno.writeTextFile(new URL("walg.rules.yml", import.meta.url), rulesFile());
  await Deno.writeTextFile(new URL("tests/problems.test.yml", import.meta.url), problemTests());
}
