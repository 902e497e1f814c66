import assert from "node:assert/strict";
import { flagValues, UsageError } from "../../src/base/flag.ts";
import { OperatorError } from "../../src/base/host.ts";
import { findClusters, readSources, SOURCE_FLAGS, type SourceHost, type Sources } from "../../src/cluster/sources.ts";
import { EXPORTER_FLAGS } from "../../src/commands/config.ts";

const read = (...clusters: string[]): Sources | undefined => readWith({ cluster: clusters });

function readWith(given: Readonly<Record<string, readonly string[]>>): Sources | undefined {
  return readSources(flagValues([...SOURCE_FLAGS, ...EXPORTER_FLAGS], new Map(Object.entries(given))));
}

function refusal(given: Readonly<Record<string, readonly string[]>>): string {
  try {
    readWith(given);
  } catch (error) {
    assert.ok(error instanceof UsageError);
    assert.ok(!error.message.includes("\n"));
    return error.message;
  }
  throw new Error("it was taken");
}

/** A host whose files are these. */
function hostOf(files: Readonly<Record<string, string>>): SourceHost {
  const textOf = (path: string): string => {
    const text = files[path];
    if (text === undefined) throw new Deno.errors.NotFound(`No such file or directory (os error 2): open '${path}'`);
    return text;
  };
  return {
    readText: async (path) => await textOf(path),
    namesIn: async (folder) => {
      if (folder !== "/c") {
        throw new Deno.errors.NotFound(`No such file or directory (os error 2): readdir '${folder}'`);
      }
      return await Object.keys(files).map((path) => path.replace("/c/", "")).filter((name) => !name.includes("/"));
    },
  };
}

const FOLDER: Sources = { files: new Map(), folder: "/c", wanted: [], maxRunning: 4 };

Deno.test("sources: without the flags one cluster without a name is meant", () => {
  assert.equal(read(), undefined);
});

Deno.test("sources: names with files, names alone, and how many runs there may be", () => {
  assert.deepEqual(read("main=/etc/main.yaml", "a.b_c-9=/x=y.json"), {
    files: new Map([["main", "/etc/main.yaml"], ["a.b_c-9", "/x=y.json"]]),
    folder: undefined,
    wanted: [],
    maxRunning: 4,
  });
  const chosen = readWith({ cluster: ["main"], "clusters.dir": ["/c"], "walg.max-running": ["9"] });
  assert.deepEqual([chosen?.wanted, chosen?.folder, chosen?.maxRunning], [["main"], "/c", 9]);
});

Deno.test("sources: a name like a path, with a quote, too long or none at all is refused in one line", () => {
  for (
    const name of [
      "../etc",
      "a/b",
      "/a",
      ".",
      "..",
      ".hidden",
      "-a",
      'a"b',
      "a'b",
      "a b",
      "ä",
      "",
      "x".repeat(65),
      "a\nb",
    ]
  ) {
    assert.match(
      refusal({ cluster: [`${name}=/f.yaml`] }),
      /^-cluster: '[^]*' is no name for a cluster: a name has letters/,
    );
  }
  assert.ok(read(`${"x".repeat(64)}=/f.yaml`));
});

Deno.test("sources: what does not go together is refused", () => {
  assert.match(refusal({ cluster: ["a=/1", "a=/2"] }), /^-cluster: 'a' is given twice/);
  assert.match(refusal({ cluster: ["a="] }), /^-cluster: 'a' names no file; write -cluster=a=\/etc/);
  assert.match(refusal({ cluster: ["a"] }), /^-cluster: 'a' names no file/);
  assert.match(refusal({ cluster: ["a=/1"], "walg.config-path": ["/x"] }), /^-walg\.config-path is for one cluster/);
  assert.match(
    refusal({ "clusters.dir": ["/c"], "walg.max-running": ["0"] }),
    /^-walg\.max-running: '0' lets no wal-g/,
  );
});

Deno.test("sources: a folder is read by its files' names, hidden and other files are passed over", async () => {
  const settings = "WALG_S3_PREFIX: s3://bucket/path\n";
  const { clusters, refused } = await findClusters(
    FOLDER,
    hostOf({
      "/c/main.yaml": settings,
      "/c/dwh.yml": settings,
      "/c/shop.json": '{"WALG_S3_PREFIX": "s3://x"}',
      "/c/.main.yaml.swp": settings,
      "/c/.#main.yaml": settings,
      "/c/main.yaml~": settings,
      "/c/README": "text",
    }),
  );
  assert.deepEqual(refused, []);
  assert.deepEqual([...clusters.values()].map(({ name, file }) => [name, file]), [
    ["dwh", "/c/dwh.yml"],
    ["main", "/c/main.yaml"],
    ["shop", "/c/shop.json"],
  ]);
});

