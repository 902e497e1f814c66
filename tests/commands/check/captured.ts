import type { Clock } from "../../../src/base/clock.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { parseFlags } from "../../../src/cli/parse.ts";
import type { Host } from "../../../src/base/host.ts";
import { CAPTURES, exists, STANDIN_BIN, WITHOUT_LISTINGS } from "../../support/paths.ts";

/** What `check` said of a scenario. */
export interface Checked {
  readonly exitStatus: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs `check` against a scenario at the time of its capture. Commands that were not captured answer as in the same
 * version's two-timelines.
 */
export async function checkCaptured(scenario: string, args: readonly string[] = []): Promise<Checked> {
  const folder = await Deno.makeTempDir({ prefix: "walg-check-" });
  try {
    const wrapper = `${folder}/wal-g`;
    await Deno.writeTextFile(wrapper, wrapperScript(scenario), { mode: 0o755 });
    return await runCheckWith([`-walg.path=${wrapper}`, ...args], clockAt(await capturedTime(scenario)));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** When a scenario was captured, Unix milliseconds: the latest moment that WAL-G's log or its answers name. */
export async function capturedTime(scenario: string): Promise<number> {
  const folder = `${CAPTURES}/${scenario}`;
  const times: number[] = [];
  for (const { name } of Deno.readDirSync(folder)) {
    if (!/\.std(?:err|out)$/.test(name)) continue;
    const text = await Deno.readTextFile(`${folder}/${name}`);
    for (const [, year, month, day, clock] of text.matchAll(/(\d{4})[/-](\d\d)[/-](\d\d)[ T](\d\d:\d\d:\d\d)/g)) {
      times.push(Date.parse(`${year}-${month}-${day}T${clock}Z`));
    }
  }
  return Math.max(...times) + 1000;
}

/** Runs `check` with these flags; without the listings, unless they say so. */
export async function runCheckWith(args: readonly string[], clock: Clock): Promise<Checked> {
  const command = COMMANDS.find(({ name }) => name === "check");
  if (command === undefined) throw new Error("there is no command check");
  let stdout = "";
  let stderr = "";
  const host: Host = {
    ...hostAt(clock),
    stdout: (text) => stdout += text,
    stderr: (text) => stderr += text,
  };
  const exitStatus = await command.run({ ...parseFlags([...WITHOUT_LISTINGS, ...args], command.flags), host });
  return { exitStatus, stdout, stderr };
}

/** A host on that clock; what is written goes nowhere. */
export function hostAt(clock: Clock): Host {
  return {
    clock,
    build: { version: "0.0.0", revision: "test", denoVersion: "0.0.0", target: "test" },
    hostname: "db1",
    stdout: () => {},
    stderr: () => {},
    stderrIsTerminal: false,
    env: () => undefined,
    readText: () => Promise.reject(new Error("check reads no file")),
    stampOf: () => Promise.reject(new Error("check reads no file")),
    namesIn: () => Promise.reject(new Error("check reads no folder")),
    process: () => ({ cpuSeconds: 0, residentBytes: 0, startTime: 0 }),
  };
}

/** Time stands still, so that runs take 0 s; sleeping is real. */
export function clockAt(time: number): Clock {
  return { ...systemClock, now: () => time, monotonic: () => 0 };
}

/** A wal-g that answers as in a scenario; what was not captured there, as in two-timelines of its version. */
export function wrapperScript(scenario: string): string {
  const version = scenario.split("/")[0] ?? "";
  const files = {
    BACKUP_LIST: "backup-list",
    WAL_VERIFY: "wal-verify",
    ST_CHECK: "st-check",
    ST_LS: "st-ls-basebackups",
  };
  const others = Object.entries(files)
    .filter(([, file]) => !exists(`${CAPTURES}/${scenario}/${file}.exit`))
    .map(([suffix]) => `export WALG_STANDIN_SCENARIO_${suffix}='${CAPTURES}/${version}/two-timelines'\n`);
  return `#!/bin/sh\nexport WALG_STANDIN_SCENARIO='${CAPTURES}/${scenario}'\n${
    others.join("")
  }exec ${STANDIN_BIN}/wal-g "$@"\n`;
}
