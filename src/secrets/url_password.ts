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
