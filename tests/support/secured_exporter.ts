import { type ExporterOptions, type RunningExporter, spawnExporter, until } from "./exporter.ts";

/** An exporter that serves TLS, and a client that trusts its certificate and no other. */
export interface SecuredExporter {
  readonly exporter: RunningExporter;
  /** HOST:PORT. */
  readonly address: string;
  /** Asks over TLS; `login` is `user:password`. */
  get(path: string, login?: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** Resolves when each command has run once. */
  ready(login?: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of {@link startSecured}. */
export interface SecuredOptions extends ExporterOptions {
  readonly configFile: string;
  /** What the client trusts, PEM. */
  readonly certificate: string;
}

/** Starts an exporter with a web config that sets TLS and waits until it serves. */
export async function startSecured({ configFile, certificate, ...options }: SecuredOptions): Promise<SecuredExporter> {
  const flags = [...options.flags ?? [], `-web.config.file=${configFile}`];
  const exporter = spawnExporter({ ...options, flags });
  const [address = ""] = await servedAddresses(exporter);
  const client = Deno.createHttpClient({ caCerts: [certificate] });
  const secured: SecuredExporter = {
    exporter,
    address,
    get: (path, login, headers = {}) =>
      fetch(`https://${address}${path}`, { client, headers: { ...headers, ...login && basicAuth(login) } }),
    async ready(login) {
      const isReady = async (): Promise<boolean> => {
        const response = await secured.get("/-/ready", login);
        await response.body?.cancel();
        return response.status === 200;
      };
      await until("each command has run", isReady).catch((error) => {
        throw new Error(`${error}; log:\n${exporter.log()}`);
      });
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await exporter.stop();
    },
  };
  return secured;
}

/** The addresses that an exporter serves on, once it does; it rejects when the exporter ends without. */
export async function servedAddresses(exporter: RunningExporter): Promise<string[]> {
  const line = await exporter.logged(/msg=serving.*$/m);
  const [, quoted, plain] = / addresses=(?:"([^"]*)"|(\S+))/.exec(line) ?? [];
  return (quoted ?? plain ?? "").split(" ");
}

/** The header of basic authentication for `user:password`. */
export function basicAuth(login: string): { authorization: string } {
  const bytes = new TextEncoder().encode(login);
  return { authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}
