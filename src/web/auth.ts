import { Buffer } from "node:buffer";
import { createHmac, randomBytes } from "node:crypto";

/** Runs jobs one at a time. */
export interface RunQueue {
  /** The job's outcome once its turn has come; undefined, at once, when too many wait already. */
  add<T>(job: () => Promise<T>): Promise<T> | undefined;
}

/** A queue in which at most `maxWaiting` jobs wait behind the running one. A job that fails does not stop the next. */
export function createRunQueue(maxWaiting: number): RunQueue {
  let size = 0;
  let last: Promise<unknown> = Promise.resolve();
  return {
    add<T>(job: () => Promise<T>): Promise<T> | undefined {
      if (size > maxWaiting) return undefined;
      size++;
      const done = last.then(job).finally(() => {
        size--;
      });
      last = done.catch(() => undefined);
      return done;
    },
  };
}

/** `busy`: too many unknown credentials are being checked already; answer 503 at once. */
export type AuthResult = "ok" | "denied" | "busy";

/** User names and their bcrypt hashes. */
export type Users = ReadonlyMap<string, string>;

/** What {@link createAuthenticator} needs. */
export interface AuthenticatorOptions {
  readonly users: Users;
  /** bcrypt: whether a password fits a hash. It must yield to the event loop while it works. */
  readonly compare: (password: string, hash: string) => Promise<boolean>;
  /** Checks that may wait behind the running one; default 8. */
  readonly maxWaiting?: number;
  /** Refused credentials that are remembered; default 256. */
  readonly maxDenied?: number;
}

/** Basic authentication against the users of the web config. */
export interface Authenticator {
  /** Checks the Authorization header; without users everyone passes. Rejects only if `compare` does. */
  check(authorization: string | null): Promise<AuthResult>;
  /** The same without bcrypt: undefined when only {@link Authenticator.check} can tell. */
  checkCached(authorization: string | null): "ok" | "denied" | undefined;
  /** Takes the users of a re-read file; who stays with the same hash stays known. */
  replaceUsers(users: Users): void;
}

interface Credentials {
  readonly user: string;
  readonly password: string;
}

// Longer headers than any honest client's are refused unread.
const MAX_HEADER_LENGTH = 4096;
const HASH_BODY = "abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyzabcde";

/**
 * Makes an authenticator. Credentials are remembered only as HMAC-SHA-256 under a key of this process; an unknown user
 * costs the same bcrypt run as a wrong password; runs go one at a time.
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { compare, maxDenied = 256 } = options;
  const key = randomBytes(32);
  const queue = createRunQueue(options.maxWaiting ?? 8);
  const known = new Map<string, { readonly hash: string; readonly fingerprint: string }>();
  const denied = new Set<string>();
  const pending = new Map<string, Promise<AuthResult>>();
  let users = new Map(options.users);
  let hashes = [...users.values()];

  function fingerprintOf({ user, password }: Credentials): string {
    return createHmac("sha256", key).update(`${user}:${password}`).digest("base64");
  }

  // The dummy costs what some real user costs, always the same for one name: the time tells nothing when costs differ.
  function dummyHash(user: string): string {
    const digest = createHmac("sha256", key).update(user).digest();
    const model = hashes[digest.readUInt32BE() % hashes.length] ?? "$2b$10$";
    return model.slice(0, 7) + HASH_BODY;
  }

  function lookUp(credentials: Credentials, fingerprint: string): "ok" | "denied" | undefined {
    const entry = known.get(credentials.user);
    if (entry?.fingerprint === fingerprint && entry.hash === users.get(credentials.user)) return "ok";
    if (!denied.delete(fingerprint)) return undefined;
    denied.add(fingerprint);
    return "denied";
  }

  async function run({ user, password }: Credentials, fingerprint: string): Promise<AuthResult> {
    const hash = users.get(user);
    const matches = await compare(password, hash ?? dummyHash(user));
    // The users were replaced meanwhile: what was found out is about a hash that no longer counts.
    if (users.get(user) !== hash) return "denied";
    if (matches && hash !== undefined) {
      known.set(user, { hash, fingerprint });
      return "ok";
    }
    denied.add(fingerprint);
    for (const oldest of denied) {
      if (denied.size <= maxDenied) break;
      denied.delete(oldest);
    }
    return "denied";
  }

  return {
    checkCached(authorization) {
      if (users.size === 0) return "ok";
      const credentials = parseBasic(authorization);
      return credentials === undefined ? "denied" : lookUp(credentials, fingerprintOf(credentials));
    },
    async check(authorization) {
      if (users.size === 0) return "ok";
      const credentials = parseBasic(authorization);
      if (credentials === undefined) return "denied";
      const fingerprint = fingerprintOf(credentials);
      const cached = lookUp(credentials, fingerprint);
      if (cached !== undefined) return cached;
      const running = pending.get(fingerprint);
      if (running !== undefined) return await running;
      const added = queue.add(() => run(credentials, fingerprint));
      if (added === undefined) return "busy";
      pending.set(fingerprint, added);
      try {
        return await added;
      } finally {
        pending.delete(fingerprint);
      }
    },
    replaceUsers(next) {
      users = new Map(next);
      hashes = [...users.values()];
      denied.clear();
      for (const [user, { hash }] of known) {
        if (users.get(user) !== hash) known.delete(user);
      }
    },
  };
}

/** User and password of a Basic Authorization header (RFC 7617, UTF-8); undefined for any other header. */
function parseBasic(authorization: string | null): Credentials | undefined {
  if (authorization === null || authorization.length > MAX_HEADER_LENGTH) return undefined;
  const [, token] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization) ?? [];
  if (token === undefined) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(token, "base64"));
    const colon = text.indexOf(":");
    return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
  } catch {
    return undefined;
  }
}
