/** Headers of every answer: nothing is kept by caches, guessed about or told to other sites. */
const COMMON: Readonly<Record<string, string>> = {
  // Without no-transform the server would compress identity answers itself.
  "cache-control": "no-store, no-transform",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** Makes an answer; `extra` are the headers that the operator set for all of them. */
export type Respond = (body: BodyInit | null, type: string, more?: ResponseOptions) => Response;

/** Options of {@link Respond}. */
export interface ResponseOptions {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A maker of answers with the given headers beside the common ones. */
export function createRespond(extra: Readonly<Record<string, string>>): Respond {
  const always = { ...COMMON, ...extra };
  return (body, type, { status = 200, headers = {} } = {}) =>
    new Response(body, { status, headers: { ...always, "content-type": type, ...headers } });
}

/** The type of short answers for people. */
export const PLAIN_TEXT = "text/plain; charset=utf-8";
