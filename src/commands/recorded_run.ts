import type { Collector } from "../collectors/collector.ts";
import { runOnce, type RunOnceOptions, type RunResult } from "../collectors/run_once.ts";
import { maskSecrets } from "../secrets.ts";

/** A run with what wal-g wrote to stderr, masked, also where it succeeded. */
export interface RecordedRun<T> {
  readonly result: RunResult<T>;
  readonly stderr: string;
}

/** Runs a collector once and keeps its stderr. */
export async function recordedRun<T>(options: RunOnceOptions<T>): Promise<RecordedRun<T>> {
  const texts: string[] = [];
  const collector: Collector<T> = {
    ...options.collector,
    collect: (context) =>
      options.collector.collect({
        ...context,
        runWalg: async (args) => {
          const end = await context.runWalg(args);
          texts.push(end.stderr);
          return end;
        },
      }),
  };
  const result = await runOnce({ ...options, collector });
  return { result, stderr: maskSecrets(texts.join("")) };
}
