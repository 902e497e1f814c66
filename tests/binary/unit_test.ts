import { EXECUTABLE, startedBy } from "./executable.ts";
import assert from "node:assert/strict";
import { toolTest } from "../deploy/tools.ts";
import { pause, startExporter } from "../support/exporter.ts";
import { ROOT } from "../support/paths.ts";

const UNIT = `${ROOT}/deploy/systemd/walg-exporter.service`;
/** The highest exposure, as systemd-analyze reckons it. */
const EXPOSURE = 1.3;

toolTest(`systemd reckons an exposure of ${EXPOSURE} at most`, ["systemd-analyze"], async () => {
  const said = await analyze("security", "--offline=yes", "--no-pager", UNIT);
  const level = /Overall exposure level for walg-exporter\.service: ([\d.]+) /.exec(said)?.[1];
  assert.ok(Number(level) <= EXPOSURE, said);
});

toolTest("the unit lets through every system call that serving and running commands takes", [
  "strace",
  "systemd-analyze",
], async () => {
  const folder = await Deno.makeTempDir();
  try {
    await startedBy(`strace -f -D -o '${folder}/trace' '${EXECUTABLE}'`, async () => {
      await using exporter = await startExporter();
      await exporter.ready();
      await exporter.metrics();
      exporter.signal("SIGHUP");
      await pause(500);
      exporter.signal("SIGTERM");
      assert.equal((await exporter.status).code, 0);
    });
    const used = new Set(
      [...(await Deno.readTextFile(`${folder}/trace`)).matchAll(/^\d+ +(?:<\.\.\. )?(\w+)[( ]/gm)].map((
        [, name = ""],
      ) => name),
    );
    assert.ok(used.has("execve") && used.has("accept4") && used.has("mmap"), [...used].join(" "));
    const allowed = await filtered();
    const refused = [...used].filter((name) => !allowed.has(name));
    assert.deepEqual(refused.filter((name) => !MAY_FAIL.includes(name)), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** V8 and the loader do without these where they are refused with EPERM. */
const MAY_FAIL = ["pkey_alloc", "pkey_mprotect", "pkey_free"];

/** The system calls that the unit's filter lets through. */
async function filtered(): Promise<ReadonlySet<string>> {
  const allowed = new Set<string>();
  for (const [, without, names = ""] of (await Deno.readTextFile(UNIT)).matchAll(/^SystemCallFilter=(~?)(.*)$/gm)) {
    for (const name of names.split(" ")) {
      for (const call of await members(name)) without === "~" ? allowed.delete(call) : allowed.add(call);
    }
  }
  return allowed;
}

async function members(set: string): Promise<string[]> {
  if (!set.startsWith("@")) return [set];
  const lines = (await analyze("syscall-filter", "--no-pager", set)).split("\n").slice(1).map((line) => line.trim());
  const names = lines.filter((line) => /^[@\w-]+$/.test(line));
  return (await Promise.all(names.map(members))).flat();
}

async function analyze(...args: string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command("systemd-analyze", { args, env: { LC_ALL: "C" } }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

Deno.test("no unit takes the shared memory of the live PostgreSQL when it stops", () => {
  const units = [...Deno.readDirSync(`${ROOT}/deploy/systemd`)].map(({ name }) => `systemd/${name}`);
  for (const unit of [...units, "drill/walg-restore-drill@.service"]) {
    const text = Deno.readTextFileSync(`${ROOT}/deploy/${unit}`);
    assert.doesNotMatch(text, /^\s*RemoveIPC *= *(yes|true|on|1)/m, unit);
  }
});
