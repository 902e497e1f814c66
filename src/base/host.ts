import type { Clock } from "./clock.ts";
import type { Build } from "./manifest.ts";

/** Something that the operator can fix: one line that says what is wrong, where, and what to do. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
}

/** Reads a file as text; it comes in as an argument, so that nothing here touches the disk by itself. */
export type ReadText = (path: string) => Promise<string>;

/** Reads a text that changes with a file; it follows symbolic links. */
export type StampOf = (path: string) => Promise<string>;

const READABLE = "/etc/walg-exporter, /etc/ssl, /etc/pki, /etc/letsencrypt, /run/credentials and /run/secrets";

/** Why a file could not be read, without its path, which Deno appends. */
export function readFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "NotCapable") return `the sandbox reads only below ${READABLE}; move the file there`;
  return error.message.replace(/: (?:open|readfile|stat|readdir) '[^]*'$/, "");
}

/** Figures of the exporter's own process. */
export interface ProcessFigures {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Unix seconds. */
  readonly startTime: number;
}

/** The edges of the process, as commands see them; made in one place, so that all else stays free of them. */
export interface Host {
  readonly clock: Clock;
  readonly build: Build;
  /** This machine's name; undefined where the sandbox hides it. */
  readonly hostname: string | undefined;
  /**
   * Writes all of a text, or of bytes, to stdout.
   *
   * @throws OperatorError when it does not get there as a whole
   */
  readonly stdout: (text: string | Uint8Array) => void;
  /** Writes to stderr; it never throws. */
  readonly stderr: (text: string) => void;
  /** Whether stderr is a terminal. */
  readonly stderrIsTerminal: boolean;
  /** Of the variables that the sandbox lets through. */
  readonly env: (name: string) => string | undefined;
  readonly readText: ReadText;
  readonly stampOf: StampOf;
  /** The names of the files in a folder, links to files included. */
  readonly namesIn: (folder: string) => Promise<readonly string[]>;
  /** Figures of the process. */
  readonly process: () => ProcessFigures;
}
