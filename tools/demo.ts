/** `deno task demo [SCENARIO]`: the exporter with a stand-in for wal-g; `-help` lists the scenarios. */
import { demoHelp, type Scenario, SCENARIOS, standInFor } from "./demo/scenarios.ts";
import { complain, say } from "./say.ts";

const ADDRESS = "127.0.0.1:9351";
/** How long runs may take against a storage that WAL-G would try for half an hour. */
const SHORT_TIMEOUTS = ["storage-check", "backup-list", "wal-verify", "wal-archive", "backup-files"]
  .map((operation) => `-${operation}.timeout=2s`);
const root = new URL("..", import.meta.url).pathname.replace(/\/$/, "");

const args = Deno.args.filter((arg) => arg !== "--");
if (args.some((arg) => /^(help|--?h(elp)?)$/.test(arg))) {
  say(demoHelp());
  Deno.exit(0);
}
const [first = "", ...rest] = args;
const [name, flags] = first === "" || first.startsWith("-") ? [SCENARIOS[0].name, args] : [first, rest];
const scenario = SCENARIOS.find((known) => known.name === name);
if (scenario === undefined) {
  complain(`demo: there is no scenario '${name}'; choose one of ${SCENARIOS.map((known) => known.name).join(", ")}`);
  Deno.exit(2);
}
Deno.exit(await show(scenario, flags));

/** Serves a scenario until a signal ends it; resolves to the exit status. */
async function show(scenario: Scenario, flags: readonly string[]): Promise<number> {
  const { name, about, retries } = scenario;
  const scratch = await Deno.makeTempDir({ prefix: "walg-exporter-demo-" });
  try {
    const env = await standInFor(scenario, { root, scratch, now: Date.now() });
    say(`${name}: ${about}`);
    const hasAddress = flags.some((flag) => /^--?web\.listen-address\b/.test(flag));
    if (!hasAddress) {
      say(`Open http://${ADDRESS}/ for the page, http://${ADDRESS}/metrics for Prometheus; Ctrl-C stops it.`);
      say("Other scenarios: deno task demo -help");
    }
    const command = ["run", "--quiet", "-P=exporter", "--no-prompt", "main.ts"];
    const defaults = [...hasAddress ? [] : [`-web.listen-address=${ADDRESS}`], ...retries ? SHORT_TIMEOUTS : []];
    return await runUntilSignal(
      new Deno.Command(Deno.execPath(), {
        args: [...command, ...defaults, ...flags],
        cwd: root,
        env: { PATH: `${root}/fixtures/bin:${Deno.env.get("PATH") ?? ""}`, ...env },
        stdin: "null",
      }),
    );
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

async function runUntilSignal(command: Deno.Command): Promise<number> {
  const exporter = command.spawn();
  let stopping = false;
  const end = (signal: Deno.Signal): void => {
    stopping = true;
    try {
      exporter.kill(signal);
    } catch {
      // It has ended already.
    }
  };
  // From a terminal Ctrl-C reaches the exporter by itself; sent to this process alone, it must be passed on.
  Deno.addSignalListener("SIGINT", () => {
    stopping = true;
    setTimeout(() => end("SIGINT"), 300);
  });
  // A closed terminal sends HUP to both, and the exporter takes it for a wish to run wal-g now.
  for (const signal of ["SIGTERM", "SIGHUP"] as const) Deno.addSignalListener(signal, () => end("SIGTERM"));
  const { code } = await exporter.status;
  return stopping ? 0 : code;
}
