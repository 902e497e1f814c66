import assert from "node:assert/strict";
import { toolTest } from "../deploy/tools.ts";
import { startExporter } from "../support/exporter.ts";
import { allSeries, parseExposition, seriesKey } from "../support/exposition_parser.ts";
import { CAPTURES, ROOT, scenarios } from "../support/paths.ts";

interface PythonFamily {
  readonly family: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly (readonly [string, Readonly<Record<string, string>>, number])[];
}

/** Per file its families, or why it was refused. */
type PythonReading = Readonly<Record<string, readonly PythonFamily[] | string>>;

const ACCEPT = { prom: "text/plain;version=0.0.4", om: "application/openmetrics-text;version=1.0.0" };
const FORMATS = { prom: "text", om: "openmetrics" } as const;
const KINDS = ["prom", "om"] as const;

toolTest("Python's parsers read both formats of every captured scenario as we mean them", ["python3"], async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "walg-python-" });
  try {
    const python = await pythonWithClient(folder);
    if (python === undefined) {
      const refused = "prometheus_client cannot be installed from PyPI";
      if (Deno.env.get("REQUIRE_TOOLS") === "1") throw new Error(`${refused}, and REQUIRE_TOOLS=1`);
      await t.step({ name: `skipped: ${refused}`, ignore: true, fn: () => {} });
      return;
    }
    const names = scenarios();
    assert.ok(names.length > 20);
    const texts = new Map<string, string>();
    for (const name of names) for (const [path, text] of await scrape(name, folder)) texts.set(path, text);
    const [healthy = ""] = texts.values();
    await Deno.writeTextFile(`${folder}/broken.prom`, healthy.replace(/ \S+\n$/, " many\n"));
    await Deno.writeTextFile(`${folder}/broken.om`, healthy);
    const reading = await readInPython(python, [...texts.keys(), `${folder}/broken.prom`, `${folder}/broken.om`]);
    for (const [path, text] of texts) readsAlike(path, text, reading[path]);
    for (const kind of KINDS) assert.equal(typeof reading[`${folder}/broken.${kind}`], "string", "a control");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Both expositions of an exporter for that scenario, by the files they are written to. */
async function scrape(scenario: string, folder: string): Promise<[string, string][]> {
  await using exporter = await startExporter({ scenario: `${CAPTURES}/${scenario}` });
  await exporter.ready();
  const found: [string, string][] = [];
  for (const kind of KINDS) {
    const text = await (await exporter.get("/metrics", { accept: ACCEPT[kind] })).text();
    const path = `${folder}/${scenario.replace("/", "_")}.${kind}`;
    await Deno.writeTextFile(path, text);
    found.push([path, text]);
  }
  return found;
}

function readsAlike(path: string, text: string, read: readonly PythonFamily[] | string | undefined): void {
  assert.ok(read !== undefined && typeof read !== "string", `${path}: ${read}`);
  const ours = parseExposition(text, path.endsWith(".om") ? FORMATS.om : FORMATS.prom);
  const python = new Map(
    read.flatMap(({ samples }) => samples).map(([name, labels, value]) =>
      [seriesKey({ name, labels }), value] as const
    ),
  );
  const wanted = [...allSeries(ours)].map(([key, { value }]) => [key, value] as const);
  assert.deepEqual(new Map([...python].toSorted()), new Map(wanted.toSorted()), path);
  for (const { family, type, help } of read) {
    assert.match(type, /^(gauge|counter)$/, `${path}: ${family}`);
    assert.notEqual(help, "", `${path}: ${family}`);
  }
}

async function readInPython(python: string, paths: readonly string[]): Promise<PythonReading> {
  const { success, stdout, stderr } = await run(python, [`${ROOT}/tests/e2e/parse_strictly.py`, ...paths]);
  assert.ok(success, stderr);
  return JSON.parse(stdout) as PythonReading;
}

/** A Python that has prometheus_client: the installed one, else one in a virtual environment; undefined if neither. */
async function pythonWithClient(folder: string): Promise<string | undefined> {
  if ((await run("python3", ["-c", "import prometheus_client.openmetrics.parser"])).success) return "python3";
  const python = `${folder}/venv/bin/python`;
  if (!(await run("python3", ["-m", "venv", `${folder}/venv`])).success) return undefined;
  const arguments_ = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "prometheus_client"];
  return (await run(python, arguments_)).success ? python : undefined;
}

async function run(
  command: string,
  args: readonly string[],
): Promise<{ success: boolean; stdout: string; stderr: string }> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args], stdin: "null" }).output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
