import assert from "node:assert/strict";
import { cpuUsage } from "node:process";
import fc from "fast-check";
import { maskSecrets } from "../../src/base/secrets.ts";

const ALPHANUMERIC = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"];
const SYMBOLS = [..."!#$%&()*+,-./:;<=>?@[]^_{|}~"];

function secretOf(characters: readonly string[], minLength = 12): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...characters), { minLength, maxLength: 60 }).map((chars) => `Zq${chars.join("")}qZ`);
}

const plain = secretOf(ALPHANUMERIC);
const base64 = secretOf([...ALPHANUMERIC, "+", "/"]);
const word = secretOf([...ALPHANUMERIC, ...SYMBOLS]);
const phrase = secretOf([...ALPHANUMERIC, ...SYMBOLS, " ", '"', "'", "\\"]);

const name = fc.constantFrom(
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SECRET_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_SESSION_TOKEN",
  "AZURE_STORAGE_ACCESS_KEY",
  "AZURE_STORAGE_SAS_TOKEN",
  "OSS_ACCESS_KEY_SECRET",
  "WALG_LIBSODIUM_KEY",
  "WALG_PGP_KEY",
  "WALG_PGP_KEY_PASSPHRASE",
  "WALG_S3_SSE_C",
  "GCS_ENCRYPTION_KEY",
  "PGPASSWORD",
  "SSH_PASSWORD",
  "OS_PASSWORD",
  "SOME_TOKEN",
  "aws_secret_access_key",
  "client_secret",
);

const quoted = (text: string, quote: string): string => text.replace(/\\/g, "\\\\").replaceAll(quote, `\\${quote}`);

