import { parseSample } from "../../tests/support/exposition_parser.ts";

/** What Prometheus says of itself at one moment. */
export interface Moment {
  readonly series: number;
  readonly samples: number;
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
  /** The last evaluation of each rule group, in seconds. */
  readonly ruleSeconds: Readonly<Record<string, number>>;
  /** Evaluations that failed or were skipped since the start. */
  readonly troubles: number;
}

/** What a fleet cost over a time. */
export interface Cost {
  readonly hosts: number;
  readonly series: number;
  readonly samplesPerSecond: number;
  /** Of one core. */
  readonly cpu: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
  /** All groups once, in seconds: the quickest and the slowest round. Other load on the machine shows in the latter. */
  readonly ruleSeconds: readonly [quickest: number, slowest: number];
  readonly slowestGroup: { readonly name: string; readonly seconds: number };
  readonly troubles: number;
}

/** Reads Prometheus' own metrics. */
export async function readMoment(url: string): Promise<Moment> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const samples = text.split("\n").flatMap((line) => parseSample(line) ?? []);
  const sum = (name: string): number =>
    samples.filter((sample) => sample.name === name).reduce((total, { value }) => total + value, 0);
  const groups = samples.filter(({ name }) => name === "prometheus_rule_group_last_duration_seconds");
  return {
    series: sum("prometheus_tsdb_head_series"),
    samples: sum("prometheus_tsdb_head_samples_appended_total"),
    cpuSeconds: sum("process_cpu_seconds_total"),
    residentBytes: sum("process_resident_memory_bytes"),
    heapBytes: sum("go_memstats_heap_inuse_bytes"),
    ruleSeconds: Object.fromEntries(
      groups.map(({ labels, value }) => [(labels["rule_group"] ?? "").replace(/^.*;/, ""), value]),
    ),
    troubles: sum("prometheus_rule_evaluation_failures_total") + sum("prometheus_rule_group_iterations_missed_total"),
  };
}

/** The cost between the first and the last of the moments, which are `seconds` apart. */
export function costOf(hosts: number, moments: readonly Moment[], seconds: number): Cost {
  const [first] = moments;
  const last = moments.at(-1);
  if (first === undefined || last === undefined) throw new Error("no moment was measured");
  const mean = (value: (moment: Moment) => number): number =>
    moments.reduce((sum, moment) => sum + value(moment), 0) / moments.length;
  const groups = Object.keys(last.ruleSeconds).map((name) => ({
    name,
    seconds: Math.max(...moments.map(({ ruleSeconds }) => ruleSeconds[name] ?? 0)),
  }));
  const rounds = moments.map(({ ruleSeconds }) => Object.values(ruleSeconds).reduce((sum, one) => sum + one, 0));
  return {
    hosts,
    series: last.series,
    samplesPerSecond: (last.samples - first.samples) / seconds,
    cpu: (last.cpuSeconds - first.cpuSeconds) / seconds,
    residentBytes: Math.max(...moments.map(({ residentBytes }) => residentBytes)),
    heapBytes: mean(({ heapBytes }) => heapBytes),
    ruleSeconds: [Math.min(...rounds), Math.max(...rounds)],
    slowestGroup: groups.reduce((slowest, group) => group.seconds > slowest.seconds ? group : slowest, {
      name: "",
      seconds: 0,
    }),
    troubles: last.troubles,
  };
}
