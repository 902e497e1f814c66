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
 * @throws Error when an alert has no runbook, or its runbook does not begin with a command
 */
export function alertsTable(rules: string, page: string): string {
  const { groups } = load(rules) as { groups: readonly { rules: readonly AlertRule[] }[] };
  const alerts = Map.groupBy(groups.flatMap(({ rules }) => rules), ({ alert }) => alert);
  const rows = [...alerts].flatMap(([alert, [rule, ...others]]) => {
    if (alert === undefined || rule === undefined) return [];
    const severity = [rule, ...others].map(({ labels }) => labels?.["severity"]).join(", ");
    const { heading, command } = runbookOf(page, alert);
    return [
      `| [${alert}](#${heading.toLowerCase()}) | ${severity} | ${rule.for} | \`${command.replaceAll("|", "\\|")}\` |`,
    ];
  });
  return ["| alert | severity | after | first |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** The page with its table as it should be. */
export function withAlertsTable(rules: string, page: string): string {
  return page.replace(/^\| alert \| severity \|.*\n(?:\|.*\n)*/m, () => `${alertsTable(rules, page)}\n`);
}

/** The heading of an alert's runbook, its own name or the code of its problem, and the runbook's first command. */
function runbookOf(page: string, alert: string): { readonly heading: string; readonly command: string } {
  const found = new RegExp(`^## (${alert}|\\w+(?=\n\nAlert \`${alert}\`))\n\n(?:Alert .*\n\n)?\`\`\`sh\n(.*)\n`, "m")
    .exec(page);
  const [, heading, command = ""] = found ?? [];
  if (heading === undefined) {
    throw new Error(
      `Cannot make the table of alerts: docs/alerts.md has no runbook for ${alert}, or it does not begin with a command`,
    );
  }
  return { heading, command: command.replace(/ +#.*$/, "") };
}

if (import.meta.main) {
  const path = `${root}/docs/alerts.md`;
  const rules = await Deno.readTextFile(`${root}/deploy/prometheus/walg.rules.yml`);
  await Deno.writeTextFile(path, withAlertsTable(rules, await Deno.readTextFile(path)));
}
