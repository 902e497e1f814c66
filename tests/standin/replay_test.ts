import assert from "node:assert/strict";
import { fixturePath, runStandin, STANDIN_ARGUMENTS, standinFile, withoutAll } from "../standin.ts";
import { exists } from "../support/paths.ts";

const LIST = STANDIN_ARGUMENTS["backup-list"];

function captured(scenario: string, file: string): string {
  return Deno.readTextFileSync(fixturePath(`captures/${scenario}/${file}`));
}

const VERSIONS = ["wal-g-1.1", "wal-g-3.0.3", "wal-g-3.0.9", "archive-wal-g-3.0.9"];

/** Every command with the name of its captures; those that list the archive answer without any, too. */
const COMMANDS: readonly { args: readonly string[]; file: string; derives?: boolean }[] = [
  ...(["backup-list", "wal-verify", "st-check", "st-ls"] as const).map((operation) => ({
    args: STANDIN_ARGUMENTS[operation],
    file: standinFile(operation),
  })),
  ...(["wal-archive", "backup-files"] as const).flatMap((operation) => [
    { args: STANDIN_ARGUMENTS[operation], file: `${standinFile(operation)}-all`, derives: true },
    { args: withoutAll(STANDIN_ARGUMENTS[operation]), file: standinFile(operation), derives: true },
  ]),
  ...(["wal-show", "st-cat"] as const).map((operation) => ({
    args: STANDIN_ARGUMENTS[operation],
    file: standinFile(operation),
    derives: true,
  })),
];

Deno.test("the stand-in replays every capture byte for byte, with its exit status", async () => {
  const exits =
    VERSIONS.flatMap((version) =>
      [...Deno.readDirSync(fixturePath(`captures/${version}`))].flatMap(({ name }) =>
        [...Deno.readDirSync(fixturePath(`captures/${version}/${name}`))]
          .filter((file) => file.name.endsWith(".exit") && !file.name.endsWith("-second.exit"))
      )
    ).length;
  let replayed = 0;
  for (const version of VERSIONS) {
    for (const { name } of Deno.readDirSync(fixturePath(`captures/${version}`))) {
      const scenario = `${version}/${name}`;
      for (const { args, file, derives } of COMMANDS) {
        const isCaptured = exists(fixturePath(`captures/${scenario}/${file}.exit`));
        if (!isCaptured && derives) continue;
        const { code, stdout, stderr } = await runStandin(args, { SCENARIO: fixturePath(`captures/${scenario}`) });
        if (!isCaptured) {
          assert.equal(code, 1);
          if (version === "wal-g-1.1" && file.startsWith("st-")) {
            assert.equal(stdout, captured("wal-g-1.1/two-timelines", "st-check.stdout"));
            assert.equal(stderr, captured("wal-g-1.1/two-timelines", "st-check.stderr"));
          } else {
            assert.match(stderr, new RegExp(`^ERROR: \\S+ \\S+ no capture ${file}\\.stdout in \\S+/${scenario}\n$`));
          }
          continue;
        }
        assert.equal(String(code), captured(scenario, `${file}.exit`).trim(), scenario);
        assert.equal(stdout, captured(scenario, `${file}.stdout`));
        assert.equal(stderr, captured(scenario, `${file}.stderr`));
        replayed++;
      }
    }
  }
  assert.equal(replayed, exits, "captures replayed");
});

Deno.test("a scenario is named by its path, by its place in the captures, or by its name alone", async () => {
  const expected = captured("wal-g-3.0.9/healthy", "backup-list.stdout");
  for (const SCENARIO of [fixturePath("captures/wal-g-3.0.9/healthy"), "wal-g-3.0.9/healthy", "healthy"]) {
    assert.equal((await runStandin(LIST, { SCENARIO })).stdout, expected);
  }
  assert.equal((await runStandin(LIST)).stdout, captured("wal-g-3.0.9/two-timelines", "backup-list.stdout"));
  assert.equal(
    (await runStandin(LIST, { SCENARIO: "switched" })).stdout,
    captured("archive-wal-g-3.0.9/switched", "backup-list.stdout"),
  );
  assert.match(
    (await runStandin(LIST, { SCENARIO: "nowhere" })).stderr,
    /no capture backup-list\.stdout in nowhere\n$/,
  );
});

