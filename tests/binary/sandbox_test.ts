import assert from "node:assert/strict";
import { SCOPES } from "../../src/base/host.ts";
import { bundle } from "../../tools/compile/bundle.ts";
import { compileExecutable } from "../../tools/compile/executable.ts";
import { ownArchitecture } from "../../tools/compile/target.ts";
import { STANDIN_BIN } from "../support/paths.ts";

/** What a file of the web config may be, on any system with certificates or OpenSSL. */
const READABLE = ["/etc/ssl/openssl.cnf", "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/openssl.cnf"];

interface Probed {
  readonly outcomes: Readonly<Record<string, string>>;
  readonly left: string;
}

Deno.test("the sandbox from inside: all but running wal-g is refused once it serves", async (t) => {
  const { outcomes, left } = await probe(SCOPES);
  assert.equal(left, "run wal-g, read nothing");
  // What it may do at first shows that the refusals after that are the sandbox's.
  const allowed = ["before: read a named variable", "before: connect", "run wal-g"];
  if (READABLE.some(isReadable)) allowed.push("before: read a file of the web config");
  for (const name of allowed) assert.equal(outcomes[name], "done", name);
  const refused = Object.entries(outcomes).filter(([name]) => !name.startsWith("before: ") && name !== "run wal-g");
  assert.ok(refused.length >= 25);
  for (const [name, outcome] of refused) await t.step(`${name}: refused`, () => assert.equal(outcome, "NotCapable"));
});

Deno.test("with scopes for them the same tries succeed", async () => {
  const { outcomes } = await probe({ ...SCOPES, write: ["./x"], run: ["sh"], read: ["/etc/passwd"] });
  for (const name of ["run sh", "read /etc/passwd", "write beside itself"]) assert.equal(outcomes[name], "done", name);
});

async function probe(scopes: Readonly<Record<string, readonly string[]>>): Promise<Probed> {
  const folder = await Deno.makeTempDir();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response("there"));
  try {
    const output = `${folder}/probe`;
    const script = await bundle("tests/binary/probe.ts", `${folder}/bundle`, "probe");
    await compileExecutable({ bundle: script, architecture: ownArchitecture(), scopes, output });
    const { success, stdout, stderr } = await new Deno.Command(output, {
      args: [`http://127.0.0.1:${server.addr.port}/`, READABLE.find(isReadable) ?? "/etc/ssl"],
      cwd: folder,
      clearEnv: true,
      env: { PATH: `${STANDIN_BIN}:/usr/bin:/bin`, HOME: folder, AWS_SECRET_ACCESS_KEY: "hidden", TMPDIR: folder },
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
}

function isReadable(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
