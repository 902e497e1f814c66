/** How a name and its value are written. */
export type Form = "assignment" | "quoted" | "joined" | "spaced" | "flag";

/** What of the text after a name is its value. */
export type Extent = "word" | "line";

const SUFFIX =
  /(?:password|passwd|passphrase|secret|token|apikey|accesskey|access_key_id)$|(?:^|_)(?:pass|pwd|signature|credential|sig|sas|sse_c|connection_string|authorization|auth_key|cookie)$|_key$/;
const UPPER_KEY = /^(?:[A-Z0-9_]*_)?[A-Z0-9]*KEY$/;
const HEADER = /(?:^|_)(?:authorization|cookie)$/;
const PASSWORD = /^(?:password|passwd|passphrase)$/;
// In CamelCase, as error codes are ("ExpiredToken: The provided token has expired"), only these hold a secret.
const CAMEL =
  /^(?:(?:aws_)?secret(?:_access)?_key|(?:session|access|refresh|id|sas|security)_token|(?:account|shared_access|private|api|access)_key|client_secret|secret_string|password|passphrase|shared_access_signature)$/;

// A value in the middle of a sentence: prose has no digits, a secret hardly ever none.
const LIKE_A_SECRET = /^(?=\S*\d)(?=\S*[A-Za-z])[^\s:/]{6,}(?=[\s,;.)\]}"']|$)/;
const PLAIN = /^(?:[a-z]+|[A-Z][a-z]+)$/;

/**
 * Whether a name says that its value is secret, in the form it is written in, and how far that value goes.
 *
 * @param after what stands after the name and its separator
 * @param atLineStart nothing but indentation or a log prefix stands before it: a setting, not a word in a sentence
 */
export function secretExtent(name: string, form: Form, atLineStart: boolean, after = ""): Extent | undefined {
  const words = name.slice(-48).replace(/([a-z0-9])([A-Z])/g, "$1_$2").replace(/[-.]/g, "_").toLowerCase();
  if (!SUFFIX.test(words) && !UPPER_KEY.test(name.slice(-48))) return undefined;
  if (HEADER.test(words)) return form === "flag" ? "word" : "line";
  if (form !== "spaced") return form === "assignment" && atLineStart ? "line" : "word";
  const setting = /[_-]/.test(name) || /^[A-Z0-9]+$/.test(name) || PASSWORD.test(words) || CAMEL.test(words);
  if (setting) return atLineStart ? "line" : "word";
  if (atLineStart && /^[a-z]/.test(name)) return "line";
  return PLAIN.test(name) && LIKE_A_SECRET.test(after) ? "word" : undefined;
}

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

