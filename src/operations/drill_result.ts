import { basename } from "node:path";
import * as v from "valibot";
import { gauge, type Sample } from "../base/family.ts";
import { maskSecrets } from "../base/secrets.ts";
import { formatAgeElsewhere, formatMinute, formatSecond, formatSeconds, isFuture, oneLine } from "../base/text.ts";
import { isKnown, unixSeconds } from "../base/time.ts";
import { type ErrorType, WalgError } from "../walg/failure.ts";
import { decode, DecodeError, time } from "../walg/json.ts";
import { maskStderr } from "../walg/stderr.ts";
import { type Operation, USUAL } from "./operation.ts";

/** Where `walg-restore-drill` puts its results, one file per cluster. */
export const DRILL_FOLDER = "/var/lib/walg-exporter/drill";

/** A result is some 2 KiB long; its texts are cut off by the drill. */
const LARGEST = 64 * 1024;

/** Seconds or bytes: not Infinity, which JSON's 1e999 is read as. */
const amount = v.pipe(v.number(), v.minValue(0), v.maxValue(2 ** 53));
const when = v.pipe(time, v.check(isKnown, "expected a time"));
const words = v.pipe(v.nullable(v.string()), v.transform((text) => text ?? ""));
const known = <S extends v.GenericSchema>(schema: S) => v.optional(v.nullable(schema), null);

const schema = v.pipe(
  v.object({
    format: v.literal(1),
    // Of a cluster without a name it is "default", as the file's name is.
    cluster: v.optional(v.string(), "default"),
    outcome: v.picklist(["passed", "failed", "could_not_run"]),
    phase: v.nullable(v.picklist(["plan", "space", "fetch", "start", "recovery", "checks"])),
    reason: words,
    last_words: words,
    start_time: when,
    end_time: when,
    phase_seconds: v.record(v.string(), amount),
    backup: words,
    recovered_lsn: words,
    recovered_until: known(time),
    restored_bytes: known(amount),
    checks: v.array(v.string()),
    last_success: v.nullable(v.object({
      end_time: when,
      recovery_seconds: amount,
      restored_bytes: amount,
      recovered_until: known(time),
    })),
  }),
  v.check(
    ({ outcome, phase, end_time, last_success }) =>
      outcome === "passed" ? phase === null && last_success?.end_time === end_time : phase !== null,
    "expected a phase in which it ended, or its own success",
  ),
  v.transform((result) => ({
    ...result,
    reason: maskSecrets(oneLine(result.reason)),
    last_words: maskStderr(result.last_words),
  })),
);

/** What a restore drill found: the file that `walg-restore-drill` wrote, its texts masked; times are Unix milliseconds. */
export type DrillResult = Omit<v.InferOutput<typeof schema>, "cluster">;

/** The result of the last drill; without one where there was none yet. */
export interface DrillAnswer {
  readonly result: DrillResult | undefined;
}

