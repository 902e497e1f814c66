import assert from "node:assert/strict";
import { runCli } from "../commands/run_cli.ts";
import { exporterCommand, startExporter, until } from "../support/exporter.ts";
import { parseExposition } from "../support/exposition_parser.ts";
import { ROOT, STANDIN_BIN } from "../support/paths.ts";

/** An operation as its author would write it: nothing else knows of it. */
const TRIAL = `import { textOf } from "../base/bytes.ts";
import { gauge } from "../base/family.ts";
import { stdoutOf, unusable } from "../walg/failure.ts";
import { COMMON_ERROR_TYPES, type Operation } from "./operation.ts";

export const trial: Operation<number> = {
  name: "trial",
  description: "what the trial says",
  command: "wal-g trial",
  defaults: { interval: "7m", timeout: "90s" },
  canBeOff: true,
  needs: ["storage-check"],
  waitsFor: [],
  runsWalg: true,
  asksPostgres: false,
  countsAsScrapeError: false,
  backsOff: false,
  readyAfterFirstRun: true,
  recoveryRestsOnIt: false,
  keepsAnswer: true,
  expires: true,
  fallbackError: "command_failed",
  errorTypes: [...COMMON_ERROR_TYPES, "invalid_output", "command_failed"],
  problem: { code: "trial_failed", level: "warning", says: () => "The trial gives no answer", unknown: "" },
  check: { fine: (answer) => \`The trial said \${answer}\` },
  doctor: { step: "trial step", fine: (answer) => \`it said \${answer}\` },
  tile: ({ value }) => ({ name: "Trial tile", value: value === undefined ? "not known" : String(value), more: "points" }),
  async collect({ runWalg, failure }) {
    const end = await runWalg(["trial"]);
    const answer = Number(textOf(stdoutOf(end, failure)));
    if (Number.isNaN(answer)) throw unusable("invalid_output", "the trial gave no number", end);
    return answer;
  },
  families: (answer) => [gauge("walg_trial_answer", "What the trial said.", [{ value: answer }])],
  live: () => undefined,
  runFamilies: ({ success }) => [gauge("walg_trial_up", "Whether the trial answered.", [{ value: success ? 1 : 0 }])],
};
`;

/** Answers the trial once the file \`answer\` is there, with what it holds; all else as the stand-in. */
const WALG = `#!/bin/sh
if [ "$1" = trial ]; then
  if [ -n "\${TRIAL_FAILS-}" ]; then
    echo 'ERROR: 2026/11/23 03:39:14.240318 the trial is over' >&2
    exit 1
  fi
  here=$(dirname "$0")
  until [ -e "$here/answer" ]; do sleep 0.05; done
  exec cat "$here/answer"
fi
exec ${STANDIN_BIN}/wal-g "$@"
`;

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

function replaced(text: string, part: string, by: string): string {
  assert.equal(text.split(part).length, 2, `${part} is there once`);
  return text.replace(part, by);
}

/** The sources with the trial, and a wal-g that knows it; \`bin/answer\` is not there yet. */
async function makeSources(folder: string): Promise<void> {
  await copyFolder(`${ROOT}/src`, `${folder}/src`);
  for (const name of ["main.ts", "deno.json", "deno.lock"]) await Deno.copyFile(`${ROOT}/${name}`, `${folder}/${name}`);
  await Deno.writeTextFile(`${folder}/src/operations/trial.ts`, TRIAL);
  const registry = `${folder}/src/operations/registry.ts`;
  const text = await Deno.readTextFile(registry);
  const imported = replaced(text, "import { walVerify }", 'import { trial } from "./trial.ts";\nimport { walVerify }');
  await Deno.writeTextFile(registry, replaced(imported, "  drillResult,\n", "  drillResult,\n  trial,\n"));
  const problems = `${folder}/src/operations/problems.ts`;
  const kind = 'trial_failed: { row: "trial row", levels: BOTH, for: "15m", says: "the trial gives no answer" },';
  const kinds = await Deno.readTextFile(problems);
  await Deno.writeTextFile(problems, replaced(kinds, "  not_yet_run: {", `  ${kind}\n  not_yet_run: {`));
  await Deno.mkdir(`${folder}/bin`);
  await Deno.writeTextFile(`${folder}/bin/wal-g`, WALG, { mode: 0o755 });
}

const ignore = Deno.env.get("WALG_EXPORTER") !== undefined;

