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
