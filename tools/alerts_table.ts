/** `deno run -A tools/alerts_table.ts`: writes the table of the alerts in docs/alerts.md anew, from the rules and the runbooks. */
import { load } from "js-yaml";
import { root } from "./compile/bundle.ts";

interface AlertRule {
  readonly alert?: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * The table of all alerts: severity, waiting time, and the first command of each one's runbook.
 *
 * @param rules the text of `walg.rules.yml`
 * @param page the text of `docs/alerts.md`
 * @throws Error when an alert has no runbook, or its runbook no command
 */
export function alertsTable(rules: string, page: string): string {
  const { groups } = load(rules) as { groups: readonly { rules: readonly AlertRule[] }[] };
  const rows = new Map<string, string>();
  for (const { alert, for: wait = "at once", labels } of groups.flatMap(({ rules }) => rules)) {
    if (alert === undefined || rows.has(alert)) continue;
    const [, runbook] = new RegExp(`^## ${alert}\n([\\s\\S]*?)(?=^#|^---|(?![\\s\\S]))`, "m").exec(page) ?? [];
    if (runbook === undefined) {
      throw new Error(`Cannot make the table of alerts: docs/alerts.md has no runbook ${alert}`);
    }
    rows.set(
      alert,
      `| [${alert}](#${alert.toLowerCase()}) | ${labels?.["severity"]} | ${wait} | ${firstStep(alert, runbook)} |`,
    );
  }
  return ["| alert | severity | after | first |", "| --- | --- | --- | --- |", ...rows.values()].join("\n");
}

/** The page with its table as it should be. */
export function withAlertsTable(rules: string, page: string): string {
  return page.replace(/^\| alert \| severity \|.*\n(?:\|.*\n)*/m, `${alertsTable(rules, page)}\n`);
}

/** The first command of a runbook, or the runbook that it sends to. */
function firstStep(alert: string, runbook: string): string {
  const [, block] = /^```sh\n(.*)$/m.exec(runbook) ?? [];
  const [, inline] = /\*\*Confirm\.\*\*[\s\S]*?`((?:wal-g|psql|select|\/)[^`]*)`/.exec(runbook) ?? [];
  const [, other] = /^\*\*Means\.\*\* As \[(\w+)\]/m.exec(runbook) ?? [];
  if (block !== undefined) return `\`${block.replace(/ +#.*$/, "").replaceAll("|", "\\|")}\``;
  if (inline !== undefined) return inline.startsWith("/") ? `\`${inline}\` of Prometheus` : `\`${inline}\``;
  if (other !== undefined) return `as for ${other}`;
  throw new Error(`Cannot make the table of alerts: the runbook ${alert} has no command`);
}

if (import.meta.main) {
  const path = `${root}/docs/alerts.md`;
  const rules = await Deno.readTextFile(`${root}/deploy/prometheus/walg.rules.yml`);
  await Deno.writeTextFile(path, withAlertsTable(rules, await Deno.readTextFile(path)));
}
