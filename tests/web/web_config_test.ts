import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { loadKeyPair } from "../../src/web/access.ts";
import { bcryptCost, parseWebConfig, type WebConfig, WebConfigError } from "../../src/web/web_config.ts";

const FOLDER = new URL("../../fixtures/web-config/", import.meta.url).pathname;

const NO_CLIENT_CERTIFICATES = "client certificates cannot be checked here; remove the key, or let a proxy check them";
const NO_HASH = "not a bcrypt hash ($2a$, $2b$ or $2y$, cost 4 to 14); make one with 'htpasswd -nBC 10 john'";
const FIXED_SUITES = "the runtime decides, and its choice cannot be changed; remove the key";
const TLS_VERSIONS = "TLS 1.2 and 1.3 are always both on, and older versions never; remove the key or write";
const HEADERS =
  "Content-Security-Policy, X-Frame-Options, X-Content-Type-Options, X-XSS-Protection, Strict-Transport-Security";
const CERT_MISSING = "cert and cert_file are both missing; name the cert_file";
const KEY_MISSING = "key and key_file are both missing; name the key_file";

/** What follows `Cannot use web config 'FILE': `. */
const FAULTS: Readonly<Record<string, string>> = {
  "auth_type_alone.yml": `tls_server_config: ${CERT_MISSING}`,
  "cert_empty.yml": `tls_server_config: ${CERT_MISSING}`,
  "cert_missing.yml": `tls_server_config: ${CERT_MISSING}`,
  "cert_twice.yml": "tls_server_config: cert and cert_file are both given; remove one of them",
  "cipher_suites.yml": `tls_server_config.cipher_suites: ${FIXED_SUITES}`,
  "client_allowed_sans.yml": `tls_server_config.client_allowed_sans: ${NO_CLIENT_CERTIFICATES}`,
  "client_auth_type.yml": `tls_server_config.client_auth_type: ${NO_CLIENT_CERTIFICATES}`,
  "client_auth_type_unknown.yml": "tls_server_config.client_auth_type: unknown type; write NoClientCert",
  "client_ca.yml": `tls_server_config.client_ca: ${NO_CLIENT_CERTIFICATES}`,
  "client_ca_file.yml": `tls_server_config.client_ca_file: ${NO_CLIENT_CERTIFICATES}`,
  "curve_preferences.yml": `tls_server_config.curve_preferences: ${FIXED_SUITES}`,
  "duplicate_key.yml": "it is not valid YAML in line 4: duplicated mapping key",
  "hash_cost.yml": `basic_auth_users.john: ${NO_HASH}`,
  "hash_too_slow.yml":
    "basic_auth_users.bob: its bcrypt cost is 18, and the maximum is 14: one login would hold up all others " +
    "for too long; make one with 'htpasswd -nBC 10 bob'",
  "hash_missing.yml": `basic_auth_users.john: ${NO_HASH}`,
  "hash_of_md5.yml": `basic_auth_users.john: ${NO_HASH}`,
  "hash_too_short.yml": `basic_auth_users.john: ${NO_HASH}`,
  "hash_version.yml": `basic_auth_users.john: ${NO_HASH}`,
  "header_content_type_options.yml": "http_server_config.headers.X-Content-Type-Options: write nosniff",
  "header_frame_options.yml": "http_server_config.headers.X-Frame-Options: write deny or sameorigin",
  "header_two_lines.yml":
    "http_server_config.headers.Content-Security-Policy: a header holds only one line of ASCII characters",
  "header_unknown.yml": `http_server_config.headers.Server: this header cannot be set; those that can: ${HEADERS}`,
  "headers_are_text.yml": "http_server_config.headers: it must be a mapping of names to values",
  "http2_off.yml": "http_server_config.http2: HTTP/2 cannot be switched off; remove the key or write true",
  "http2_unknown.yml": "http_server_config.http2: write true or false",
  "junk.yml": "it must be a mapping of keys",
  "key_empty.yml": `tls_server_config: ${KEY_MISSING}`,
  "key_missing.yml": `tls_server_config: ${KEY_MISSING}`,
  "max_version.yml": `tls_server_config.max_version: ${TLS_VERSIONS} TLS13`,
  "min_version.yml": `tls_server_config.min_version: ${TLS_VERSIONS} TLS12`,
  "min_version_low.yml": `tls_server_config.min_version: ${TLS_VERSIONS} TLS12`,
  "min_version_unknown.yml": "tls_server_config.min_version: unknown TLS version; remove the key or write TLS12",
  "not_yaml.yml": "it is not valid YAML in line 6: deficient indentation",
  "prefer_server_cipher_suites.yml":
    "tls_server_config.prefer_server_cipher_suites: the client's order decides; remove the key or write false",
  "rate_limit.yml":
    "rate_limit.interval: requests cannot be limited by rate; remove the key, -web.max-requests limits those in flight",
  "rate_limit_burst.yml": "rate_limit.burst: must be an integer",
  "section_is_text.yml": "tls_server_config: it must be a mapping of keys",
  "two_documents.yml": "it is not valid YAML: it holds more than one document",
  "unknown_alias.yml": "it is not valid YAML in line 1: unidentified alias",
  "unknown_key.yml": "tls_server_config.cert_filse: unknown key; remove it or fix its name",
  "unknown_section.yml": "basic_auth_excluded_paths: unknown key; remove it or fix its name",
  "unknown_tag.yml": "it is not valid YAML in line 1: unknown scalar tag",
  "user_with_colon.yml": "basic_auth_users.al:ice: a user name cannot hold a colon; choose another",
  "users_are_list.yml": "basic_auth_users: it must be a mapping of names to values",
  "value_is_list.yml": "tls_server_config.cert_file: it must be text",
};

