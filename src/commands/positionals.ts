import { UsageError } from "../cli/flag.ts";

/**
 * For a command that takes flags only.
 *
 * @throws UsageError that names the first word too many
 */
export function refusePositionals(positionals: readonly string[], command: string): void {
  const [unexpected] = positionals;
  if (unexpected !== undefined) {
    throw new UsageError(
      `${command} takes no argument '${unexpected}'; see walg-exporter ${command} -help for its flags`,
    );
  }
}
