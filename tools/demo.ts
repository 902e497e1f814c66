/** `deno task demo [SCENARIO]`: the exporter against recorded answers of WAL-G, times shifted to end now. */

import { complain, say } from "./say.ts";

const ADDRESS = "127.0.0.1:9351";
const root = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
const [name = "two-timelines", ...flags] = Deno.args;
const scenario = findScenario(name);

say(`Replaying ${scenario.slice(root.length + 1)}`);
const hasAddress = flags.some((flag) => /^--?web\.listen-address\b/.test(flag));
if (!hasAddress) {
  say(`Open http://${ADDRESS}/ for the page, http://${ADDRESS}/metrics for Prometheus; Ctrl-C stops it.`);
}

const exporter = new Deno.Command(Deno.execPath(), {
  args: [
    "run",
    "--quiet",
    "-P=exporter",
    "--no-prompt",
    "main.ts",
    ...hasAddress ? [] : [`-web.listen-address=${ADDRESS}`],
    ...flags,
  ],
  cwd: root,
  env: {
    PATH: `${root}/fixtures/bin:${Deno.env.get("PATH") ?? ""}`,
    WALG_STANDIN_SCENARIO: scenario,
    WALG_STANDIN_SHIFT: "1",
  },
  stdin: "null",
}).spawn();

// From a terminal Ctrl-C reaches the exporter by itself; sent to this process alone, it must be passed on.
let stopping = false;
Deno.addSignalListener("SIGINT", () => {
  stopping = true;
  setTimeout(() => end("SIGINT"), 300);
});
// A closed terminal sends HUP to both, and the exporter takes it for a wish to run wal-g now.
for (const signal of ["SIGTERM", "SIGHUP"] as const) {
  Deno.addSignalListener(signal, () => {
    stopping = true;
    end("SIGTERM");
  });
}
const { code } = await exporter.status;
Deno.exit(stopping ? 0 : code);

function end(signal: Deno.Signal): void {
  try {
    exporter.kill(signal);
  } catch {
    // It has ended already.
  }
}

function findScenario(name: string): string {
  const captures = `${root}/fixtures/captures`;
  for (const folder of [`${captures}/wal-g-3.0.9/${name}`, `${captures}/${name}`]) {
    if (isFile(`${folder}/backup-list.stdout`)) return folder;
  }
  complain(`demo: there is no scenario '${name}'; choose one of ${scenarios(captures).join(", ")}`);
  Deno.exit(2);
}

function scenarios(captures: string): string[] {
  const names = [...Deno.readDirSync(`${captures}/wal-g-3.0.9`)].map((entry) => entry.name);
  return [
    ...names.filter((name) => isFile(`${captures}/wal-g-3.0.9/${name}/backup-list.stdout`)).toSorted(),
    "reference-sample",
  ];
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
