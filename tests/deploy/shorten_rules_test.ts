import assert from "node:assert/strict";
import { shippedRules } from "./rules_file.ts";
import { shortenDuration, shortenExpression, shortenRules } from "./shorten_rules.ts";

Deno.test("durations become a hundredth, within 2 and 24 seconds, in their order", () => {
  const durations = ["2m", "5m", "10m", "15m", "20m", "30m", "1h", "1d", "7d"];
  assert.deepEqual(durations.map(shortenDuration), ["2s", "3s", "6s", "9s", "12s", "18s", "24s", "24s", "24s"]);
  assert.throws(() => shortenDuration("1h30m"), /1h30m/);
});

Deno.test("an expression keeps all but its durations", () => {
  assert.equal(
    shortenExpression('max_over_time(a{b="10m"}[7d:1h]) > 3600 or last_over_time(c[10m] offset 1d) < 5'),
    'max_over_time(a{b="10m"}[24s:4s]) > 3600 or last_over_time(c[6s] offset 24s) < 5',
  );
});

Deno.test("the shipped rules in fast motion have the same names, labels and texts, and no long duration", () => {
  const shipped = shippedRules().groups.flatMap(({ rules }) => rules);
  const short = shortenRules(shippedRules()).groups.flatMap(({ rules }) => rules);
  const rest = (
    { alert, record, labels, annotations }: (typeof shipped)[number],
  ) => [alert, record, labels, annotations];
  assert.deepEqual(short.map(rest), shipped.map(rest));
  for (const rule of short) {
    assert.doesNotMatch(`${rule.expr} ${rule.for}`.replaceAll(/"[^"]*"/g, ""), /\b\d+[mhd]\b/);
  }
});
