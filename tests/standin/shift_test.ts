import assert from "node:assert/strict";
import { fixturePath, runStandin, STANDIN_ARGUMENTS } from "../standin.ts";

const LIST = STANDIN_ARGUMENTS["backup-list"];
const TIME = /("(?:time|start_time|finish_time)":\s*)"([^"]*)"/g;

/** The times of a backup list with their keys, in Unix seconds, and what follows the whole seconds of each. */
function times(text: string): { key: string; seconds: number; rest: string }[] {
  return [...text.matchAll(TIME)].map(([, key = "", time = ""]) => ({
    key,
    seconds: Math.floor(Date.parse(time) / 1000),
    rest: time.slice(19),
  }));
}

function newest(text: string): number {
  return Math.max(...times(text).filter(({ key }) => key.startsWith('"time"')).map(({ seconds }) => seconds));
}

Deno.test("SHIFT_TO moves every time of every capture by the same whole seconds, and nothing else", async () => {
  for (const version of ["wal-g-1.1", "wal-g-3.0.3", "wal-g-3.0.9"]) {
    for (const { name } of Deno.readDirSync(fixturePath(`captures/${version}`))) {
      const SCENARIO = `${version}/${name}`;
      const { stdout: original } = await runStandin(LIST, { SCENARIO });
      for (const SHIFT_TO of [951_782_400, 1_709_251_199, 4_102_444_799]) {
        const { stdout } = await runStandin(LIST, { SCENARIO, SHIFT_TO });
        assert.equal(stdout.replace(TIME, "$1"), original.replace(TIME, "$1"));
        const [before, after] = [times(original), times(stdout)];
        if (before.length === 0) continue;
        assert.equal(newest(stdout), SHIFT_TO);
        const by = SHIFT_TO - newest(original);
        assert.deepEqual(after, before.map((time) => ({ ...time, seconds: time.seconds + by })));
      }
    }
  }
});

Deno.test("SHIFT_TO keeps fractions, offsets and the zero time, and takes no other text for a time", async () => {
  const STDOUT_FILE = await Deno.makeTempFile();
  await Deno.writeTextFile(
    STDOUT_FILE,
    `[{"time" : "2026-03-01T00:30:00.123456789+05:30","hostname":"time","data_dir":"2026-03-01T00:30:00Z",` +
      `"start_time":"0001-01-01T00:00:00Z","finish_time":"2026-02-28T23:59:59.5-01:00","x":""},` +
      `{"time":"2026-02-28T19:00:00-01:00"},{"time":null}]`,
  );
  const { stdout } = await runStandin(LIST, { STDOUT_FILE, SHIFT_TO: Date.parse("2028-02-29T00:00:00Z") / 1000 });
  assert.equal(
    stdout,
    `[{"time" : "2028-02-29T04:30:00.123456789+05:30","hostname":"time","data_dir":"2026-03-01T00:30:00Z",` +
      `"start_time":"0001-01-01T00:00:00Z","finish_time":"2028-02-29T03:59:59.5-01:00","x":""},` +
      `{"time":"2028-02-28T23:00:00-01:00"},{"time":null}]`,
  );
  await Deno.remove(STDOUT_FILE);
});

Deno.test("SHIFT ends three minutes before the caller started, the same in every run", async () => {
  const before = Math.floor(Date.now() / 1000);
  const script = `"$0" ${LIST.join(" ")} && sleep 1.1 && "$0" ${LIST.join(" ")}; exit`;
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", script, fixturePath("bin/wal-g")],
    env: { WALG_STANDIN_SHIFT: "1" },
  }).output();
  const after = Math.ceil(Date.now() / 1000);
  const [first = "", second] = new TextDecoder().decode(stdout).trim().split("\n");
  assert.equal(first, second);
  // The kernel gives the time of its start in whole seconds.
  const started = newest(first) + 180;
  assert.ok(started >= before - 2 && started <= after + 2, `${started} in ${before} to ${after}`);
});

Deno.test("SHIFT leaves the other operations as they are", async () => {
  for (const operation of ["wal-verify", "st-check", "st-ls", "version"] as const) {
    const args = STANDIN_ARGUMENTS[operation];
    assert.equal((await runStandin(args, { SHIFT: 1 })).stdout, (await runStandin(args)).stdout);
  }
});
