import { type Extent, type Form, secretExtent } from "./secret_name.ts";

const NAME = /[A-Za-z_][A-Za-z0-9_.-]*/g;
// A name's closing quote (escaped in nested JSON), then `=` or `:`; or the blank after a command line flag.
const SEPARATOR = /(\\?["'])?([ \t]{0,64})([-=]>|[=:])([ \t]{0,64})/y;
/** Of a value, how much is looked at to tell whether it is one, characters. */
const LOOKED_AT = 128;
const LINE_PREFIX = /(?:^|\n)(?:[ \t>|-]*(?:export |set )?|[A-Z]+: \S+ \S+ )$/;
const NOT_A_VALUE = /^(?:is|was|flag|and|or|must|needs|not|to|has|cannot|for)\b/;
const URL_PARAMETER =
  /^(?:sig|se|access_token|AWSAccessKeyId|GoogleAccessId|X-(?:Amz|Goog)-(?:Signature|Credential|Security-Token))$/i;

const WORD = /(?:\\.|[^\s\\])*\\?/y;
const PARAMETER = /[^\s&#"'`<>]*/y;
const LINE = /[^\n]*/y;
const ELEMENT = /[^<\n]*/y;
const NEXT_ASSIGNMENT = /[ \t][A-Za-z_][A-Za-z0-9_]*=/;
const QUOTED: Readonly<Record<string, RegExp>> = {
  '"': /"(?:\\[^\n]|[^"\\\n])*/y,
  "'": /'(?:\\[^\n]|''(?=[^\s,;}\]])|[^'\\\n])*/y,
  '\\"': /\\"(?:\\\\.|[^"\\\n]|\\(?!"))*/y,
  "\\'": /\\'(?:\\\\.|[^'\\\n]|\\(?!'))*/y,
};

interface Found {
  /** Where the value begins and ends, without its quotes. */
  readonly start: number;
  readonly end: number;
}

/** Masks values after the names of secrets: assignments, JSON, YAML, XML, headers, URL parameters, flags. */
export function maskNamedValues(text: string): string {
  const parts: string[] = [];
  let done = 0;
  NAME.lastIndex = 0;
  for (let match = NAME.exec(text); match !== null; match = NAME.exec(text)) {
    const found = valueAfter(text, match[0], match.index);
    if (found === undefined || found.end <= found.start) continue;
    parts.push(text.slice(done, found.start), "***");
    done = found.end;
    NAME.lastIndex = done;
  }
  return parts.join("") + text.slice(done);
}

function valueAfter(text: string, name: string, index: number): Found | undefined {
  const end = index + name.length;
  const before = text[index - 1];
  if (text[end] === ">" && before === "<") {
    return secretExtent(name, "quoted", false) && { start: end + 1, end: endOf(ELEMENT, text, end + 1) };
  }
  if ((before === "?" || before === "&" || before === ";") && text[end] === "=") {
    const secret = URL_PARAMETER.test(name) || secretExtent(name, "quoted", false) !== undefined;
    return secret ? { start: end + 1, end: endOf(PARAMETER, text, end + 1) } : undefined;
  }
  SEPARATOR.lastIndex = end;
  const separator = SEPARATOR.exec(text);
  if (separator !== null) {
    const start = SEPARATOR.lastIndex;
    const form = formOf(separator);
    const extent = secretExtent(name, form, startsLine(text, index), text.slice(start, start + LOOKED_AT));
    return extent === undefined ? undefined : valueAt(text, start, extent, form);
  }
  if (/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(name) && /^[ \t]["']/.test(text.slice(end, end + 2))) {
    return secretExtent(name, "flag", false) && valueAt(text, end + 1, "word", "flag");
  }
  if (text.slice(index - 2, index) !== "--" || !/[ \t]/.test(text[end] ?? "")) return undefined;
  const value = text.slice(end + 1, end + 12);
  if (/^[-\s]/.test(value) || NOT_A_VALUE.test(value) || secretExtent(name, "flag", false) === undefined) {
    return undefined;
  }
  return valueAt(text, end + 1, "word", "flag");
}

function formOf([, quote, , sign, blank]: RegExpExecArray): Form {
  if (sign === "=") return "assignment";
  if (quote !== undefined) return "quoted";
  return blank === "" ? "joined" : "spaced";
}

function valueAt(text: string, start: number, extent: Extent, form: Form): Found | undefined {
  // `secret://…` and `key::…` are no values.
  if (form === "joined" && /^(?::|\/\/)/.test(text.slice(start, start + 2))) return undefined;
  const mark = text[start] === "\\" ? text.slice(start, start + 2) : text[start] ?? "";
  const quoted = QUOTED[mark];
  if (quoted !== undefined) {
    if (text.startsWith("''", start) && /^(?:[\s,;}\]]|$)/.test(text.slice(start + 2, start + 3))) return undefined;
    const end = endOf(quoted, text, start);
    // A shell joins `'a'b` to one word; elsewhere what follows the closing quote is no part of the value.
    const joined = form === "assignment" &&
      /^[^\s,;)\]}&`"'\\]/.test(text.slice(end + mark.length, end + mark.length + 1));
    if (!joined) return { start: start + mark.length, end };
  }
  if (extent === "word") return { start, end: withoutCloser(text, start, endOf(WORD, text, start)) };
  const end = endOf(LINE, text, start);
  const carriage = text[end - 1] === "\r" ? end - 1 : end;
  const next = form === "assignment" ? NEXT_ASSIGNMENT.exec(text.slice(start, carriage)) : null;
  return { start, end: next === null ? carriage : start + next.index };
}

/** Leaves a bracket, quote or comma that follows a value to the sentence. */
function withoutCloser(text: string, start: number, end: number): number {
  return end - start > 1 && /[\])}"'`,;.]/.test(text[end - 1] ?? "") ? end - 1 : end;
}

function endOf(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : start;
}

function startsLine(text: string, index: number): boolean {
  const before = text.slice(Math.max(0, index - 64), index);
  return LINE_PREFIX.test(index > 64 ? before.slice(1) : before) && (index <= 64 || before.includes("\n"));
}