Deno.test("--version prints WAL-G's four fields with the version of the captures", async () => {
  for (
    const [SCENARIO, version] of [["healthy", "3.0.9"], ["wal-g-1.1/no-backups", "1.1"], ["/tmp", "3.0.9"]] as const
  ) {
    const { code, stdout } = await runStandin(["--version"], { SCENARIO });
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^wal-g version v${version}\t[0-9a-f]{7}\t[0-9.]+_[0-9:]+\tPostgreSQL\n$`));
  }
});

Deno.test("any other arguments are an unknown command, and the log of runs tells them", async () => {
  const RUNS_LOG = await Deno.makeTempFile();
  const others = [
    [],
    ["backup-list"],
    ["st", "rm", "x"],
    ["st", "ls", "-r", "wal_005/"],
    ["st", "ls", "-t", "second", "wal_005/"],
    ["st", "cat", "wal_005/00000002.history.lz4"],
    ["wal-show", "--detailed-json"],
    [...LIST, "--pretty"],
    ["--help"],
    [
      "backup-list",
      "--detail --json",
    ],
    [...LIST, "--config"],
  ];
  for (const args of others) {
    const { code, stdout, stderr } = await runStandin(args, { RUNS_LOG });
    assert.equal(code, 1, args.join(" "));
    assert.equal(stdout, `unknown command "${args.join(" ")}" for "wal-g"\n`);
    assert.equal(stderr, `Error: unknown command "${args.join(" ")}" for "wal-g"\nRun 'wal-g --help' for usage.\n`);
  }
  const log = await Deno.readTextFile(RUNS_LOG);
  assert.equal(log.match(/^unknown \d+ \d+\.\d+/gm)?.length, others.length);
  assert.match(log, /^unknown \d+ \d+\.\d+ st rm x$/m);
  await Deno.remove(RUNS_LOG);
});

Deno.test("--config is taken in both spellings; a file that cannot be read is a warning, as WAL-G gives", async () => {
  const config = await Deno.makeTempFile();
  for (const args of [["--config", config, ...LIST], [...LIST, `--config=${config}`], [...LIST, "--config", config]]) {
    const { code, stdout, stderr } = await runStandin(args, { SCENARIO: "healthy" });
    assert.equal(code, 0);
    assert.equal(stdout, captured("wal-g-3.0.9/healthy", "backup-list.stdout"));
    assert.equal(stderr, captured("wal-g-3.0.9/healthy", "backup-list.stderr"));
  }
  await Deno.remove(config);
  const { code, stderr } = await runStandin([...LIST, "--config", config]);
  assert.equal(code, 0);
  assert.match(
    stderr,
    new RegExp(`^WARNING: .* parse config file ${config}\\. open ${config}: no such file or directory`),
  );
});

Deno.test("S3_LOG_LEVEL puts debug lines before the JSON, from the environment or the config file", async () => {
  const config = await Deno.makeTempFile();
  await Deno.writeTextFile(config, `{"S3_LOG_LEVEL": "DEVEL"}`);
  const withFile = [...LIST, "--config", config];
  const asFirst = async (args: readonly string[], level: string): Promise<string> =>
    (await runStandin(args, {}, { S3_LOG_LEVEL: level })).stdout.slice(0, 26);
  const json = (await runStandin(LIST)).stdout.slice(0, 26);
  assert.equal(await asFirst(LIST, ""), json);
  assert.equal(await asFirst(LIST, "DEVEL"), "2026/11/23 03:12:44 DEBUG:");
  assert.equal(await asFirst(withFile, ""), "2026/11/23 03:12:44 DEBUG:");
  assert.equal(await asFirst(withFile, "NORMAL"), json);
  await Deno.remove(config);
});

Deno.test("the mock replays the sample of the reference exporter's README, from any folder and through a link", async () => {
  const expected = captured("reference-sample", "backup-list.stdout");
  const folder = await Deno.makeTempDir();
  await Deno.symlink(fixturePath("mock-wal-g"), `${folder}/wal-g`);
  for (
    const [command, cwd] of [["./mock-wal-g", fixturePath(".")], ["./wal-g", folder], [`${folder}/wal-g`, "/"]] as const
  ) {
    const { code, stdout } = await new Deno.Command("sh", { args: ["-c", `exec ${command} ${LIST.join(" ")}`], cwd })
      .output();
    assert.equal(code, 0);
    assert.equal(new TextDecoder().decode(stdout), expected);
  }
  await Deno.remove(folder, { recursive: true });
});