Deno.test({
  name:
    "A trial operation, declared in one file of a test and put into the registry, its problem into that of problems, runs, is scraped, is on the page, in " +
    "`check`, in `doctor` and in `-help`, and /-/ready waits for it; nothing else was touched",
  ignore,
}, async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "walg-trial-" });
  const command = exporterCommand(folder);
  const path = `${folder}/bin:${Deno.env.get("PATH") ?? ""}`;
  const cli = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    runCli(args, {
      command,
      path,
      cwd: folder,
      env: { WALG_STANDIN_SCENARIO: "healthy", WALG_STANDIN_SHIFT: "1", ...env },
    });
  try {
    await makeSources(folder);

    await t.step("its types fit", async () => {
      const { success, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["check", "--quiet", "main.ts", "src/"],
        cwd: folder,
      }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
    });

    await t.step("it runs, is scraped and on the page, and /-/ready waits for it", async () => {
      await using exporter = await startExporter({ scenario: "healthy", command, cwd: folder, env: { PATH: path } });
      const succeeded = async (): Promise<readonly (string | undefined)[]> => {
        const series = parseExposition(await exporter.metrics()).get("walg_scrape_success")?.series ?? [];
        return series.filter(({ value }) => value === 1).map(({ labels }) => labels["operation"]);
      };
      await until("the others have run", async () => (await succeeded()).length === 3);
      assert.deepEqual(await succeeded(), ["backup-list", "wal-verify", "storage-check"]);
      const waiting = await exporter.get("/-/ready");
      assert.equal(waiting.status, 503);
      assert.match(await waiting.text(), /not ready/);
      const before = await exporter.metrics();
      assert.match(before, /^walg_errors_total\{operation="trial",error_type="invalid_output"\} 0$/m);
      assert.doesNotMatch(before, /^walg_trial_/m);
      assert.match(await (await exporter.get("/")).text(), /<dt>Trial tile<\/dt>\s*<dd class="value ">not known</);

      // At once with what it holds: the trial must not read it half written.
      await Deno.writeTextFile(`${folder}/bin/answer.new`, "42\n");
      await Deno.rename(`${folder}/bin/answer.new`, `${folder}/bin/answer`);
      await exporter.ready();
      const metrics = await exporter.metrics();
      assert.match(metrics, /^walg_trial_answer 42$/m);
      assert.match(metrics, /^walg_trial_up 1$/m);
      assert.match(metrics, /^walg_scrape_success\{operation="trial"\} 1$/m);
      const page = await (await exporter.get("/")).text();
      assert.match(page, /<th scope="row" role="rowheader">trial<span class="quiet">what the trial says</);
      assert.match(page, /<dt>Trial tile<\/dt>\s*<dd class="value ">42</);
      const { operations } = await (await exporter.get("/api/v1/status")).json();
      const [, , , told] = operations;
      assert.deepEqual([told.operation, told.outcome, told.interval_seconds, told.timeout_seconds], [
        "trial",
        "ok",
        420,
        90,
      ]);
    });

    await t.step("it is in check, with its own problem when it fails", async () => {
      const fine = await cli(["check"]);
      assert.equal(fine.code, 0, fine.stdout + fine.stderr);
      assert.match(fine.stdout, /^trial row +OK +The trial said 42$/m);
      assert.match(fine.stdout.split("\n")[0] ?? "", / trial_time=[\d.]+s;;;0 rpo=/);
      const failed = await cli(["check"], { TRIAL_FAILS: "1" });
      assert.equal(failed.code, 1, failed.stdout + failed.stderr);
      assert.match(failed.stdout, /^trial row +WARNING +The trial gives no answer: the trial is over$/m);
      const off = await cli(["once"], { TRIAL_FAILS: "1" });
      assert.match(off.stdout, /^walg_errors_total\{operation="trial",error_type="command_failed"\} 1$/m);
    });

    await t.step("it is in doctor, and skipped without what it needs", async () => {
      const doctor = ["doctor", "-web.listen-address=127.0.0.1:0"];
      const fine = await cli(doctor);
      assert.equal(fine.code, 0, fine.stdout + fine.stderr);
      assert.match(fine.stdout, /^ok +trial step +[\d.]+ s +it said 42$/m);
      const without = await cli(doctor, { WALG_STANDIN_SCENARIO_ST_CHECK: "s3-bad-key" });
      assert.match(without.stdout, /^skipped +trial step +[\d.]+ s +the storage refuses access/m);
    });

    await t.step("its flags are in -help, and 0 switches it off", async () => {
      const { stdout } = await cli(["-help"]);
      assert.match(
        stdout,
        /^ {2}-trial\.scrape-interval=DURATION\n +How often .* what the trial says; 0 switches it off\. /m,
      );
      assert.match(
        stdout,
        /^ {2}-trial\.timeout=DURATION\n +How long a run of trial may take before it is stopped\. \(default 90s\)$/m,
      );
      const off = await cli(["doctor", "-web.listen-address=127.0.0.1:0", "-trial.scrape-interval=0"]);
      assert.doesNotMatch(off.stdout, /trial/);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
