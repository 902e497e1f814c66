import assert from "node:assert/strict";
import type * as v from "valibot";
import { PROBLEM_CODES, PROBLEMS } from "../../src/operations/problems.ts";
import { ROOT } from "../support/paths.ts";
import { StatusSchema } from "./schema.ts";

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

Deno.test("docs/api.md names every problem that there is in its order, with its levels, and no other", () => {
  const [, section = ""] = DOCS.split(/^## Problems$/m);
  const rows = [...section.split(/^## /m)[0]?.matchAll(/^\| `(\w+)` \| ([\w, ]+) \| .+ \|$/gm) ?? []];
  assert.deepEqual(
    rows.map(([, code, levels]) => `${code}: ${levels}`),
    PROBLEM_CODES.map((code) => `${code}: ${PROBLEMS[code].levels.join(", ")}`),
  );
});
