const MARKER = /-----(BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const BODY = /^["']?=?(?:[A-Za-z0-9+/*]|={0,2}\\[nr]=?)+={0,2}["',]*$/;
const HEADER = /^(?:\s*(?:Proc-Type|DEK-Info|Version|Comment|Charset|Hash): [^\n]*)*/;

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
  const header = HEADER.exec(text)?.[0].length ?? 0;
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