/** Reads what the last restore drill found: it runs nothing. */
export const drillResult: Operation<DrillAnswer> = {
  ...USUAL,
  name: "drill-result",
  description: "what the last restore drill found",
  command: "walg-restore-drill",
  defaults: { interval: "5m", timeout: "10s" },
  needs: [],
  runsWalg: false,
  backsOff: false,
  readyAfterFirstRun: false,
  recoveryRestsOnIt: false,
  // A result that cannot be read any more must not pass for one.
  keepsAnswer: false,
  expires: false,
  fallbackError: "invalid_output",
  errorTypes: ["timeout", "invalid_output", "output_too_large"],
  problem: {
    code: "drill_result_broken",
    level: "warning",
    says: () => "The result of the last restore drill cannot be used",
    unknown: "",
    fix: "Let the exporter's user read the file, or remove it: the next drill writes it anew.",
  },
  check: { fine: ({ result }) => describe(result) },
  doctor: { step: "restore drill", fine: ({ result }) => describe(result) },

  tile({ outcome, value }, now) {
    const name = "Last restore drill";
    if (outcome === "failed") return { name, value: "not known", more: "its result cannot be used", level: "warning" };
    if (value === undefined) return undefined;
    const { result } = value;
    if (result === undefined) return { name, value: "none yet", more: "no drill yet: a restore was never tried" };
    const age = formatAgeElsewhere(result.end_time, now);
    const success = result.last_success === null
      ? "none has passed yet"
      : `passed ${formatAgeElsewhere(result.last_success.end_time, now)}`;
    switch (result.outcome) {
      case "passed":
        return { name, value: age, more: measured(result) };
      case "failed":
        return { name, value: "failed", more: `${age}, phase ${result.phase}; ${success}`, level: "critical" };
      case "could_not_run":
        return { name, value: "not run", more: `${age}, phase ${result.phase}; ${success}`, level: "warning" };
    }
  },

  async collect({ drillFile, failure: { timeout }, now }) {
    const result = await readResult(drillFile, timeout);
    if (result?.outcome !== "passed" || !isFuture(result.end_time, now())) return { result };
    // It would stay the newest one for as long.
    const message = `${drillFile}: it ended at ${formatSecond(result.end_time)}, which is in the future`;
    throw new WalgError({ type: "invalid_output", message });
  },

  families({ result }) {
    if (result === undefined) return [];
    const { outcome, last_success: success } = result;
    const each = (name: string, help: string, value: number | undefined) =>
      gauge(name, help, value === undefined ? [] : [{ value }] satisfies Sample[]);
    return [
      each(
        "walg_restore_drill_success",
        "Whether the last restore drill passed (1), or failed or could not be run (0).",
        Number(outcome === "passed"),
      ),
      each(
        "walg_restore_drill_last_success_timestamp_seconds",
        "When the last restore drill that passed ended (Unix timestamp).",
        success ? unixSeconds(success.end_time) : undefined,
      ),
      each(
        "walg_restore_drill_duration_seconds",
        "Time that the last restore drill that passed took from its plan to the end of recovery: the RTO.",
        success?.recovery_seconds,
      ),
      each(
        "walg_restore_drill_restored_bytes",
        "Size of the data folder that the last restore drill that passed fetched.",
        success?.restored_bytes,
      ),
      each(
        "walg_restore_drill_recovered_until_timestamp_seconds",
        "Time of the last transaction that the last restore drill that passed recovered (Unix timestamp).",
        success?.recovered_until ? unixSeconds(success.recovered_until) : undefined,
      ),
    ].filter(({ samples }) => [...samples].length > 0);
  },
};

/** What a drill that passed measured: `14 min, up to 2026-11-20 13:55:12 UTC`. */
function measured({ last_success: success }: DrillResult): string {
  if (success === null) return "";
  const { recovery_seconds, recovered_until } = success;
  const until = recovered_until === null ? "" : `, up to ${formatSecond(recovered_until)}`;
  return `${formatSeconds(recovery_seconds)}${until}`;
}

/** A result in a line. */
function describe(result: DrillResult | undefined): string {
  if (result === undefined) return "No drill yet";
  const { outcome, end_time, phase, reason } = result;
  const when = formatMinute(end_time);
  if (outcome === "passed") return `Passed on ${when}: ${measured(result)}`;
  return `${outcome === "failed" ? "Failed" : "Could not be run"} on ${when}, phase ${phase}: ${reason}`;
}

/**
 * Reads a result file.
 *
 * @returns undefined where there is no such file
 * @throws WalgError when it cannot be read, is not what a drill writes, or is of another cluster than its name says
 */
async function readResult(path: string, timeout: number): Promise<DrillResult | undefined> {
  const broken = (type: ErrorType, why: string): WalgError => new WalgError({ type, message: `${path}: ${why}` });
  let bytes: Uint8Array;
  try {
    const { isFile, size } = await Deno.stat(path);
    // Opening a pipe would wait for its writer.
    if (!isFile) throw broken("invalid_output", "it is not a regular file");
    if (size > LARGEST) throw broken("output_too_large", `it is larger than ${LARGEST / 1024} KiB`);
    bytes = await Deno.readFile(path, { signal: AbortSignal.timeout(timeout) });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof WalgError) throw error;
    const { name = "", message = String(error) } = error instanceof Error ? error : {};
    if (name === "TimeoutError") throw broken("timeout", `it could not be read within ${timeout / 1000} s`);
    throw broken(
      "invalid_output",
      name === "NotCapable" ? `the sandbox reads results in ${DRILL_FOLDER} only` : oneLine(message),
    );
  }
  try {
    const { cluster, ...result } = decode(schema, JSON.parse(new TextDecoder().decode(bytes)), "");
    const own = basename(path, ".json");
    // An exporter of one cluster without a name takes the result of whichever it is.
    if (own === "default" || cluster === own) return result;
    throw broken("invalid_output", `it is of the cluster '${maskSecrets(oneLine(cluster))}', not of '${own}'`);
  } catch (error) {
    if (error instanceof WalgError) throw error;
    if (error instanceof DecodeError) throw broken("invalid_output", error.message);
    if (error instanceof SyntaxError) throw broken("invalid_output", "it is not JSON");
    throw error;
  }
}