/** Faults of the files that a sound web config names: the whole message, FOLDER standing for the fixtures'. */
const CERTIFICATE_FAULTS: Readonly<Record<string, string>> = {
  "cert_is_key.yml":
    "Cannot use tls_server_config.cert_file 'FOLDER/bad/../server.key': it holds no certificate in PEM form",
  "cert_unreadable.yml":
    "Cannot read tls_server_config.cert_file 'FOLDER/bad/missing.crt': No such file or directory (os error 2)",
  "key_encrypted.yml":
    "Cannot use tls_server_config.key_file 'FOLDER/bad/../encrypted.key': it is encrypted; decrypt it with " +
    "'openssl pkey -in FILE -out FILE'",
  "key_is_cert.yml":
    "Cannot use tls_server_config.key_file 'FOLDER/bad/../server.crt': it holds no unencrypted private key in PEM form",
  "key_of_another.yml": "Cannot use tls_server_config.key_file 'FOLDER/bad/../other.key': it is not the key of " +
    "tls_server_config.cert_file 'FOLDER/bad/../server.crt'; the server's own certificate comes first",
  "key_unreadable.yml":
    "Cannot read tls_server_config.key_file 'FOLDER/bad/missing.key': No such file or directory (os error 2)",
};

function readText(path: string): Promise<string> {
  return Deno.readTextFile(path);
}

async function parseFixture(name: string): Promise<WebConfig> {
  return parseWebConfig(await readText(FOLDER + name), FOLDER + name);
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map((entry) => entry.name).filter((name) => name.endsWith(".yml")).sort();
}

Deno.test("every config fault has its own file and its exact message", async (t) => {
  assert.deepEqual(names(FOLDER + "bad/"), Object.keys({ ...FAULTS, ...CERTIFICATE_FAULTS }).sort());
  for (const [name, expected] of Object.entries(FAULTS)) {
    await t.step(name, async () => {
      const text = await readText(FOLDER + "bad/" + name);
      assert.throws(() => parseWebConfig(text, "/etc/walg-exporter/web.yml"), (error) => {
        assert.ok(error instanceof WebConfigError);
        assert.equal(error.message, `Cannot use web config '/etc/walg-exporter/web.yml': ${expected}`);
        return true;
      });
    });
  }
});

Deno.test("a certificate or key that cannot be used is named with its file", async (t) => {
  for (const [name, expected] of Object.entries(CERTIFICATE_FAULTS)) {
    await t.step(name, async () => {
      const { tls } = await parseFixture("bad/" + name);
      assert.ok(tls !== undefined);
      await assert.rejects(loadKeyPair(tls, readText), { message: expected.replaceAll("FOLDER/", FOLDER) });
    });
  }
});

Deno.test("a file out of the sandbox's reach says where to put it", async () => {
  const refused = Object.assign(new Error('Requires read access to "/root/server.crt"'), { name: "NotCapable" });
  const pair = { cert: { file: "/root/server.crt" }, key: { file: "/root/server.key" } };
  await assert.rejects(loadKeyPair(pair, () => Promise.reject(refused)), {
    message: "Cannot read tls_server_config.cert_file '/root/server.crt': the sandbox reads only below " +
      "/etc/walg-exporter, /etc/ssl, /etc/pki, /etc/letsencrypt, /run/credentials and /run/secrets; move the file there",
  });
});

Deno.test("paths are relative to the web config, absolute ones stay", () => {
  const text = "tls_server_config:\n  cert_file: tls/a.crt\n  key_file: /run/secrets/a.key\n";
  const expected = { cert: { file: "/etc/walg-exporter/tls/a.crt" }, key: { file: "/run/secrets/a.key" } };
  assert.deepEqual(parseWebConfig(text, "/etc/walg-exporter/web.yml").tls, expected);
  assert.deepEqual(parseWebConfig(text, "web.yml").tls?.cert, { file: "tls/a.crt" });
});

