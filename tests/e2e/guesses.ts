import { pause } from "../support/exporter.ts";
import { basicAuth } from "../support/secured_exporter.ts";

/** How a flood of guesses went. */
export interface GuessResult {
  /** Seconds until the last one was sent. */
  readonly seconds: number;
  /** Answers by their status. */
  readonly answers: ReadonlyMap<string, number>;
  /** Connections that were open at the end. */
  readonly connections: number;
}

/** Options of {@link floodWithGuesses}. */
export interface GuessOptions {
  readonly hostname: string;
  readonly port: number;
  readonly perSecond: number;
  readonly count: number;
}

/** How long the last answers may take. */
const ANSWER_TIMEOUT_MS = 10_000;
/** More than wait for a password check at the same time; memory per connection is another matter. */
const CONNECTIONS = 50;

/**
 * Sends wrong passwords for the user alice, none of them twice, at an even rate. A guess takes a connection that is
 * free, else a new one; only when there are too many does it wait for an answer to another.
 */
export async function floodWithGuesses({ hostname, port, perSecond, count }: GuessOptions): Promise<GuessResult> {
  const answers = new Map<string, number>();
  const open = new Set<Deno.Conn>();
  const free: Deno.Conn[] = [];
  const reading: Promise<void>[] = [];
  const connect = async (): Promise<Deno.Conn> => {
    const connection = await Deno.connect({ hostname, port });
    open.add(connection);
    const answered = (status: string): void => {
      answers.set(status, (answers.get(status) ?? 0) + 1);
      free.push(connection);
    };
    reading.push(readStatuses(connection, answered));
    return connection;
  };
  const start = performance.now();
  for (let sent = 0; sent < count;) {
    const due = Math.min(count, Math.floor((performance.now() - start) * perSecond / 1000));
    while (sent < due && (free.length > 0 || open.size < CONNECTIONS)) {
      await writeAll(free.pop() ?? await connect(), guess(sent++));
    }
    await pause(2);
  }
  const seconds = (performance.now() - start) / 1000;
  const end = performance.now() + ANSWER_TIMEOUT_MS;
  while (free.length < open.size && performance.now() < end) await pause(20);
  for (const connection of open) connection.close();
  await Promise.all(reading);
  return { seconds, answers, connections: open.size };
}

function guess(number: number): Uint8Array {
  const { authorization } = basicAuth(`alice:guess ${number}`);
  return new TextEncoder().encode(`GET /metrics HTTP/1.1\r\nHost: exporter\r\nAuthorization: ${authorization}\r\n\r\n`);
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await connection.write(rest));
}

/** Passes on the status of each answer, until the connection is closed. */
async function readStatuses(connection: Deno.Conn, answered: (status: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(4096);
  let rest = "";
  try {
    for (let read = await connection.read(buffer); read !== null; read = await connection.read(buffer)) {
      const text = rest + decoder.decode(buffer.subarray(0, read), { stream: true });
      // A status line may be cut: what comes after the last whole line is looked at again.
      const end = text.lastIndexOf("\n") + 1;
      for (const [, status = ""] of text.slice(0, end).matchAll(/^HTTP\/1\.1 (\d{3}) /gm)) answered(status);
      rest = text.slice(end);
    }
  } catch {
    // Closed from here.
  }
}
