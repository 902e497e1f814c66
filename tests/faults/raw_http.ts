/** What is quiet for longer counts as hung, milliseconds. */
const HANG_LIMIT = 60_000;

/** A connection on which bytes are sent and read as they are. */
export interface RawConnection {
  send(text: string): Promise<void>;
  /** What came until the connection closed, or until so many milliseconds passed without more. */
  read(quiet?: number): Promise<string>;
  /** The same, as bytes. */
  readBytes(quiet?: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Takes one chunk of at most so many bytes; 0 once it is closed. */
  take(bytes: number): Promise<number>;
  close(): void;
}

/** Connects to a server by its URL. */
export async function connect(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const take = async (buffer: Uint8Array): Promise<number> => {
    try {
      return await connection.read(buffer) ?? 0;
    } catch {
      return 0;
    }
  };
  const readBytes = async (quiet = HANG_LIMIT): Promise<Uint8Array<ArrayBuffer>> => {
    const buffer = new Uint8Array(64 * 1024);
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    for (;;) {
      const count = await within(quiet, take(buffer), -1);
      if (count <= 0) return new Uint8Array(await new Blob(chunks).arrayBuffer());
      chunks.push(buffer.slice(0, count));
    }
  };
  return {
    async send(text) {
      let bytes = new TextEncoder().encode(text);
      while (bytes.length > 0) bytes = bytes.subarray(await connection.write(bytes));
    },
    async read(quiet) {
      return new TextDecoder().decode(await readBytes(quiet));
    },
    readBytes,
    take: (bytes) => take(new Uint8Array(bytes)),
    close() {
      try {
        connection.close();
      } catch {
        // The other side was first.
      }
    },
  };
}

/** What a promise brings within so many milliseconds, else the stand-in; its timer does not outlive it. */
async function within<T>(ms: number, promise: Promise<T>, otherwise: T): Promise<T> {
  const late = Promise.withResolvers<T>();
  const timer: ReturnType<typeof setTimeout> = setTimeout(() => late.resolve(otherwise), ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** A request without a body. */
export function requestText(path: string, { method = "GET", headers = "" } = {}): string {
  return `${method} ${path} HTTP/1.1\r\nhost: exporter\r\n${headers}\r\n`;
}

/** Opens many connections and has each send the same text; `use` sees them, then all are closed. */
export async function withConnections(
  { url, count, text }: { url: string; count: number; text: string },
  use: (connections: readonly RawConnection[]) => Promise<void>,
): Promise<void> {
  const connections: RawConnection[] = [];
  try {
    for (let n = 0; n < count; n++) {
      const connection = await connect(url);
      connections.push(connection);
      if (text !== "") await connection.send(text);
    }
    await use(connections);
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** The body of a whole answer, its chunks joined; undefined when the answer is not whole. */
export function bodyOf(answer: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
  const latin = new TextDecoder("latin1");
  const head = latin.decode(answer.subarray(0, 4096)).split("\r\n\r\n", 1)[0] ?? "";
  const body = answer.subarray(head.length + 4);
  const length = /^content-length: (\d+)\r?$/mi.exec(head)?.[1];
  if (length !== undefined) return body.length === Number(length) ? body : undefined;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0;;) {
    const line = latin.decode(body.subarray(at, at + 20)).split("\r\n", 1)[0] ?? "";
    const size = parseInt(line, 16);
    if (Number.isNaN(size)) return undefined;
    if (size === 0) break;
    at += line.length + 2;
    chunks.push(body.subarray(at, at + size));
    at += size + 2;
  }
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
