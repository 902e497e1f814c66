import { type Tool, toolTest } from "../deploy/tools.ts";
import { ROOT } from "./paths.ts";

const SCOPE = "/etc/walg-exporter";

/**
 * A test that needs a web config file: it gets a folder of its own where the sandbox may read. Where none can be made
 * the test is skipped and its name says why, unless REQUIRE_TOOLS=1 asks for a failure.
 */
export function configTest(name: string, tools: readonly Tool[], test: (folder: string) => Promise<void>): void {
  const run = (): Promise<void> => withConfigFolder(test);
  if (isWritable()) return toolTest(name, tools, run);
  const reason = `no folder can be made in ${SCOPE}`;
  if (Deno.env.get("REQUIRE_TOOLS") !== "1") {
    Deno.test({ name: `${name} (skipped: ${reason})`, ignore: true, fn: run });
    return;
  }
  Deno.test(name, () => {
    throw new Error(`${reason}, and REQUIRE_TOOLS=1`);
  });
}

/** Puts a file in its place whole, as the documentation tells operators to. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(`${path}.new`, text);
  await Deno.rename(`${path}.new`, path);
}

/** Copies certificate and key of a pair of fixtures/tls to `server.crt` and `server.key`; it returns the certificate. */
export async function copyPair(pair: "first" | "second", folder: string): Promise<string> {
  const certificate = await Deno.readTextFile(`${ROOT}/fixtures/tls/${pair}.crt`);
  await writeWhole(`${folder}/server.key`, await Deno.readTextFile(`${ROOT}/fixtures/tls/${pair}.key`));
  await writeWhole(`${folder}/server.crt`, certificate);
  return certificate;
}

/** Uses a folder of its own where the sandbox may read. */
export async function withConfigFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = makeFolder();
  try {
    return await use(folder);
  } finally {
    removeFolder(folder);
  }
}

function isWritable(): boolean {
  try {
    removeFolder(makeFolder());
    return true;
  } catch {
    return false;
  }
}

function makeFolder(): string {
  const folder = `${SCOPE}/test-${crypto.randomUUID()}`;
  Deno.mkdirSync(folder, { recursive: true });
  return folder;
}

function removeFolder(folder: string): void {
  Deno.removeSync(folder, { recursive: true });
  try {
    Deno.removeSync(SCOPE);
  } catch {
    // Something else is in it: it was there before, or another test uses it.
  }
}
