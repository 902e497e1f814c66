import type { Clock } from "./clock.ts";
import type { ReadText, StampOf } from "./http/text_file.ts";
import type { ProcessFigures } from "./metrics/live.ts";
import type { Build } from "./version.ts";

/** The edges of the process, as commands see them; made in one place, so that all else stays free of them. */
export interface Host {
  readonly clock: Clock;
  readonly build: Build;
  /**
   * Writes all of a text to stdout.
   *
   * @throws OperatorError when it does not get there as a whole
   */
  readonly stdout: (text: string) => void;
  /** Writes to stderr; it never throws. */
  readonly stderr: (text: string) => void;
  /** Whether stderr is a terminal. */
  readonly stderrIsTerminal: boolean;
  /** To be told when what starting took is no longer needed. */
  readonly onSettled: () => void;
  /** Of the variables that the sandbox lets through. */
  readonly env: (name: string) => string | undefined;
  readonly readText: ReadText;
  readonly stampOf: StampOf;
  /** Figures of the process. */
  readonly process: () => ProcessFigures;
}
