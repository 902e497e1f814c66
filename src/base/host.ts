import manifest from "../../deno.json" with { type: "json" };
import type { Clock } from "./clock.ts";

// Compiling replaces these texts with the version of the tag and with the commit.
const BAKED_VERSION = "@VERSION@";
const BAKED_REVISION = "@REVISION@";

/** The version of this release; from its sources the one that deno.json names. */
export const VERSION: string = BAKED_VERSION.startsWith("@") ? manifest.version : BAKED_VERSION;

/** The commit it was built from, or `source` when it runs from its sources. */
export const REVISION: string = BAKED_REVISION.startsWith("@") ? "source" : BAKED_REVISION;

/** What an executable is made of, as `-version` and `walg_exporter_build_info` show it. */
export interface Build {
  readonly version: string;
  readonly revision: string;
  readonly denoVersion: string;
  readonly target: string;
}

/**
 * What the sandbox lets an executable do: `permissions.exporter` of deno.json, the one place that says so, less the
 * sources that a worker is loaded from; an executable carries them.
 */
export const SCOPES: Readonly<Record<"run" | "net" | "read" | "env" | "sys", readonly string[]>> = {
  ...manifest.permissions.exporter,
  read: manifest.permissions.exporter.read.filter((path) => !path.startsWith("./src/")),
};

/** A list as a sentence has it: `a, b and c`. */
export function inWords(items: readonly string[]): string {
  const last = items.at(-1) ?? "nothing";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} and ${last}`;
}

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