Deno.test("sources: what is wrong with one file is one line, quotes no secret, and stops no other", async () => {
  const secret = "AWS_SECRET_ACCESS_KEY: [hunter2";
  const sources = { ...FOLDER, files: new Map([["gone", "/nowhere.yaml"], ["main", "/c/other.json"]]) };
  const { clusters, refused } = await findClusters(
    sources,
    hostOf({
      "/c/other.json": "{}",
      "/c/main.yaml": "a: b",
      "/c/twice.json": '{"a": 1}',
      "/c/twice.yaml": "a: 1",
      '/c/a"b.yaml': "a: 1",
      "/c/a b.yaml": "a: 1",
      "/c/broken.yaml": secret,
      "/c/list.yaml": "- a",
      "/c/text.yaml": "hunter2",
      "/c/empty.yaml": "",
      "/c/well.yaml": "a: b",
    }),
  );
  assert.deepEqual([...clusters.keys()].toSorted(), ["twice", "well"]);
  const why = Object.fromEntries(refused.map(({ name, file, why }) => [file.replace("/c/", ""), [name, why]]));
  assert.deepEqual(Object.keys(why).toSorted(), [
    "/nowhere.yaml",
    "a b.yaml",
    'a"b.yaml',
    "broken.yaml",
    "empty.yaml",
    "list.yaml",
    "main.yaml",
    "other.json",
    "text.yaml",
    "twice.yaml",
  ]);
  assert.deepEqual(why["/nowhere.yaml"], ["gone", "cannot be read: No such file or directory (os error 2)"]);
  assert.deepEqual(why["main.yaml"], ["main", "the name 'main' is taken by /c/other.json; rename one of them"]);
  assert.deepEqual(why["twice.yaml"], ["twice", "the name 'twice' is taken by /c/twice.json; rename one of them"]);
  assert.equal(why["broken.yaml"]?.[0], "broken");
  assert.match(why["broken.yaml"]?.[1] ?? "", /^is not valid YAML in line \d; correct it$/);
  for (const file of ["list.yaml", "text.yaml", "empty.yaml"]) assert.match(why[file]?.[1] ?? "", /^holds no settings/);
  for (const { why } of refused) assert.doesNotMatch(why, /hunter2|\n/);
});

Deno.test("sources: one that is wanted by name must be there, and the others are not looked at", async () => {
  const host = hostOf({ "/c/a.yaml": "x: y", "/c/b.yaml": "[" });
  const { clusters, refused } = await findClusters({ ...FOLDER, wanted: ["a"] }, host);
  assert.deepEqual([[...clusters.keys()], refused], [["a"], []]);
  const doubles = hostOf({ "/c/a.yaml": "x: y", "/c/b.yaml": "x: y", "/c/b.yml": "x: y", "/c/b c.yml": "x: y" });
  assert.deepEqual((await findClusters({ ...FOLDER, wanted: ["a"] }, doubles)).refused, []);
  await assert.rejects(
    findClusters({ ...FOLDER, wanted: ["c"] }, host),
    new OperatorError("-cluster: there is no cluster 'c'; there is a, b"),
  );
  await assert.rejects(
    findClusters({ ...FOLDER, folder: "/d" }, host),
    new OperatorError("-clusters.dir: cannot read '/d': No such file or directory (os error 2)"),
  );
});

Deno.test("sources: a broken file takes no name, and the file in use keeps its own", async () => {
  const files = { "/c/a.json": "{", "/c/a.yaml": "x: y", "/c/b.json": '{"x": "y"}', "/c/b.yaml": "x: y" };
  const chosen = async (inUse: Readonly<Record<string, string>>, more: Readonly<Record<string, string>> = {}) => {
    const found = await findClusters(FOLDER, hostOf({ ...files, ...more }), new Map(Object.entries(inUse)));
    const refused = found.refused.map(({ file, why }) => `${file} ${why}`).toSorted();
    return [[...found.clusters.values()].map(({ file }) => file), refused];
  };
  const broken = "/c/a.json is not valid JSON; correct it";
  const taken = (file: string, by: string): string => `${file} the name 'b' is taken by ${by}; rename one of them`;
  assert.deepEqual(await chosen({}), [["/c/a.yaml", "/c/b.json"], [broken, taken("/c/b.yaml", "/c/b.json")]]);
  assert.deepEqual(
    await chosen({ b: "/c/b.yaml" }),
    [["/c/a.yaml", "/c/b.yaml"], [broken, taken("/c/b.json", "/c/b.yaml")]],
  );
  // Broken, it still is the file of that cluster.
  assert.deepEqual(
    await chosen({ b: "/c/b.yaml" }, { "/c/b.yaml": "[" }),
    [["/c/a.yaml"], [broken, taken("/c/b.json", "/c/b.yaml"), "/c/b.yaml is not valid YAML in line 1; correct it"]],
  );
});

Deno.test("sources: what a file holds makes it another one, not its time; JSON is read as JSON", async () => {
  const stamps = async (text: string): Promise<readonly (string | undefined)[]> => {
    const { clusters, refused } = await findClusters(FOLDER, hostOf({ "/c/a.json": text }));
    return [clusters.get("a")?.stamp, refused[0]?.why];
  };
  const [first] = await stamps('{"A": "x"}');
  assert.deepEqual(await stamps('{"A": "x"}'), [first, undefined]);
  assert.notEqual((await stamps('{"A": "y"}'))[0], first);
  for (const text of ['{"A": "x",}', "A: x", '\ufeff{"A": "x"}']) {
    assert.deepEqual(await stamps(text), [undefined, "is not valid JSON; correct it"]);
  }
});