/** Each way to write a secret, as the texts that must not be found again and the text they stand in. */
const FORMS: Readonly<Record<string, fc.Arbitrary<{ secrets: string[]; text: string }>>> = {
  "environment": fc.tuple(name, word).map(([n, s]) => ({ secrets: [s], text: `${n}=${s}` })),
  "environment in a sentence": fc.tuple(name, word).map(([n, s]) => ({ secrets: [s], text: `bad ${n}=${s} given` })),
  "debug line": fc.tuple(name, word).map(([n, s]) => ({
    secrets: [s],
    text: `DEBUG: 2026/11/23 03:37:04.622896 ${n}=${s}\nnext`,
  })),
  "shell": fc.tuple(name, word).map(([n, s]) => ({ secrets: [s], text: `export ${n}='${s}' && wal-g` })),
  "ini": fc.tuple(name, word).map(([n, s]) => ({ secrets: [s], text: `[default]\n${n} = ${s}\n` })),
  "json": fc.tuple(name, phrase).map(([n, s]) => {
    const value = JSON.stringify(s);
    return { secrets: [value.slice(1, -1)], text: `{"PGHOST": "/run", "${n}": ${value}, "A": "b"}` };
  }),
  "json in json": fc.tuple(name, word, word).map(([n, s, t]) => ({
    secrets: [s, t],
    text: JSON.stringify({ text: JSON.stringify({ [n]: `${s} ${t}`, a: "b" }) }),
  })),
  "environment with blanks": fc.tuple(name, plain, plain).map(([n, s, t]) => ({
    secrets: [s, t],
    text: `A=b\n${n}=${s} ${t}\nexport ${n}=${s} ${t} B=c\nd`,
  })),
  "yaml": fc.tuple(name, word).map(([n, s]) => ({ secrets: [s], text: `a: b\n  ${n}: ${s}\nc: d` })),
  "yaml in lower case": fc.tuple(fc.constantFrom("pgpassword", "token", "secret", "apikey", "passphrase"), word).map((
    [n, s],
  ) => ({ secrets: [s], text: `bad config:\n  - ${n}: ${s}\n  a: b` })),
  "yaml with blanks": fc.tuple(name, plain, plain).map(([n, s, t]) => ({
    secrets: [s, t],
    text: `${n}: ${s} ${t}\nc: d`,
  })),
  "yaml quoted": fc.tuple(name, phrase).map(([n, s]) => {
    const value = quoted(s, '"');
    return { secrets: [value], text: `${n}: "${value}"\nc: d` };
  }),
  "flag with =": fc.tuple(name, word).map(([n, s]) => ({
    secrets: [s],
    text: `wal-g --${n.toLowerCase().replaceAll("_", "-")}=${s} backup-list`,
  })),
  "url": word.map((s) => ({
    secrets: [encodeURIComponent(s)],
    text: `cannot open https://user:${encodeURIComponent(s)}@example.org:9000/a?b=c here`,
  })),
  "urls in a row": fc.tuple(plain, plain, plain).map(([s, t, u]) => ({
    secrets: [s, t, u],
    text: `no proxy of http://${s}@a.example:3128,https://${t}@b.example:3128/,http://c:${u}@c.example is there`,
  })),
  "url unquoted": secretOf([...ALPHANUMERIC, ..."!$&()*+,-./:;=?@[]^_{|}~%#"]).map((s) => ({
    secrets: [s],
    text: `"postgres://user:${s}@example.org/db": wrong`,
  })),
  "connection string": word.map((s) => ({ secrets: [s], text: `host=/run user=postgres password=${s} dbname=x` })),
  "connection string quoted": phrase.map((s) => ({
    secrets: [quoted(s, "'")],
    text: `host=/run password='${quoted(s, "'")}' dbname=x`,
  })),
  "connection string in backticks": plain.map((s) => ({
    secrets: [s],
    text: `failed to connect to \`user=a password=${s}\`: refused`,
  })),
  "authorization header": fc.tuple(fc.constantFrom("Basic", "Bearer", "AWS"), base64).map(([scheme, s]) => ({
    secrets: [s],
    text: `GET /\nAuthorization: ${scheme} ${s}==\nAccept: */*`,
  })),
  "bearer": base64.map((s) => ({ secrets: [s], text: `sent Bearer ${s}== to the host` })),
  "go map": fc.tuple(fc.constantFrom("X-Auth-Token", "X-Amz-Security-Token", "Authorization"), base64)
    .map(([n, s]) => ({ secrets: [s], text: `map[Accept:[*/*] ${n}:[${s}]]` })),
  "header": fc.tuple(fc.constantFrom("X-Auth-Token", "x-amz-security-token", "X-Vault-Token"), base64)
    .map(([n, s]) => ({ secrets: [s], text: `GET /\n${n}: ${s}\nAccept: */*` })),
  "signed url": fc.tuple(
    fc.constantFrom(
      "X-Amz-Signature",
      "X-Amz-Credential",
      "X-Amz-Security-Token",
      "X-Goog-Signature",
      "sig",
      "AWSAccessKeyId",
    ),
    word,
  ).map(([n, s]) => ({
    secrets: [encodeURIComponent(s)],
    text: `Get "https://b.example.org/c?sv=1&${n}=${encodeURIComponent(s)}&sp=r": EOF`,
  })),
  "signature": base64.map((s) => ({
    secrets: [s],
    text: `'AWS4-HMAC-SHA256 Credential=${s}/s3, SignedHeaders=host, Signature=${s}'`,
  })),
  "azure connection string": base64.map((s) => ({ secrets: [s], text: `AccountName=a;AccountKey=${s}==;Suffix=b` })),
  "access key id": fc.tuple(fc.constantFrom("AKIA", "ASIA"), fc.stringMatching(/^[A-Z0-9]{16}$/))
    .map(([prefix, s]) => ({ secrets: [s], text: `the key ${prefix}${s} is unknown` })),
  "web token": fc.tuple(plain, plain).map(([s, t]) => ({
    secrets: [s, t],
    text: `token eyJ${s}.eyJ${t}.${s} expired`,
  })),
};

