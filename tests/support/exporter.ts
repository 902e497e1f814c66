import { ROOT, STANDIN_BIN, WITHOUT_LISTINGS } from "./paths.ts";

/** A running exporter, as a process of its own. */
export interface RunningExporter {
  readonly url: string;
  readonly pid: number;
  /** What it wrote to stderr so far. */
  log(): string;
  /** Resolves when its log matches; rejects when it has ended without. */
  logged(pattern: RegExp): Promise<string>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** The text of its metrics. */
  metrics(): Promise<string>;
  /** Resolves when each command has run once. */
  ready(): Promise<void>;
  signal(signal: Deno.Signal): void;
  readonly status: Promise<Deno.CommandStatus>;
  /** Ends it, by KILL if TERM does not, and waits for it. */
  stop(): Promise<Deno.CommandStatus>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of {@link startExporter}. */
export interface ExporterOptions {
  /** A folder of captures for the stand-in. */
  readonly scenario?: string;
  readonly flags?: readonly string[];
  /** Whether it lists the archive and the files, too; default false. */
  readonly lists?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** The folder it is started in. */
  readonly cwd?: string;
  /** Another command line that starts it. */
  readonly command?: readonly [string, ...string[]];
}

/**
 * The command line that starts the exporter: the executable of WALG_EXPORTER, else the sources in their sandbox.
 *
 * @param root the folder of the sources
 */
export function exporterCommand(root = ROOT): readonly [string, ...string[]] {
  const executable = Deno.env.get("WALG_EXPORTER");
  if (executable !== undefined) return [executable];
  return [
    Deno.execPath(),
    "run",
    "--quiet",
    `--config=${root}/deno.json`,
    "-P=exporter",
    "--no-prompt",
    `${root}/main.ts`,
  ];
}

/** Starts an exporter on a free port of 127.0.0.1 and waits until it serves. */
export async function startExporter(options: ExporterOptions = {}): Promise<RunningExporter> {
  const exporter = spawnExporter(options);
  return Object.assign(exporter, { url: await servedAt(exporter.logged) });
}

/** The address at which an exporter serves, once its log says so; `logged` resolves when the log matches. */
export async function servedAt(logged: (pattern: RegExp) => Promise<string>): Promise<string> {
  const line = await logged(/msg=serving.*$|"message":"serving".*$/m);
  return `http://${/addresses"?[=:]"?([\d.]+:\d+)/.exec(line)?.[1]}`;
}

/** Starts an exporter that may end by itself. */
export function spawnExporter(options: ExporterOptions): RunningExporter {
  const { scenario, flags = [], lists = false, env = {}, cwd = ROOT, command = exporterCommand() } = options;
  const [program, ...args] = command;
  const child = new Deno.Command(program, {
    args: [...args, "-web.listen-address=127.0.0.1:0", ...lists ? [] : WITHOUT_LISTINGS, ...flags],
    cwd,
    env: {
      PATH: `${STANDIN_BIN}:${Deno.env.get("PATH") ?? ""}`,
      ...(scenario !== undefined && { WALG_STANDIN_SCENARIO: scenario }),
      ...env,
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const reading = follow(child.stderr);
  const exporter = {
    url: "",
    pid: child.pid,
    log: () => reading.text,
    logged: (pattern: RegExp) => reading.matches(pattern),
    get(path: string, headers: Record<string, string> = {}) {
      return fetch(`${exporter.url}${path}`, { headers });
    },
    async metrics() {
      return await (await exporter.get("/metrics")).text();
    },
    async ready() {
      const isReady = async (): Promise<boolean> => {
        const response = await exporter.get("/-/ready");
        await response.body?.cancel();
        return response.status === 200;
      };
      await until("each command has run", isReady).catch((error) => {
        throw new Error(`${error}; log:\n${reading.text}`);
      });
    },
    signal: (signal: Deno.Signal) => child.kill(signal),
    status: child.status,
    async stop() {
      end(child, "SIGTERM");
      const timer: ReturnType<typeof setTimeout> = setTimeout(() => end(child, "SIGKILL"), HANG_LIMIT);
      const status = await child.status;
      clearTimeout(timer);
      await reading.closed;
      return status;
    },
    async [Symbol.asyncDispose]() {
      await exporter.stop();
    },
  };
  return exporter;
}

/** Resolves after some milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}

/** What takes longer counts as hung, however slow the machine: milliseconds. */
const HANG_LIMIT = 60_000;

/** Waits until a condition holds, asking every 20 ms; it throws after the limit (milliseconds). */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limit = HANG_LIMIT,
): Promise<void> {
  const end = performance.now() + limit;
  while (!await holds()) {
    if (performance.now() > end) throw new Error(`not within ${limit} ms: ${what}`);
    await pause(20);
  }
}

function end(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended already.
  }
}

/** What a process writes. */
export interface Following {
  /** All of it so far. */
  readonly text: string;
  /** Resolves at its end. */
  readonly closed: Promise<void>;
  /** Resolves when it matches; rejects when it has ended without. */
  readonly matches: (pattern: RegExp) => Promise<string>;
}

/** Reads what a process writes, to its end. */
export function follow(stream: ReadableStream<Uint8Array>): Following {
  const decoder = new TextDecoder();
  let text = "";
  let ended = false;
  let wake = Promise.withResolvers<void>();
  const closed = (async () => {
    for await (const chunk of stream) {
      text += decoder.decode(chunk, { stream: true });
      wake.resolve();
      wake = Promise.withResolvers<void>();
    }
    ended = true;
    wake.resolve();
  })();
  return {
    get text() {
      return text;
    },
    closed,
    async matches(pattern) {
      for (;;) {
        const [found] = pattern.exec(text) ?? [];
        // A line counts once it is whole.
        if (found !== undefined && text.endsWith("\n")) return found;
        if (ended) throw new Error(`ended without ${pattern}; log:\n${text}`);
        await wake.promise;
      }
    },
  };
}
