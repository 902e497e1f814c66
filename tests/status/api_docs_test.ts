import assert from "node:assert/strict";
import type * as v from "valibot";
import { OPERATIONS } from "../../src/operations/registry.ts";
import { ROOT } from "../support/paths.ts";
import { PROBLEM_CODES, StatusSchema } from "./schema.ts";

const DOCS = Deno.readTextFileSync(`${ROOT}/docs/api.md`);

/** A schema with what it may hold inside, as valibot keeps it. */
interface Nested extends v.GenericSchema {
  readonly entries?: Readonly<Record<string, Nested>>;
  readonly item?: Nested;
  readonly wrapped?: Nested;
}

/** The path of every field that holds no others, such as `operations[].last_error.time`. */
function fieldsOf({ entries, item, wrapped }: Nested, path = ""): readonly string[] {
  if (wrapped !== undefined) return fieldsOf(wrapped, path);
  if (item !== undefined) return fieldsOf(item, `${path}[]`);
  return Object.entries(entries ?? {}).flatMap(([name, field]) => {
    const at = path === "" ? name : `${path}.${name}`;
    const inner = fieldsOf(field, at);
    return inner.length > 0 ? inner : [at];
  });
}

const quoted = (text: string): readonly string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? "");

/** The fields that the table names: in its first column, or in its second as what the field of the first holds. */
function documentedFields(): ReadonlySet<string> {
  const rows = DOCS.split("\n").flatMap((line) => /^\| (`[^|]*) \| ([^|]*) \|$/.exec(line) ?? []);
  const named = new Set<string>();
  for (let at = 0; at < rows.length; at += 3) {
    const [, fields = "", meaning = ""] = rows.slice(at, at + 3);
    const [first = "", ...others] = quoted(fields);
    const siblings = others.map((other) => other.startsWith(".") ? first.replace(/\.?[^.]*$/, "") + other : other);
    for (const path of [first, ...siblings]) {
      named.add(path.replace(/\[\]$/, "")).add(path);
      for (const field of quoted(meaning)) named.add(`${path}.${field.replace(/\[\]$/, "")}`);
    }
  }
  return named;
}

Deno.test("docs/api.md names every field of the answer", () => {
  const fields = fieldsOf(StatusSchema as Nested);
  assert.ok(fields.length > 70, `${fields.length} fields`);
  const documented = documentedFields();
  assert.deepEqual(fields.filter((path) => !documented.has(path)), []);
});

Deno.test("docs/api.md and the schema name every problem that there is, and no other", () => {
  const files = [...Deno.readDirSync(`${ROOT}/src/status`)].filter(({ name }) => name.endsWith("_problems.ts"));
  const found = files.flatMap(({ name }) => [
    ...Deno.readTextFileSync(`${ROOT}/src/status/${name}`).matchAll(/^.*\bcode: "(\w+)"/gm),
  ]);
  const codes = [...found.map(([, code]) => code ?? ""), ...OPERATIONS.map(({ problem }) => problem.code)];
  assert.ok(codes.length > 10, codes.join(" "));
  const [, section = ""] = DOCS.split(/^## Problems$/m);
  const documented = [...section.split(/^## /m)[0]?.matchAll(/^\| `(\w+)` \| \w+ \| .+ \|$/gm) ?? []];
  assert.deepEqual(documented.map(([, code]) => code).toSorted(), codes.toSorted());
  assert.deepEqual([...PROBLEM_CODES].toSorted(), codes.toSorted());
});
