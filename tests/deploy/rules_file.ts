import { load } from "js-yaml";
import { array, type InferOutput, looseObject, object, optional, parse as decode, record, string } from "valibot";
import { ROOT } from "../support/paths.ts";

const RULE = object({
  alert: optional(string()),
  record: optional(string()),
  expr: string(),
  for: optional(string()),
  labels: optional(record(string(), string())),
  annotations: optional(record(string(), string())),
});
const RULES = object({
  groups: array(object({ name: string(), interval: optional(string()), rules: array(RULE) })),
});
const ALERT_TEST = looseObject({
  alertname: string(),
  eval_time: string(),
  exp_alerts: optional(array(looseObject({}))),
});
const TESTS = looseObject({
  tests: array(looseObject({ name: string(), alert_rule_test: optional(array(ALERT_TEST)) })),
});

/** A rule file of Prometheus. */
export type RulesFile = InferOutput<typeof RULES>;
/** A rule of it. */
export type Rule = InferOutput<typeof RULE>;

/** The folder of the shipped rules. */
export const PROMETHEUS_FOLDER = `${ROOT}/deploy/prometheus`;

/** Reads a rule file; it throws for keys that Prometheus' format does not have. */
export function readRules(path: string): RulesFile {
  return decode(RULES, load(Deno.readTextFileSync(path)));
}

/** The shipped rules. */
export function shippedRules(): RulesFile {
  return readRules(`${PROMETHEUS_FOLDER}/walg.rules.yml`);
}

/** The shipped alerts by their names. */
export function shippedAlerts(): Map<string, Rule> {
  const rules = shippedRules().groups.flatMap((group) => group.rules);
  return new Map(rules.flatMap((rule): [string, Rule][] => rule.alert === undefined ? [] : [[rule.alert, rule]]));
}

/** The rule tests for promtool. */
export function ruleTestFiles(): string[] {
  const folder = `${PROMETHEUS_FOLDER}/tests`;
  return [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`).filter((name) => name.endsWith(".yml"))
    .toSorted();
}

/** The moments at which a test asks for an alert, with whether it expects it, in each of the tests. */
export function askedMoments(alert: string): { at: string; fires: boolean }[][] {
  const tests = ruleTestFiles().flatMap((path) => decode(TESTS, load(Deno.readTextFileSync(path))).tests);
  return tests.map(({ alert_rule_test = [] }) =>
    alert_rule_test.filter(({ alertname }) => alertname === alert)
      .map(({ eval_time, exp_alerts = [] }) => ({ at: eval_time, fires: exp_alerts.length > 0 }))
  ).filter((moments) => moments.length > 0);
}
