const DAY = 86_400;
const STEP = 60;
/** Prometheus' own blocks span two hours. */
const BLOCK = 7200;

/** The series that a rule looks at over days, with what they were `age` seconds ago on a healthy host. */
const WATCHED_FOR_DAYS: Readonly<Record<string, (age: number) => number>> = {
  walg_recovery_window_seconds: (age) => 30 * DAY - age,
  walg_exporter_build_info: () => 1,
};

/** The past that a fleet is given. */
export interface History {
  readonly hosts: number;
  readonly days: number;
  /** Unix seconds. */
  readonly now: number;
}

/** Fills Prometheus' data folder with the past of the hosts, a sample a minute, as the rules need it. */
export async function writeHistory(dataFolder: string, { hosts, days, now }: History): Promise<void> {
  const until = Math.floor(now / BLOCK) * BLOCK;
  // One block at a time: promtool reads its input anew for each block in it.
  for (let from = until - days * DAY; from < until; from += BLOCK) {
    const file = `${dataFolder}.openmetrics`;
    await Deno.writeTextFile(file, openMetrics(hosts, { from, to: from + BLOCK, now }));
    const { success, stderr } = await new Deno.Command("promtool", {
      args: ["tsdb", "create-blocks-from", "openmetrics", "--quiet", file, dataFolder],
      stdout: "null",
      stderr: "piped",
    }).output();
    await Deno.remove(file);
    if (!success) throw new Error(`promtool tsdb create-blocks-from: ${new TextDecoder().decode(stderr)}`);
  }
}

/** The samples from one moment to before another, in the format that promtool reads. */
export function openMetrics(hosts: number, { from, to, now }: { from: number; to: number; now: number }): string {
  let text = "";
  for (const [name, valueAt] of Object.entries(WATCHED_FOR_DAYS)) {
    text += `# TYPE ${name} gauge\n`;
    for (let host = 0; host < hosts; host++) {
      for (let time = from; time < to; time += STEP) {
        text += `${name}{job="walg",instance="host-${host}"} ${valueAt(now - time)} ${time}\n`;
      }
    }
  }
  return `${text}# EOF\n`;
}