const MARKER = /-----(BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const BODY = /^["']?=?(?:[A-Za-z0-9+/*]|={0,2}\\[nr]=?)+={0,2}["',]*$/;
const KEY_HEADER = /^(?:\s*(?:Proc-Type|DEK-Info|Version|Comment|Charset|Hash): [^\n]*)*/;

/** Shortest token that is taken for a line of a key between markers, and where there is no marker at all. */
const MARKED = 40;
const UNMARKED = 60;

interface Token {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Nothing else is on its line. */
  readonly alone: boolean;
}

/** Masks PEM and PGP private keys, word by word, also those whose beginning or end was cut off. */
export function maskPrivateKeys(text: string): string {
  const parts: string[] = [];
  let done = 0;
  let open = false;
  for (const marker of text.matchAll(MARKER)) {
    const before = text.slice(done, marker.index);
    const ends = marker[1] === "END";
    if (open) parts.push(ends ? maskWords(before) : maskBeginning(before));
    else parts.push(ends ? maskEnding(before) : maskUnmarked(before));
    parts.push(marker[0]);
    done = marker.index + marker[0].length;
    open = !ends;
  }
  const rest = text.slice(done);
  return parts.join("") + (open ? maskBeginning(rest) : maskUnmarked(rest));
}

function maskWords(text: string): string {
  return text.replace(/\S+/g, "***");
}

/** What follows a BEGIN whose END was cut off: everything as long as it looks like a key. */
function maskBeginning(text: string): string {
  const header = KEY_HEADER.exec(text)?.[0].length ?? 0;
  const last = text.trimEnd().length;
  let end = header;
  for (const token of tokensOf(text)) {
    if (token.start < header) continue;
    const fits = token.text.length >= MARKED || token.alone || token.end === last;
    if (!BODY.test(token.text) || !fits) break;
    end = token.end;
  }
  return maskWords(text.slice(0, end)) + maskUnmarked(text.slice(end));
}

/** What precedes an END whose BEGIN was cut off. */
function maskEnding(text: string): string {
  const tokens = tokensOf(text);
  let start = text.length;
  for (const token of tokens.toReversed()) {
    const nearest = start === text.length;
    const fits = token.text.length >= MARKED || token.alone || nearest || token.start === 0;
    if (!BODY.test(token.text) || !fits) break;
    start = token.start;
  }
  return maskUnmarked(text.slice(0, start)) + maskWords(text.slice(start));
}

/** A key of which both markers were cut off: long lines of base64, and the shorter ones at their ends. */
function maskUnmarked(text: string): string {
  const tokens = tokensOf(text);
  const long = tokens.map(isLongBody);
  const key = tokens.map((token, i) =>
    long[i] === true && (token.alone || long[i - 1] === true || long[i + 1] === true)
  );
  const parts: string[] = [];
  let done = 0;
  for (const [i, token] of tokens.entries()) {
    const edge = token.alone && BODY.test(token.text) && (key[i - 1] === true || (i === 0 && key[1] === true));
    if (key[i] !== true && !edge) continue;
    parts.push(text.slice(done, token.start), "***");
    done = token.end;
  }
  return parts.join("") + text.slice(done);
}

function isLongBody({ text }: Token): boolean {
  return text.length >= UNMARKED && BODY.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text) && /[0-9]/.test(text);
}

function tokensOf(text: string): readonly Token[] {
  return Array.from(text.matchAll(/\S+/g), (match) => {
    const end = match.index + match[0].length;
    const before = /(?:^|\n)[ \t\r]*$/.test(text.slice(Math.max(0, match.index - 32), match.index));
    const after = /^[ \t\r]*(?:\n|$)/.test(text.slice(end, end + 32));
    return { start: match.index, end, text: match[0], alone: before && after };
  });
}

const END = /[\s"`<>]/g;
// Where an "@" after a slash belongs to a path; in other schemes it ends a password with an unquoted slash.
const PATHS_WITH_AT = /^(?:https?|s3|gs|azure|swift|file)$/i;

/** Masks `password` in `scheme://user:password@host`, percent-encoded or with unquoted reserved characters. */
export function maskUrlPasswords(text: string): string {
  const parts: string[] = [];
  let done = 0;
  let end = 0;
  let lastAt = -1;
  for (let colon = text.indexOf("://"); colon !== -1; colon = text.indexOf("://", Math.max(done, colon + 3))) {
    const start = colon + 3;
    if (start > end) {
      end = endOfUrl(text, start);
      const at = text.slice(start, end).lastIndexOf("@");
      lastAt = at === -1 ? -1 : start + at;
    }
    if (lastAt < start) continue;
    const scheme = /[A-Za-z][A-Za-z0-9+.-]*$/.exec(text.slice(Math.max(0, colon - 16), colon))?.[0] ?? "";
    const password = passwordStart(text.slice(start, lastAt), scheme);
    if (password === undefined) continue;
    parts.push(text.slice(done, start + password), "***");
    done = lastAt;
  }
  return parts.join("") + text.slice(done);
}

/** Where the password begins in what stands between `://` and the last `@`; undefined if that holds no password. */
function passwordStart(text: string, scheme: string): number | undefined {
  const authority = /^(?:\[[^\]\s]*\])?[^/?#]*/.exec(text)?.[0] ?? "";
  const host = /^\[[^\]\s]*\]/.exec(authority)?.[0].length ?? 0;
  const colon = authority.indexOf(":", host);
  // A user alone is no secret, but in the web's schemes it is a token.
  if (colon === -1) return authority.length === text.length && text !== "" && /^https?$/i.test(scheme) ? 0 : undefined;
  const whole = authority.length === text.length;
  if (whole || authority.includes("@", colon)) return colon + 1;
  const port = /^\d{0,5}$/.test(authority.slice(colon + 1));
  return port && PATHS_WITH_AT.test(scheme) ? undefined : colon + 1;
}

function endOfUrl(text: string, start: number): number {
  END.lastIndex = start;
  for (let match = END.exec(text); match !== null; match = END.exec(text)) {
    // Go's %q writes a quote inside a URL as \".
    if (match[0] !== '"' || text[match.index - 1] !== "\\") return match.index;
  }
  return text.length;
}

// Tokens that show what they are: AWS key ids, bearer tokens, JSON web tokens, Google access tokens.
const KEY_ID = /(?<![A-Za-z0-9])(A(?:KIA|SIA|ROA|IDA|GPA))[A-Z0-9]{12,}(?![A-Za-z0-9])/g;
const BEARER = /\b(Bearer|Basic) +[A-Za-z0-9._~+/-]{16,}=*/g;
const WEB_TOKEN = /(?<![\w.-])(?:eyJ[\w-]{8,}\.[\w-]{2,}(?:\.[\w-]*)*|ya29\.[\w.-]{8,})/g;
// Go names the part of a URL it could not read: of an unquoted password, its beginning.
const BAD_PORT = /(invalid port ")[^"\n]*/g;

// One mask can bring two others together; the rounds are bounded, so that hostile text costs no more than this.
const ROUNDS = 8;

/**
 * Replaces credentials in a text by `***`: passwords in URLs and connection strings, values after names such as
 * `AWS_SECRET_ACCESS_KEY`, authorization headers, signed URL parameters, private keys (also cut ones), access key ids.
 *
 * Lines stay lines, words stay readable, masking twice changes nothing more, and the time is linear in the length.
 */
export function maskSecrets(text: string): string {
  let before = text;
  let masked = maskOnce(text);
  for (let round = 1; masked !== before && round < ROUNDS; round++) {
    before = masked;
    masked = maskOnce(masked);
  }
  return masked;
}

function maskOnce(text: string): string {
  return maskNamedValues(maskUrlPasswords(maskPrivateKeys(text)))
    .replace(BAD_PORT, "$1***")
    .replace(BEARER, "$1 ***")
    .replace(WEB_TOKEN, "***")
    .replace(KEY_ID, "$1***");
}
