import { createPace } from "../../src/base/clock.ts";
import { createPartRenderer } from "../../src/cluster/parts.ts";
import { parseFlags } from "../../src/cli/parse.ts";
import { EXPORTER_FLAGS, readConfig } from "../../src/commands/config.ts";
import { createProgress } from "../../src/commands/progress.ts";
import { runRound } from "../../src/commands/round.ts";
import { createExposition } from "../../src/metrics/exposition.ts";
import type { Level } from "../../src/status/status.ts";
import { createPages } from "../../src/web/page/pages.ts";
import { createRespond } from "../../src/web/response.ts";
import { clockAt, hostAt, runCheckWith } from "../commands/check/captured.ts";
import { parseExposition } from "../support/exposition_parser.ts";
import type { VerdictCase } from "./verdict_cases.ts";

/** What everybody says of a case. */
export interface Verdict {
  readonly name: string;
  readonly page: Level;
  readonly json: Level;
  /** What `check` said: its exit status, and the word of its first line. */
  readonly exitStatus: number;
  readonly word: string;
  /** The first line's text, without perfdata. */
  readonly line: string;
  /** The values of `walg_problem` that are not 0. */
  readonly values: ReadonlyMap<string, number>;
  /** How many codes there are series of. */
  readonly codes: number;
  readonly exposition: string;
}

/** Has everybody look at a case. */
export async function verdictOf({ name, walg, now, flags }: VerdictCase): Promise<Verdict> {
  const folder = await Deno.makeTempDir({ prefix: "walg-verdict-" });
  try {
    const path = `${folder}/wal-g`;
    if (walg !== undefined) await Deno.writeTextFile(path, walg, { mode: 0o755 });
    const args = [`-walg.path=${path}`, ...flags];
    const clock = clockAt(now);
    const host = hostAt(clock);
    const config = readConfig(parseFlags(args, EXPORTER_FLAGS).given);
    using progress = createProgress(host);
    const signal = new AbortController().signal;
    const state = await runRound({ config, host, progress, signal, endsEarly: true });
    const { view, parts } = await createPartRenderer({ config, build: host.build, pace: () => createPace(clock) })(
      state,
    );
    const exposition = createExposition({ clock, moreSeries: () => [] });
    exposition.show(parts);
    const text = new TextDecoder().decode(exposition.body("text", false));
    const pages = createPages({
      cluster: { config, shown: view },
      host,
      telemetryPath: "/metrics",
      respond: createRespond({}),
      onFault: (fault) => {
        throw fault;
      },
    });
    const get = async (at: "/" | "/api/v1/status"): Promise<string> =>
      await (await pages[at](new Request(`http://host${at}`), { loggedIn: true })).text();
    const { exitStatus, stdout } = await runCheckWith(args, clock);
    const [, word = "", line = ""] = /^WALG (\w+) - ([^|]*) \|/.exec(stdout) ?? [];
    const series = parseExposition(text).get("walg_problem")?.series ?? [];
    return {
      name,
      page: /<section class="verdict (\w+)"/.exec(await get("/"))?.[1] as Level,
      json: JSON.parse(await get("/api/v1/status")).summary.level,
      exitStatus,
      word,
      line,
      values: new Map(series.flatMap(({ labels, value }) => value > 0 ? [[labels["code"] ?? "", value]] : [])),
      codes: series.length,
      exposition: text,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
