/**
 * `deno task bench:startup [RUNS]`: from exec to the first answered /metrics, of the compiled executable and of a bare
 * Deno.serve executable, in turns; 20 runs each if not given. Prints a Markdown table.
 */
import { bundle, root } from "../tools/compile/bundle.ts";
import { compileExecutable } from "../tools/compile/executable.ts";
import { ownArchitecture } from "../tools/compile/target.ts";
import { giveUp, say } from "../tools/say.ts";
import { table } from "./markdown.ts";
import { median } from "./statistics.ts";

/** The most that the exporter may take, as a multiple of the floor. */
const MOST = 2;

const folder = await Deno.makeTempDir();
const failure = await compare(Number(Deno.args[0] ?? "20")).catch((error: unknown) => error);
await Deno.remove(folder, { recursive: true });
if (failure !== undefined) giveUp("startup", failure);

async function compare(runs: number): Promise<void> {
  const exporter = Deno.env.get("WALG_EXPORTER") ?? `${root}/dist/walg-exporter-linux-${ownArchitecture()}`;
  const floor = await compileFloor();
  const times: { readonly exporter: number[]; readonly floor: number[] } = { exporter: [], floor: [] };
  // The first of each fills the page cache.
  for (let run = -1; run < runs; run++) {
    const pair = {
      exporter: await startOnce(exporter, (port) => [`-web.listen-address=127.0.0.1:${port}`]),
      floor: await startOnce(floor, (port) => [`${port}`]),
    };
    if (run < 0) continue;
    times.exporter.push(pair.exporter);
    times.floor.push(pair.floor);
  }
  const [ours, theirs] = [median(times.exporter), median(times.floor)];
  const row = (name: string, figures: readonly number[], ratio: string): string[] => [
    name,
    median(figures).toFixed(1),
    Math.min(...figures).toFixed(1),
    Math.max(...figures).toFixed(1),
    ratio,
  ];
  say(table([`${runs} starts each`, "median, ms", "least, ms", "most, ms", `ratio (at most ${MOST})`], [
    row("walg-exporter", times.exporter, (ours / theirs).toFixed(2)),
    row("bare Deno.serve", times.floor, "1"),
  ]));
  if (ours > MOST * theirs) throw new Error(`a start takes ${(ours / theirs).toFixed(2)} times the floor's`);
}

async function compileFloor(): Promise<string> {
  const output = `${folder}/floor`;
  const script = await bundle("bench/floor_startup.ts", `${folder}/bundle`, "bench");
  const scopes = { net: ["127.0.0.1"] };
  await compileExecutable({ bundle: script, architecture: ownArchitecture(), scopes, output });
  return output;
}

/** Milliseconds from exec to the end of the first answer. */
async function startOnce(executable: string, flags: (port: number) => string[]): Promise<number> {
  const port = freePort();
  const start = performance.now();
  const child = new Deno.Command(executable, {
    args: flags(port),
    env: { PATH: `${root}/fixtures/bin:${Deno.env.get("PATH") ?? ""}` },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    await firstAnswer(port, start + 10_000);
    return performance.now() - start;
  } finally {
    child.kill("SIGTERM");
    await child.status;
  }
}

async function firstAnswer(port: number, deadline: number): Promise<void> {
  while (performance.now() < deadline) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/metrics`);
      await response.bytes();
      if (response.ok) return;
    } catch {
      await new Promise((resolve) => void setTimeout(resolve, 1));
    }
  }
  throw new Error("it does not answer within 10 s");
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
