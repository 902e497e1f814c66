import { bundle } from "../tools/compile/bundle.ts";
import { compileExecutable } from "../tools/compile/executable.ts";
import { ownArchitecture } from "../tools/compile/target.ts";
import { STANDIN_BIN } from "../tests/support/paths.ts";
import type { Served } from "./served.ts";

/** Compiles the floor's executable as releases are compiled; it may read files of the folder it is written to. */
export async function compileFloor(folder: string): Promise<string> {
  const output = `${folder}/floor`;
  const script = await bundle("bench/floor_server.ts", `${folder}/bundle`, "bench");
  const scopes = { net: ["127.0.0.1"], read: [folder], run: ["wal-g"] };
  await compileExecutable({ bundle: script, architecture: ownArchitecture(), scopes, output });
  return output;
}

/** Options of {@link startFloor}. */
export interface FloorOptions {
  readonly executable: string;
  /** The file whose bytes it answers with. */
  readonly file: string;
  readonly gzip: boolean;
  /** How often it starts the stand-in, milliseconds; absent for never. */
  readonly runInterval?: number;
}

/** Starts the floor on a free port. */
export async function startFloor({ executable, file, gzip, runInterval }: FloorOptions): Promise<Served> {
  const child = new Deno.Command(executable, {
    args: [file, gzip ? "gzip" : "", ...runInterval === undefined ? [] : [String(runInterval)]],
    env: { NO_COLOR: "1", PATH: `${STANDIN_BIN}:${Deno.env.get("PATH") ?? ""}`, WALG_STANDIN_SCENARIO: "healthy" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const url = await listening(child.stdout);
  return {
    url,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

async function listening(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  const reader = stream.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    text += decoder.decode(value, { stream: true });
    const [, url] = /(http:\/\/[\d.]+:\d+)\/[^\n]*\n/.exec(text) ?? [];
    if (url !== undefined) {
      // It says no more; the pipe closes with it.
      void reader.cancel();
      return url;
    }
    if (done) throw new Error(`The floor ended without listening: ${text}`);
  }
}
