import assert from "node:assert/strict";
import { ROOT } from "./support/paths.ts";

/** Folders of src/, lowest first: a file imports from its own folder and from lower levels only. */
const LEVELS: readonly (readonly string[])[] = [
  ["base"],
  ["walg"],
  ["recovery"],
  ["operations"],
  ["metrics", "status"],
  ["cluster"],
  ["web"],
  ["commands"],
  ["cli"],
  ["app.ts"],
];

/** The only file outside src/ that sources may import. */
const MANIFEST = "../deno.json";

/** Source texts by their paths below src/. */
type Sources = Readonly<Record<string, string>>;
/** What imports what: values, types and what is loaded later alike. */
type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** `import … from`, `export … from` and `import "…"`. */
const STATIC = /^[ \t]*(?:import|export)\b(?:[^"';=()]*?\bfrom)?\s*["']([^"']+)["']/gm;
/** `import("…")`, of a value or of a type. */
const DYNAMIC = /\bimport\s*\(([^)]*)\)/g;
/** A worker's file. */
const WORKER = /\bnew URL\(\s*["'](\.[^"']+\.ts)["']\s*,\s*import\.meta\.url/g;
const COMMENT = /\/\*[^]*?\*\/|^[ \t]*\/\/.*$/gm;

/** The relative specifiers that a source text names. */
function specifiersIn(path: string, text: string): string[] {
  const code = text.replace(COMMENT, "");
  const dynamic = [...code.matchAll(DYNAMIC)].map(([, argument = ""]) => {
    const [, literal] = /^\s*["']([^"']+)["']\s*,?\s*$/.exec(argument) ?? [];
    assert.ok(literal !== undefined, `${path}: import(${argument}) does not name its file`);
    return literal;
  });
  const named = [STATIC, WORKER].flatMap((pattern) => [...code.matchAll(pattern)].map(([, name = ""]) => name));
  return [...named, ...dynamic].filter((name) => name.startsWith("."));
}

function graphOf(sources: Sources): Graph {
  return new Map(
    Object.entries(sources).map(([path, text]) => {
      const base = new URL(path, "file:///src/");
      const targets = specifiersIn(path, text).map((name) => {
        const target = new URL(name, base).pathname;
        return target.startsWith("/src/") ? target.slice("/src/".length) : `..${target}`;
      });
      return [path, new Set(targets.filter((target) => target !== MANIFEST))];
    }),
  );
}

/** The folder of src/ that a file is in; a file directly in src/ is a folder of its own. */
function folderOf(path: string): string {
  return path.split("/")[0] ?? "";
}

function foldersOf(files: Graph): Graph {
  const folders = new Map<string, Set<string>>();
  for (const [from, targets] of files) {
    const folder = folderOf(from);
    const known = folders.get(folder) ?? new Set();
    for (const target of targets) if (folderOf(target) !== folder) known.add(folderOf(target));
    folders.set(folder, known);
  }
  return folders;
}

/** For each node that is in a circle the shortest one through it, without those that name the same nodes. */
function circlesIn(graph: Graph): string[] {
  const circles = new Map<string, string>();
  for (const node of [...graph.keys()].toSorted()) {
    const circle = shortestCircle(graph, node);
    const key = circle.toSorted().join();
    if (circle.length > 0 && !circles.has(key)) circles.set(key, [...circle, node].join(" → "));
  }
  return [...circles.values()];
}

/** The nodes of the shortest way from a node back to itself; none where it is in no circle. */
function shortestCircle(graph: Graph, start: string): string[] {
  const before = new Map<string, string>();
  let nodes = [start];
  while (nodes.length > 0) {
    const next: string[] = [];
    for (const node of nodes) {
      for (const target of graph.get(node) ?? []) {
        if (target === start) return wayTo(node, before);
        if (before.has(target)) continue;
        before.set(target, node);
        next.push(target);
      }
    }
    nodes = next;
  }
  return [];
}

function wayTo(end: string, before: ReadonlyMap<string, string>): string[] {
  const way: string[] = [];
  for (let node: string | undefined = end; node !== undefined; node = before.get(node)) way.unshift(node);
  return way;
}

function levelOf(path: string): number {
  return LEVELS.findIndex((folders) => folders.includes(folderOf(path)));
}

/** Imports that go up, across, or out of src/. */
function forbiddenIn(files: Graph): string[] {
  return [...files].flatMap(([from, targets]) => {
    if (levelOf(from) < 0) return [`${from} is in no folder of the order`];
    return [...targets].filter((target) => {
      const level = levelOf(target);
      return level < 0 || (folderOf(from) !== folderOf(target) && level >= levelOf(from));
    }).map((target) => `${from} imports ${target}`);
  });
}

/** Everything that is wrong with the imports of these sources. */
function faultsIn(sources: Sources): { files: string[]; folders: string[]; forbidden: string[] } {
  const files = graphOf(sources);
  return { files: circlesIn(files), folders: circlesIn(foldersOf(files)), forbidden: forbiddenIn(files) };
}

function readSources(folder: string, below = ""): Sources {
  return Object.fromEntries(
    [...Deno.readDirSync(`${folder}/${below}`)].flatMap(({ name, isDirectory }) => {
      const path = `${below}${name}`;
      if (isDirectory) return Object.entries(readSources(folder, `${path}/`));
      return name.endsWith(".ts") ? [[path, Deno.readTextFileSync(`${folder}/${path}`)] as const] : [];
    }),
  );
}

Deno.test("imports: no circle between files or folders, and none goes up the folders' order", () => {
  const { files, folders, forbidden } = faultsIn(readSources(`${ROOT}/src`));
  const found = [
    ...files.map((circle) => `circle of files: ${circle}`),
    ...folders.map((circle) => `circle of folders: ${circle}`),
    ...forbidden.map((fault) => `against the order: ${fault}`),
  ];
  assert.equal(found.length, 0, `${found.length} faults\n${found.join("\n")}`);
});

Deno.test("imports: what is in order is left alone", () => {
  const sources = {
    "base/clock.ts":
      `import manifest from "../../deno.json" with { type: "json" };\nexport const from = "../app.ts";\n`,
    "walg/run.ts": `// import { b } from "../web/page/page.ts";\nimport * as v from "valibot";\n` +
      `import { from } from "../base/clock.ts";\nimport { end } from "./end.ts";\n`,
    "walg/end.ts": `/** As import("../app.ts") does. */\nexport { from } from "../base/clock.ts";\n`,
    "metrics/text.ts": `import { end } from "../walg/end.ts";\n`,
    "app.ts": `const { end } = await import("./walg/end.ts");\nimport("./metrics/text.ts");\n`,
  };
  assert.deepEqual(faultsIn(sources), { files: [], folders: [], forbidden: [] });
});

for (
  const [what, forward, back] of [
    ["values", `import { b } from "./b.ts";`, `import {\n  type A,\n  a,\n} from "./a.ts";`],
    ["types only", `import type { B } from "./b.ts";`, `import type {\n  A,\n} from "./a.ts";`],
    ["a type in place", `import { b } from './b.ts';`, `export type A = typeof import("./a.ts");`],
    ["what is exported again", `export * from "./b.ts";`, `export type { A } from "./a.ts";`],
    ["what is loaded later", `import "./b.ts";`, `const { a } = await import(\n  "./a.ts"\n);`],
    ["a worker", `import { b } from "./b.ts";`, `new Worker(new URL("./a.ts", import.meta.url), { type: "module" });`],
  ] as const
) {
  Deno.test(`imports: a circle of files is found: ${what}`, () => {
    const { files, forbidden } = faultsIn({ "base/a.ts": forward, "base/b.ts": back });
    assert.deepEqual(files, ["base/a.ts → base/b.ts → base/a.ts"]);
    assert.deepEqual(forbidden, []);
  });
}

Deno.test("imports: a circle of files through a third is found once", () => {
  const sources = {
    "base/a.ts": `import "./b.ts";`,
    "base/b.ts": `import "./c.ts";`,
    "base/c.ts": `import type { A } from "./a.ts";`,
    "base/d.ts": `import "./a.ts";`,
  };
  assert.deepEqual(faultsIn(sources).files, ["base/a.ts → base/b.ts → base/c.ts → base/a.ts"]);
});

Deno.test("imports: a circle of folders without one of files is found, and the import that goes up", () => {
  const sources = {
    "base/a.ts": `import type { C } from "../walg/c.ts";`,
    "walg/b.ts": `import { a } from "../base/a.ts";`,
    "walg/c.ts": `export interface C {}`,
  };
  const { files, folders, forbidden } = faultsIn(sources);
  assert.deepEqual([files, folders], [[], ["base → walg → base"]]);
  assert.deepEqual(forbidden, ["base/a.ts imports walg/c.ts"]);
});

Deno.test("imports: metrics and status do not import each other, nobody imports the tests, and each folder has its place", () => {
  const sources = {
    "metrics/a.ts": `import "../status/b.ts";`,
    "status/b.ts": `import "../walg/c.ts";`,
    "walg/c.ts": `import "../../tests/standin.ts";`,
    "new/d.ts": `import "../walg/c.ts";`,
  };
  assert.deepEqual(faultsIn(sources).forbidden, [
    "metrics/a.ts imports status/b.ts",
    "walg/c.ts imports ../tests/standin.ts",
    "new/d.ts is in no folder of the order",
  ]);
});

Deno.test("imports: one that does not name its file is refused", () => {
  assert.throws(() => faultsIn({ "base/a.ts": "await import(path);" }), /base\/a\.ts: import\(path\)/);
});
