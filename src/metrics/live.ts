import type { Clock } from "../base/clock.ts";
import type { LiveSeries } from "../base/family.ts";
import type { ProcessFigures } from "../base/host.ts";
import type { Format } from "./fragment.ts";

/** How long a sample of the process serves, milliseconds: asking the system costs more than all else of a short scrape. */
const SAMPLE_TIME_MS = 100;

/** The series of the process itself, whose figures are asked for at most ten times a second. */
export function processSeries(sample: () => ProcessFigures, { monotonic }: Clock): () => readonly LiveSeries[] {
  let last: readonly LiveSeries[] = [];
  let taken = -Infinity;
  return () => {
    const now = monotonic();
    if (now - taken < SAMPLE_TIME_MS) return last;
    taken = now;
    return last = seriesOf(sample());
  };
}

function seriesOf({ cpuSeconds, residentBytes, startTime }: ProcessFigures): readonly LiveSeries[] {
  return [
    {
      name: "process_cpu_seconds_total",
      help: "Total user and system CPU time spent in seconds.",
      type: "counter",
      value: cpuSeconds,
    },
    {
      name: "process_resident_memory_bytes",
      help: "Resident memory size in bytes.",
      type: "gauge",
      value: residentBytes,
    },
    {
      name: "process_start_time_seconds",
      help: "Start time of the process since unix epoch in seconds.",
      type: "gauge",
      value: startTime,
    },
  ];
}

/** The end of an exposition: series made per scrape, and OpenMetrics' end mark. */
export function renderLive(series: readonly LiveSeries[], format: Format): string {
  let text = "";
  for (const { name, help, type, value } of series) {
    const family = format === "openmetrics" && type === "counter" ? name.slice(0, -"_total".length) : name;
    text += `# HELP ${family} ${help}\n# TYPE ${family} ${type}\n${name} ${value}\n`;
  }
  return format === "openmetrics" ? text + "# EOF\n" : text;
}