const keyLine = fc.stringMatching(/^[a-z][A-Z][0-9][A-Za-z0-9+/]{61}$/);
const keyBody = fc.tuple(fc.array(keyLine, { minLength: 2, maxLength: 12 }), plain)
  .map(([lines, last]) => [...lines, `${last}==`]);
const label = fc.constantFrom("RSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK");

/** No six letters in a row of a secret are found in a text. */
function assertGone(secrets: readonly string[], masked: string): void {
  for (const secret of secrets) {
    for (let i = 0; i + 6 <= secret.length; i++) {
      const piece = secret.slice(i, i + 6);
      assert.ok(!masked.includes(piece), `${JSON.stringify(piece)} survives in ${JSON.stringify(masked)}`);
    }
  }
}

const lineCount = (text: string): number => text.split("\n").length;

for (const [form, planted] of Object.entries(FORMS)) {
  Deno.test(`a secret does not survive: ${form}`, () => {
    fc.assert(
      fc.property(planted, ({ secrets, text }) => {
        const masked = maskSecrets(text);
        assertGone(secrets, masked);
        assert.equal(lineCount(masked), lineCount(text));
        assert.equal(maskSecrets(masked), masked);
      }),
      { numRuns: 300 },
    );
  });
}

Deno.test("a private key does not survive, whole, in one line, or cut anywhere", () => {
  fc.assert(
    fc.property(label, keyBody, fc.constantFrom("\n", "\\n", "\n    "), fc.nat(), fc.nat(), (kind, body, eol, a, b) => {
      const key = [`-----BEGIN ${kind}-----`, ...body, `-----END ${kind}-----`].join(eol);
      assertGone(body, maskSecrets(`WALG_PGP_KEY: "${key}"\nERROR: x`));
      assertGone(body, maskSecrets(`read\n${key}\nERROR: x`));
      if (eol === "\\n") return;
      const from = a % key.length;
      const cut = maskSecrets(key.slice(from) + "\nERROR: 2026/11/23 03:37:04 wrong key");
      assert.match(cut, /ERROR: 2026\/11\/23 03:37:04 wrong key$/);
      // A last piece shorter than two lines is recognised only by its marker.
      if (from < key.length - 80) assertGone(body, cut);
      const short = maskSecrets("parse\n" + key.slice(0, Math.max(1, b % key.length)));
      assertGone(body, short);
    }),
    { numRuns: 200 },
  );
});

Deno.test("what WAL-G and its libraries say stays readable", () => {
  const sentences = [
    "ExpiredToken: The provided token has expired.\n\tstatus code: 400, request id: QM5YDT8SSF124DTA, host id: abc",
    "InvalidToken: The provided token is malformed or otherwise invalid.",
    "NoSuchKey: The specified key does not exist.",
    "InvalidAccessKeyId: The AWS Access Key Id you provided does not exist in our records.",
    "SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    'FATAL: password authentication failed for user "postgres" (SQLSTATE 28P01)',
    "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.",
    'Get "http://s3.example:9000/bkt1?versioning=": dial tcp s3.example:9000: connect: connection refused',
    "invalid token: unexpected end of JSON input",
    "libsodium Crypter must have a key or key path",
    'setting "S3_SSE_C" must be a boolean',
    "host id: 6AOCV7lAthfBCOBh8wHZ1B96p1qEzLoHuFaYulFWSEl42INaeOCYk8VCGctgWK3xbWOZ5D/3ZwU=",
    "ssh: unable to authenticate, attempted methods [none password], no supported methods remain",
    "https://s3.example/bkt/object@1 and mail@example.org",
    "unknown flag: --token",
    "open /srv/wal-g/basebackups_005: permission denied",
    "WARNING: 2026/11/23 03:37:04.483885 Could not parse the timeline Id from 000000010000000000000004.00000028.backup.lz4.",
  ];
  for (const sentence of sentences) assert.equal(maskSecrets(sentence), sentence);
});

