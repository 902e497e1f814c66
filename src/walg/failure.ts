/** Why a run of a wal-g command failed: the fixed vocabulary of `walg_errors_total{error_type}`. */
export type ErrorType =
  | "timeout"
  | "not_found"
  | "not_permitted"
  | "not_executable"
  | "killed"
  | "output_too_large"
  | "invalid_output"
  | "empty_output"
  | "network"
  | "access_denied"
  | "postgres_down"
  | "config"
  | "command_failed"
  | "connectivity_failed";

/** What is kept of a failed run; every text in it is masked already. */
export interface Failure {
  readonly type: ErrorType;
  /** One line that says what went wrong, in WAL-G's own words where it gave any. */
  readonly message: string;
  /** Exit status, or undefined when the process did not exit by itself. */
  readonly exitCode?: number;
  /** The end of what wal-g wrote to stderr, at most 4 KiB. */
  readonly stderr?: string;
}

/** A run of wal-g that gave no usable answer. */
export class WalgError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.name = "WalgError";
    this.failure = failure;
  }
}
