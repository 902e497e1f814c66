import { Buffer } from "node:buffer";
import { createHmac, randomBytes } from "node:crypto";

/**
 * `ok`: these are a user's name and password. `open`: no passwords are set. `busy`: too many unknown credentials are
 * being checked already. `unavailable`: they could not be checked.
 */
export type AuthResult = "ok" | "open" | "denied" | "busy" | "unavailable";

/** User names and their bcrypt hashes. */
export type Users = ReadonlyMap<string, string>;

interface AuthenticatorOptions {
  readonly users: Users;
  /** bcrypt: whether a password fits a hash. It must not hold the event loop, and it checks one password at a time. */
  readonly compare: (password: string, hash: string) => Promise<boolean>;
  /** Checks that may wait behind the running one; default 8. */
  readonly maxWaiting?: number;
  /** Refused credentials that are remembered; default 256. */
  readonly maxDenied?: number;
}

/** Basic authentication against the users of the web config. */
export interface Authenticator {
  /** Checks the Authorization header. It never rejects. */
  check(authorization: string | null): Promise<AuthResult>;
  /** The same without bcrypt: undefined when only {@link Authenticator.check} can decide. */
  checkCached(authorization: string | null): "ok" | "open" | "denied" | undefined;
  /** Takes the users of a re-read file; those whose hash is unchanged stay logged in. */
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
 * costs the same bcrypt run as a wrong password.
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { compare, maxWaiting = 8, maxDenied = 256 } = options;
  const key = randomBytes(32);
  const known = new Map<string, { readonly hash: string; readonly fingerprint: string }>();
  const denied = new Set<string>();
  const pending = new Map<string, Promise<AuthResult>>();
  let users = new Map(options.users);
  let hashes = [...users.values()];

  function fingerprintOf({ user, password }: Credentials): string {
    return createHmac("sha256", key).update(`${user}:${password}`).digest("base64");
  }

  // The dummy costs what some real user's hash costs, always the same for one name, so that the time of an answer does
  // not give away which users exist.
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
      if (users.size === 0) return "open";
      const credentials = parseBasic(authorization);
      return credentials === undefined ? "denied" : lookUp(credentials, fingerprintOf(credentials));
    },
    async check(authorization) {
      if (users.size === 0) return "open";
      const credentials = parseBasic(authorization);
      if (credentials === undefined) return "denied";
      const fingerprint = fingerprintOf(credentials);
      const cached = lookUp(credentials, fingerprint);
      if (cached !== undefined) return cached;
      const running = pending.get(fingerprint);
      if (running !== undefined) return await running;
      if (pending.size > maxWaiting) return "busy";
      const result = run(credentials, fingerprint)
        .catch((): AuthResult => "unavailable")
        .finally(() => pending.delete(fingerprint));
      pending.set(fingerprint, result);
      return await result;
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