Deno.test("only the value is taken out", () => {
  const cases = {
    "postgres://u:p%40ss@db.example:5432/x?sslmode=require": "postgres://u:***@db.example:5432/x?sslmode=require",
    'parse "postgres://u:pa#ss@h/db": invalid port ":pa" after host':
      'parse "postgres://u:***@h/db": invalid port "***" after host',
    "PGPASSWORD=a;b)c AWS_REGION=eu": "PGPASSWORD=*** AWS_REGION=eu",
    "user=a password='b c' dbname=x": "user=a password='***' dbname=x",
    "password='' dbname=x": "password='' dbname=x",
    '{"AWS_SECRET_ACCESS_KEY":"a\\"b","AWS_REGION":"eu"}': '{"AWS_SECRET_ACCESS_KEY":"***","AWS_REGION":"eu"}',
    "https://c.example/?sv=1&se=2026&sig=a%2Fb&sp=r": "https://c.example/?sv=1&se=2026&sig=***&sp=r",
    "AKIAIOSFODNN7EXAMPLE is unknown": "AKIA*** is unknown",
  };
  for (const [text, masked] of Object.entries(cases)) assert.equal(maskSecrets(text), masked);
});

Deno.test("a token before a host is masked, and what only looks like a setting stays readable", () => {
  assert.equal(maskSecrets('Get "https://hunter22@storage.example/b"'), 'Get "https://***@storage.example/b"');
  const readable = [
    "ExpiredToken: The provided token has expired.",
    "invalid token: expired",
    "NoSuchKey: wal_005/000000010000000000000004.lz4",
    "ssh://postgres@backup.example/srv",
    "https://storage.example/a@b",
    "https://storage.example:9000/bucket/a@b",
  ];
  for (const text of readable) assert.equal(maskSecrets(text), text);
});

Deno.test("lines stay lines, whatever the text", () => {
  const pieces = fc.constantFrom(
    ..."=:;,'\"\\ \n\t`<>@/?&#-.*)]}",
    "://",
    "password",
    "AWS_SECRET_KEY",
    "Authorization",
    "--token",
    "-----BEGIN PRIVATE KEY-----",
    "-----END PRIVATE KEY-----",
    "AKIAIOSFODNN7EXAMPLE",
    "sig",
    "''",
    "ERROR: 2026/11/23 03:37:04 ",
  );
  const text = fc.array(fc.oneof(pieces, fc.string(), fc.string({ unit: "binary" }), keyLine), { maxLength: 30 });
  fc.assert(
    fc.property(text, (parts) => {
      assert.equal(lineCount(maskSecrets(parts.join(""))), lineCount(parts.join("")));
    }),
    { numRuns: 3000 },
  );
});

Deno.test("time grows no faster than the text", () => {
  const hostile = [
    "a",
    " ",
    "://",
    "://a@",
    "http://a:b@",
    "password=",
    "A_KEY=1 ",
    "token   ",
    "--token ",
    "-----BEGIN PRIVATE KEY-----\n",
    "-----BEGIN ",
    "Version: a ",
    "eyJaaaaaaaaa.",
    '"password":"',
    "'",
    "\\\\",
    "AKIA",
    "Bearer ",
    "<a_key>",
    'invalid port "',
    "A1b".repeat(30) + "\n",
    "key\t\t\t",
    "a-",
    "a=",
    "a'",
    "password='",
    '\\"',
    "https://",
    "@",
  ];
  const seconds = (unit: string, length: number): number => {
    const text = unit.repeat(Math.ceil(length / unit.length));
    const start = cpuUsage();
    maskSecrets(text);
    return cpuUsage(start).user / 1e6;
  };
  fc.assert(
    fc.property(fc.constantFrom(...hostile), fc.constantFrom("", ...hostile), (unit, other) => {
      // A quadratic pattern takes hours here; CPU time is the same on a busy machine.
      assert.ok(seconds(unit + other, 1_000_000) < 5, JSON.stringify(unit + other));
    }),
    { numRuns: 40 },
  );
});
