/**
 * The rules as an object for the Prometheus operator: the same text, indented.
 *
 * @param rules the text of `walg.rules.yml`
 */
export function prometheusRule(rules: string): string {
  const body = rules.split("\n").map((line) => line === "" ? "" : `  ${line}`).join("\n");
  return "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: walg\nspec:\n" + body;
}
