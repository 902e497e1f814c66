import { EXECUTABLE, startedBy } from "./executable.ts";
import assert from "node:assert/strict";
import { toolTest } from "../deploy/tools.ts";
import { FAST } from "../faults/controlled.ts";
import { pause, startExporter, until } from "../support/exporter.ts";

/** How long scrapes are traced. */
const TRACED_SECONDS = Number(Deno.env.get("TRACED_SECONDS") ?? "10");
const STRACE = "strace -f -e trace=network";

toolTest(`over ${TRACED_SECONDS} s of scrapes nothing is connected to`, ["strace"], async () => {
  await withTrace(async (trace) => {
    let scrapes = 0;
    // With -D the exporter keeps its own pid, and gets its signals.
    await startedBy(`${STRACE} -D -o '${trace}' '${EXECUTABLE}'`, async () => {
      const intervals = ["backup-list", "wal-verify", "storage-check"].map((name) => `-${name}.scrape-interval=1s`);
      await using exporter = await startExporter({ flags: intervals });
      for (const end = performance.now() + TRACED_SECONDS * 1000; performance.now() < end; await pause(250)) {
        assert.match(await exporter.metrics(), /^walg_exporter_build_info\{/m);
        assert.ok((await (await exporter.get("/")).text()).length > 1000);
        scrapes++;
      }
      exporter.signal("SIGTERM");
      assert.equal((await exporter.status).code, 0);
    });
    const calls = await Deno.readTextFile(trace);
    // What it answered is in the trace, so what it had sent elsewhere would be, too.
    assert.ok((calls.match(/HTTP\/1\.1 200/g)?.length ?? 0) >= scrapes, calls.slice(0, 2000));
    assert.deepEqual(connections(calls), []);
  });
});

toolTest("a connection shows in such a trace", ["strace"], async () => {
  await withTrace(async (trace) => {
    const holder = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    try {
      const script = `exec 3<>/dev/tcp/127.0.0.1/${holder.addr.port}`;
      const [strace = "", ...args] = STRACE.split(" ");
      await new Deno.Command(strace, { args: [...args, "-o", trace, "bash", "-c", script] }).output();
    } finally {
      holder.close();
    }
    // bash's look-up of the address may ask nscd over a Unix socket, too.
    const port = `sin_port=htons(${holder.addr.port})`;
    assert.equal(connections(await Deno.readTextFile(trace)).filter((line) => line.includes(port)).length, 1);
  });
});

toolTest("at the descriptor limit serving ends with one log line and exit status 1 at the next run", [
  "prlimit",
], async () => {
  await using exporter = await startExporter({ flags: FAST });
  await exporter.ready();
  const before = exporter.log().length;
  await new Deno.Command("prlimit", { args: [`--pid=${exporter.pid}`, "--nofile=64:64"] }).output();
  const { hostname, port } = new URL(exporter.url);
  const idle: Deno.Conn[] = [];
  let ended: Deno.CommandStatus | undefined;
  exporter.status.then((status) => ended = status);
  // A few more than it can take; the kernel accepts what it does not.
  for (let n = 0; n < 100; n++) {
    try {
      idle.push(await Deno.connect({ hostname, port: Number(port) }));
    } catch {
      break;
    }
  }
  await until("it has ended", () => ended !== undefined, 1000);
  const { code } = await exporter.status;
  assert.equal(code, 1, exporter.log());
  const lines = exporter.log().slice(before).trimEnd().split("\n");
  assert.equal(lines.length, 1, exporter.log());
  assert.match(
    lines[0] ?? "",
    /level=error .* msg="serving ended by itself; start the exporter again" error="[^"]*Too many open files[^"]*"$/,
  );
  for (const connection of idle) connection.close();
});

Deno.test("it writes no file and leaves none behind", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await using exporter = await startExporter({ env: { TMPDIR: folder, HOME: folder } });
    await exporter.ready();
    await exporter.metrics();
    await exporter.stop();
    assert.deepEqual([...Deno.readDirSync(folder)], []);
    const caches = [...Deno.readDirSync("/tmp")].filter(({ name }) => /^deno-compile-walg-exporter/.test(name));
    assert.deepEqual(caches, []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function withTrace(use: (trace: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(`${folder}/trace`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function connections(trace: string): string[] {
  return trace.split("\n").filter((line) => /\bconnect\(/.test(line));
}
