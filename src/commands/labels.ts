import { type Flag, UsageError } from "../base/flag.ts";

/** The flag that gives every series labels of the operator's. */
export const LABEL_FLAG: Flag = {
  name: "label",
  kind: "texts",
  placeholder: "NAME=VALUE",
  help: "A label for every series, such as cluster=main; may be given several times.",
};

/** The labels that series have: another one of that name would be there twice. */
export const TAKEN_LABELS: readonly string[] = [
  "backup_name",
  "backup_type",
  "code",
  "content",
  "data_dir",
  "delta_origin",
  "deno_version",
  "error_type",
  "finish_lsn",
  "hostname",
  "instance_name",
  "is_permanent",
  "operation",
  "pg_version",
  "revision",
  "start_lsn",
  "status",
  "storage_name",
  "system_identifier",
  "timeline_hex",
  "timeline_id",
  "version",
  "wal_file",
];

/**
 * Reads labels as NAME=VALUE, by Prometheus' rules for names.
 *
 * @param named whether the clusters have names, which are in a label of their own
 * @throws UsageError that says what is wrong with one and what to write
 */
export function readLabels(texts: readonly string[], named: boolean): ReadonlyMap<string, string> {
  const taken = named ? [...TAKEN_LABELS, "cluster"] : TAKEN_LABELS;
  const labels = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf("=");
    const refuse = (why: string): UsageError => new UsageError(`-label: '${text}'${why}`);
    if (at < 0) throw refuse(" has no =; write NAME=VALUE, such as cluster=main");
    const [name, value] = [text.slice(0, at), text.slice(at + 1)];
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw refuse(`: '${name}' is not a label name; it has letters, digits and _, and does not begin with a digit`);
    }
    if (name.startsWith("__")) {
      throw refuse(": names that begin with __ are reserved by Prometheus; choose another");
    }
    if (taken.includes(name)) throw refuse(`: series have a label '${name}' already; choose another name`);
    if (value === "") throw refuse(" has an empty value, which Prometheus takes for no label; give it one");
    if (labels.has(name)) throw new UsageError(`-label: '${name}' is given twice; give each name once`);
    labels.set(name, value);
  }
  return labels;
}

/** A text exposition with more labels in each series; HELP and TYPE stay as they are. */
export function withLabels(exposition: string, labels: ReadonlyMap<string, string>): string {
  if (labels.size === 0) return exposition;
  const more = [...labels].map(([name, value]) => `${name}="${escaped(value)}"`).join(",");
  return exposition.replace(/^([a-z_]+)(\{?)/gm, (_, name, brace) => `${name}{${more}${brace === "" ? "}" : ","}`);
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
