import { pause } from "../support/exporter.ts";

/** A connection on which bytes are sent and read as they are. */
export interface RawConnection {
  send(text: string): Promise<void>;
  /** What came until the connection closed, or until so many milliseconds passed without more. */
  read(quiet?: number): Promise<string>;
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
  return {
    async send(text) {
      let bytes = new TextEncoder().encode(text);
      while (bytes.length > 0) bytes = bytes.subarray(await connection.write(bytes));
    },
    async read(quiet = 1000) {
      const decoder = new TextDecoder();
      const buffer = new Uint8Array(64 * 1024);
      let text = "";
      for (;;) {
        const count = await Promise.race([take(buffer), pause(quiet).then(() => -1)]);
        if (count <= 0) return text;
        text += decoder.decode(buffer.subarray(0, count), { stream: true });
      }
    },
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
