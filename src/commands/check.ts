import { judge } from "../check/judge.ts";
import { jsonReport, unknownJson } from "../check/json_report.ts";
import { OUTCOMES } from "../check/judgement.ts";
import { textReport, unknownReport } from "../check/text_report.ts";
import { type CheckOptions, readCheckOptions } from "../cli/check_flags.ts";
import type { Invocation } from "../cli/command.ts";
import { type Config, readConfig } from "../config.ts";
import type { Host } from "../host.ts";
import { createPace, drive } from "../pace.ts";
import { recoverInSlices } from "../recovery/mod.ts";
import { statusOf } from "../status/mod.ts";
import { listenForInterrupt } from "./interrupt.ts";
import { refusePositionals } from "./positionals.ts";
import { createProgress } from "./progress.ts";
import { runRound } from "./round.ts";

/** Runs every operation once and judges what they found; resolves to the exit status of a monitoring plugin. */
export async function runCheck({ given, positionals, host }: Invocation): Promise<number> {
  refusePositionals(positionals, "check");
  const { report, exitStatus } = await examine({ ...readCheckOptions(given), config: readConfig(given), host });
  host.stdout(report);
  return exitStatus;
}

interface Examined {
  readonly report: string;
  readonly exitStatus: number;
}

async function examine(
  { thresholds, format, config, host }: CheckOptions & { readonly config: Config; readonly host: Host },
): Promise<Examined> {
  const interrupt = listenForInterrupt();
  const progress = createProgress(host);
  try {
    const patience = config.operations["storage-check"].timeout;
    const state = await runRound({ config, host, progress, signal: interrupt.signal, patience });
    progress.close();
    if (interrupt.received !== undefined) return cannotTell(`ended by ${interrupt.received} before wal-g had answered`);
    const [list, wal] = [state["backup-list"].snapshot?.value, state["wal-verify"].snapshot?.value];
    const recovery = list && wal && await drive(recoverInSlices(list.backups, wal), createPace(host.clock));
    const now = host.clock.now();
    const status = statusOf({ state, recovery, config, build: host.build, sandbox: undefined, now });
    const judgement = judge(status, thresholds);
    const report = format === "json" ? jsonReport(judgement) : textReport(judgement);
    return { report, exitStatus: judgement.exitStatus };
  } catch (fault) {
    // Any other end would be exit status 1, which is WARNING to who runs checks.
    return cannotTell(`fault of walg-exporter itself: ${fault instanceof Error ? fault.stack : String(fault)}`);
  } finally {
    progress.close();
    interrupt.release();
  }

  function cannotTell(why: string): Examined {
    const report = format === "json" ? unknownJson(why) : unknownReport(why);
    return { report, exitStatus: OUTCOMES.unknown.exitStatus };
  }
}
