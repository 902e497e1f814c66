import assert from "node:assert/strict";
import { ROOT } from "../support/paths.ts";
import { toolTest } from "./tools.ts";

const FOLDER = `${ROOT}/deploy/drill`;
const SCRIPT = `${FOLDER}/walg-restore-drill`;

async function run(args: readonly string[]): Promise<{ code: number; text: string }> {
  const [program = "", ...rest] = args;
  const { code, stdout, stderr } = await new Deno.Command(program, { args: rest, stdin: "null" }).output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, text: text(stdout) + text(stderr) };
}

/** The settings that the script has, with their defaults for the cluster `default`. */
async function settings(): Promise<ReadonlyMap<string, string>> {
  const text = await Deno.readTextFile(SCRIPT);
  const names = [...text.matchAll(/^ {4}([A-Z_]+)\) \1=\$value ;;$/gm)].map(([, name]) => name ?? "");
  const defaults = [...text.matchAll(/^([A-Z_]+)=([^\n']*)$/gm)].map(([, name = "", value = ""]) =>
    [name, value] as const
  );
  const known = new Map(defaults.toReversed().map(([name, value]) => [name, value.replace("$NAME", "default")]));
  return new Map(names.map((name) => [name, known.get(name) ?? "?"]));
}

toolTest("the drill passes shellcheck, and dash reads it", ["shellcheck", "dash"], async () => {
  for (const script of [SCRIPT, `${ROOT}/fixtures/drill/wal-g`, `${ROOT}/fixtures/drill/walg-exporter`]) {
    assert.deepEqual(await run(["shellcheck", script]), { code: 0, text: "" });
    assert.deepEqual(await run(["dash", "-n", script]), { code: 0, text: "" });
  }
});

Deno.test("the settings file names every setting, with its default", async () => {
  const text = await Deno.readTextFile(`${FOLDER}/default.conf`);
  const shown = new Map([...text.matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]));
  const all = await settings();
  assert.deepEqual([...shown.keys()].toSorted(), [...all.keys()].toSorted());
  // Examples of what has no default of its own.
  const examples = ["PLAN_FLAGS", "PG_BIN", "CHECK_SQL", "CHECK_COMMAND"];
  for (const [name, value] of all) {
    if (examples.includes(name)) assert.equal(value, "", name);
    else assert.equal(shown.get(name), value, name);
  }
});

toolTest("what -help and a wrong command line say", ["dash"], async () => {
  const help = await run(["dash", SCRIPT, "-help"]);
  assert.equal(help.code, 0);
  assert.match(help.text, /^usage: walg-restore-drill \[-config=FILE\] \[-clean\] \[NAME\]$/m);
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [["-cofnig=x"], /there is no flag '-cofnig=x'/],
    [["a", "b"], /one cluster at a time/],
    [["../etc"], /not a cluster's name/],
    [[""], /not a cluster's name/],
  ];
  for (const [args, says] of wrong) {
    const { code, text } = await run(["dash", SCRIPT, ...args]);
    assert.equal(code, 64);
    assert.match(text, says);
  }
});

toolTest("systemd accepts the unit and its timer", ["systemd-analyze"], async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const suffix of ["service", "timer"]) {
      const unit = (await Deno.readTextFile(`${FOLDER}/walg-restore-drill@.${suffix}`))
        .replaceAll("/usr/bin/walg-restore-drill", SCRIPT);
      await Deno.writeTextFile(`${folder}/walg-restore-drill@.${suffix}`, unit);
    }
    const verify = ["systemd-analyze", "verify", "--man=no", `${folder}/walg-restore-drill@default.timer`];
    const { text } = await run(verify);
    assert.doesNotMatch(text, /walg-restore-drill/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
