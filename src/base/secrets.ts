/**
 * Replaces credentials in a text by `***`: passwords in URLs and connection strings, values of settings such as
 * `AWS_SECRET_ACCESS_KEY`, authorization headers, signed URL parameters, private keys, access key ids and web tokens.
 *
 * Lines stay lines, and the time is linear in the length. What it leaves over goes to the log, and over HTTP to readers
 * who have logged in; the one line that all may read is WAL-G's own error message.
 */
export function maskSecrets(text: string): string {
  return maskSettings(maskPrivateKeys(text).replace(WORD, maskUrl))
    .replace(BAD_PORT, "$1***")
    .replace(BEARER, "$1 ***")
    .replace(WEB_TOKEN, "***")
    .replace(KEY_ID, "$1***");
}

// Tokens that show what they are: AWS key ids, bearer tokens, JSON web tokens, Google access tokens.
const KEY_ID = /(?<![A-Za-z0-9])(A(?:KIA|SIA|ROA|IDA|GPA))[A-Z0-9]{12,}(?![A-Za-z0-9])/g;
const BEARER = /\b(Bearer|Basic) +[A-Za-z0-9._~+/-]{16,}=*/g;
const WEB_TOKEN = /(?<![\w.-])(?:eyJ[\w-]{8,}\.[\w-]{2,}(?:\.[\w-]*)*|ya29\.[\w.-]{8,})/g;
// Go names the part of a URL that it could not read: of a password that is not percent-encoded, its beginning.
const BAD_PORT = /(invalid port ")[^"\n]*/g;

const KEY_MARKER = /(-----(?:BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)/;

/** Masks PEM and PGP private keys, also those whose beginning or end was cut off, word by word. */
function maskPrivateKeys(text: string): string {
  const parts = text.split(KEY_MARKER);
  const isKey = (index: number): boolean =>
    index % 2 === 1 || parts[index - 1]?.startsWith("-----BEGIN") === true ||
    parts[index + 1]?.startsWith("-----END") === true;
  return parts.map((part, index) => isKey(index) ? part.replace(/\S+/g, "***") : part).join("");
}

const WORD = /[^\s"`<>]+/g;
const USER = /:\/\/[^:@/]*:(?!\d{1,5}\/)/;
// A user alone is not a secret, but in the web's schemes it is a token.
const URL_TOKEN = /(https?:\/\/)[^:@/?#]+(?=@)/gi;

/** Masks what stands between a user's colon and the last `@` of a word, however the password is written. */
function maskUrl(word: string): string {
  const at = word.lastIndexOf("@");
  if (at === -1 || !word.includes("://")) return word;
  const user = USER.exec(word.slice(0, at));
  const masked = user === null ? word : `${word.slice(0, user.index + user[0].length)}***${word.slice(at)}`;
  return masked.replace(URL_TOKEN, "$1***");
}

const SECRET_NAME =
  /(?:password|passwd|passphrase|secret|token|apikey|accesskey|access_key_id|access_id)$|(?:^|_)(?:pass|pwd|signature|credential|sig|sas|sse_c|connection_string|authorization|cookie)$|_key$/;
const HEADER = /(?:^|[_-])(?:authorization|cookie)$/i;
// In front of a colon and a blank, words such as "token" and "ExpiredToken" may be part of a sentence; these are not.
const SETTING = /[_-]|^[A-Z0-9]+$|[Pp]ass(?:word|wd|phrase)$|[Ss]ecret/;
const LINE_START = /(?:^|\n)(?:[ \t-]*|export )$/;

// A name, its closing quote (escaped in nested JSON), and what parts it from its value.
const NAME = /(?<![\w.-])([\w.-]+)((?:\\?["'])?)[ \t]*([=:])([ \t]*)/g;
const QUOTED: Readonly<Record<string, RegExp>> = {
  '"': /(?:\\[^\n]|[^"\\\n])*/y,
  "'": /(?:\\[^\n]|''|[^'\\\n])*/y,
  '\\"': /(?:\\\\[^\n]|[^"\\\n]|\\(?!["\\]))*/y,
};
const PARAMETER = /[^\s&#"'`<>]*/y;
const UNQUOTED = /\S*/y;
// On a line of its own a value may hold blanks; the next assignment ends it.
const ASSIGNED = /[^\r\n]*?(?=[ \t][A-Za-z_]\w*=|[\r\n]|$)/y;
const LINE = /[^\r\n]*/y;

/** Masks the values of settings with secret names, as shells, JSON, YAML, headers, URLs and Go write them. */
function maskSettings(text: string): string {
  const parts: string[] = [];
  let done = 0;
  NAME.lastIndex = 0;
  for (let match = NAME.exec(text); match !== null; match = NAME.exec(text)) {
    const start = NAME.lastIndex;
    const before = text.slice(Math.max(0, match.index - 64), match.index);
    const after = text.slice(start, start + 2);
    const pattern = valuePattern(match, before, after);
    if (pattern === undefined) continue;
    const from = start + (pattern === QUOTED[quoteOf(after)] ? quoteOf(after).length : 0);
    pattern.lastIndex = from;
    pattern.exec(text);
    const end = Math.max(from, pattern.lastIndex);
    NAME.lastIndex = end;
    if (end === from) continue;
    parts.push(text.slice(done, from), "***");
    done = end;
  }
  return parts.join("") + text.slice(done);
}

/** What of the text after a name is its secret value; undefined when it holds none. */
function valuePattern(
  [, name = "", quote, sign, blank]: RegExpExecArray,
  before: string,
  after: string,
): RegExp | undefined {
  const words = name.slice(-64).replace(/([a-z0-9])([A-Z])/g, "$1_$2").replace(/[-.]/g, "_").toLowerCase();
  if (!SECRET_NAME.test(words) && !/^[A-Z0-9_]*KEY$/.test(name)) return undefined;
  if (HEADER.test(name)) return LINE;
  if (sign === "=" && /[?&]$/.test(before)) return PARAMETER;
  const isSetting = SETTING.test(name) || (/^[a-z]/.test(name) && LINE_START.test(before));
  const inSentence = sign === ":" && quote === "" && blank !== "" && !isSetting;
  // `secret://…` and `key::…` are not settings.
  if (inSentence || (sign === ":" && blank === "" && /^(?::|\/\/)/.test(after))) return undefined;
  const quoted = QUOTED[quoteOf(after)];
  if (quoted !== undefined) return quoted;
  if (sign === ":") return quote === "" && blank !== "" ? LINE : UNQUOTED;
  return LINE_START.test(before) ? ASSIGNED : UNQUOTED;
}

/** The quote that a value begins with, escaped or not; "" without one. */
function quoteOf(after: string): string {
  return /^\\?["']/.exec(after)?.[0] ?? "";
}