Deno.test("sound files: TLS, users, both, neither", async () => {
  const tls = { cert: { file: FOLDER + "server.crt" }, key: { file: FOLDER + "server.key" } };
  const nothing = { tls: undefined, users: new Map(), headers: new Map(), warnings: [] };
  assert.deepEqual(await parseFixture("empty.yml"), nothing);
  assert.deepEqual(await parseFixture("comments_only.yml"), nothing);
  assert.deepEqual(await parseFixture("tls.yml"), { ...nothing, tls });
  assert.deepEqual(await parseFixture("what_the_runtime_does.yml"), { ...nothing, tls });
  const { users } = await parseFixture("users.yml");
  assert.deepEqual([...users.keys()], ["alice", "bob"]);
  assert.match(users.get("alice") ?? "", /^\$2y\$10\$.{53}$/);
  assert.deepEqual(await parseFixture("tls_and_users.yml"), { ...nothing, tls, users });
  const anchors = await parseFixture("anchors.yml");
  assert.deepEqual([...anchors.users], [["alice", users.get("alice")], ["bob", users.get("alice")]]);
});

Deno.test("header values stay as written, and blank ones are not sent", async () => {
  assert.deepEqual([...(await parseFixture("headers.yml")).headers], [
    ["Strict-Transport-Security", "max-age=31536000"],
    ["X-Frame-Options", "deny"],
    ["X-Content-Type-Options", "nosniff"],
    ["X-XSS-Protection", "0"],
  ]);
});

Deno.test("names of properties are names like any other", () => {
  const hash = "$2y$05$4VeFDzXIoPHKnKTU3O3GH.N.vZu06CVqczYZ8WvfzrddFU6tGqjR.";
  for (const user of ["__proto__", "constructor", "yes", "1.50", ""]) {
    const { users } = parseWebConfig(`basic_auth_users: {"${user}": ${hash}}`, "web.yml");
    assert.deepEqual([...users], [[user, hash]]);
  }
});

Deno.test("a slow hash works, with a warning that says how slow", async () => {
  const { users, warnings } = await parseFixture("slow_hash.yml");
  assert.deepEqual([...users.keys()], ["alice", "bob", "carol"]);
  assert.deepEqual(
    warnings,
    ([["bob", 13, "a second"], ["carol", 14, "two seconds"]] as const).map(([user, cost, time]) =>
      `Web config '${FOLDER}slow_hash.yml': basic_auth_users.${user}: at bcrypt cost ${cost} a first login takes about ` +
      `${time}, and others wait for it; make a hash of cost 10 with 'htpasswd -nBC 10 ${user}'`
    ),
  );
});

Deno.test("the cost of a hash, undefined for what is none", () => {
  const body = "4VeFDzXIoPHKnKTU3O3GH.N.vZu06CVqczYZ8WvfzrddFU6tGqjR.";
  for (const [text, cost] of [["$2a$04$", 4], ["$2b$10$", 10], ["$2y$31$", 31]] as const) {
    assert.equal(bcryptCost(text + body), cost);
  }
  for (const prefix of ["$2x$10$", "$2$10$", "$1$10$", "$2y$03$", "$2y$32$", "$2y$1$", "2y$10$", ""]) {
    assert.equal(bcryptCost(prefix + body), undefined, prefix);
  }
  for (const wrong of ["", body.slice(1), body + ".", "+" + body.slice(1), body.slice(1) + "Z", " " + body]) {
    assert.equal(bcryptCost("$2y$10$" + wrong), undefined, wrong);
  }
});

Deno.test("certificate and key load from files and from the config itself", async () => {
  for (const name of ["tls.yml", "tls_inline.yml"]) {
    const { tls } = await parseFixture(name);
    assert.ok(tls !== undefined);
    const pair = await loadKeyPair(tls, readText);
    assert.equal(pair.cert, await readFile(FOLDER + "server.crt", "utf8"));
    assert.equal(pair.key, await readFile(FOLDER + "server.key", "utf8"));
  }
});

Deno.test("no message quotes a hash, a key or any other value", async () => {
  for (const name of names(FOLDER + "bad/")) {
    const text = await readText(FOLDER + "bad/" + name);
    try {
      parseWebConfig(text, name);
    } catch (error) {
      const message = String(error);
      for (const [secret] of text.matchAll(/\$[^\s'"]{20,}|\bdoe\b/g)) assert.ok(!message.includes(secret), message);
      assert.ok(!message.includes("\n"), message);
    }
  }
});
