import { maskSecrets } from "../secrets.ts";
import { ruleFor } from "../walg/classify.ts";
import { lastError, logEntries } from "../walg/last_error.ts";
import { mendFor } from "../walg/mend.ts";
import { failed, ok, type StepResult } from "./step.ts";

/** What was told by the runs of wal-g that read its settings; their stderr, masked. */
export interface SettingsRuns {
  /** Of all runs. */
  readonly stderr: string;
  /** Of those that failed. */
  readonly failedStderr: readonly string[];
  readonly configPath: string | undefined;
}

/** The rules of classification that speak of a setting itself, and not of what the storage answered to it. */
const SETTING_RULES: ReadonlySet<string> = new Set([
  "config-file",
  "no-storage",
  "setting-missing",
  "setting-value",
  "logging",
  "compression",
  "crypto-key",
  "ssh-key-file",
  "s3-ca-file",
  "swift-settings",
  "prefix",
]);

/** Whether wal-g accepts its settings: it goes on without a config file that it cannot read. */
export function settingsStep({ stderr, failedStderr, configPath }: SettingsRuns): StepResult {
  const entries = logEntries(stderr);
  const unread = entries.find(({ text }) => text.startsWith("Failed to parse config file "));
  if (unread !== undefined) {
    return failed(unread.text, mendFor({ type: "config", message: unread.text }));
  }
  const refused = failedStderr.find((text) => SETTING_RULES.has(ruleFor(text)?.name ?? ""));
  if (refused !== undefined) {
    const message = lastError(maskSecrets(refused));
    return failed(message, mendFor({ type: "config", message, stderr: refused }));
  }
  return ok(
    configPath === undefined
      ? "no -walg.config-path: wal-g uses its environment and ~/.walg.json, and says nothing against them"
      : `wal-g says nothing against ${configPath}`,
  );
}
