/** Headers of every answer: nothing is cached or guessed at. */
const COMMON: Readonly<Record<string, string>> = {
  // Without no-transform the server would compress identity answers itself.
  "cache-control": "no-store, no-transform",
  "x-content-type-options": "nosniff",
};

const POLICY = "content-security-policy";

/** Makes answers. */
export interface Respond {
  (body: BodyInit | null, type: string, more?: ResponseOptions): Response;
  /** Makes the headers of many answers once; each may add the length of its body. */
  prepare(type: string, more?: ResponseOptions): (body: BodyInit | null, length?: number) => Response;
}

/** Options of {@link Respond}. */
export interface ResponseOptions {
  readonly status?: number;
  /** With names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A maker of answers; `operators` are the headers that the operator set for all of them, beside the common ones. */
export function createRespond(operators: Readonly<Record<string, string>>): Respond {
  const lowered = Object.entries(operators).map(([name, value]) => [name.toLowerCase(), value] as const);
  const always: Readonly<Record<string, string>> = { ...COMMON, ...Object.fromEntries(lowered) };
  const prepare: Respond["prepare"] = (type, { status = 200, headers = {} } = {}) => {
    // Neither policy replaces the other: a browser obeys both.
    const [page, operator] = [headers[POLICY], always[POLICY]];
    const policies = page === undefined ? {} : {
      [POLICY]: operator === undefined ? page : `${page}, ${operator}`,
      // Only a page has links.
      "referrer-policy": "no-referrer",
    };
    const entries = Object.entries({ ...always, "content-type": type, ...headers, ...policies });
    return (body, length) => {
      const own: [string, string][] = length === undefined ? entries : [...entries, ["content-length", String(length)]];
      return new Response(body, { status, headers: own });
    };
  };
  return Object.assign(
    (body: BodyInit | null, type: string, more?: ResponseOptions) => prepare(type, more)(body),
    { prepare },
  );
}

/** The type of short answers for people. */
export const PLAIN_TEXT = "text/plain; charset=utf-8";

/** Sends the reader to another page. */
export function redirect(respond: Respond, location: string): Response {
  return respond(null, PLAIN_TEXT, { status: 307, headers: { location } });
}
