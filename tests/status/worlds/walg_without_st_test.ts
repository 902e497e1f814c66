import assert from "node:assert/strict";
import { fixturePath } from "../../standin.ts";

const DENO = Deno.execPath();
const MAIN = new URL("../../../main.ts", import.meta.url).pathname;

/** The output of 'check' against a wal-g. */
async function check(path: string, env: Record<string, string>): Promise<string> {
  const command = new Deno.Command(DENO, {
    args: ["run", "-A", "--no-check", MAIN, "check", `-walg.path=${path}`],
    env,
  });
  return new TextDecoder().decode((await command.output()).stdout);
}

// As the capture wal-g-1.1/two-timelines/st-check.* shows, WAL-G prints the error of an unknown command on stderr AND on
// stdout (cmd/pg/pg.go: fmt.Println(err)).
Deno.test("WAL-G 1.1, as it really answers: the archive is known by wal-show", async () => {
  const said = await check(fixturePath("bin/wal-g"), {
    WALG_STANDIN_SCENARIO: "wal-g-1.1/two-timelines",
    WALG_STANDIN_SHIFT: "1",
  });
  assert.doesNotMatch(said, /cannot be listed/);
  assert.match(said, /by wal-show/);
});

// The same with an unknown flag: 2.0 has 'st ls', but no -t.
Deno.test("WAL-G 2.0, as it really answers to -t: its one storage is listed", async () => {
  const folder = await Deno.makeTempDir();
  const real = fixturePath("bin/wal-g");
  const text = `#!/bin/sh
case "$*" in
*"-t all"*) echo "Error: unknown shorthand flag: 't' in -t" >&2; echo "Run 'wal-g --help' for usage." >&2
  echo "unknown shorthand flag: 't' in -t"; exit 1;;
esac
exec ${real} "$@"
`;
  await Deno.writeTextFile(`${folder}/wal-g`, text, { mode: 0o755 });
  try {
    const said = await check(`${folder}/wal-g`, {
      WALG_STANDIN_SCENARIO: "archive-wal-g-3.0.9/healthy",
      WALG_STANDIN_SHIFT: "1",
    });
    assert.doesNotMatch(said, /cannot be listed/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
