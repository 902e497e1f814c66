/** What the child's environment always says: debug lines would stand before the JSON on stdout. */
export const walgEnv: Readonly<Record<string, string>> = { WALG_LOG_LEVEL: "NORMAL", S3_LOG_LEVEL: "NORMAL" };

/** The arguments of a wal-g command, with the config file where one is set. */
export function walgArgs(args: readonly string[], configPath: string | undefined): readonly string[] {
  return configPath === undefined ? args : [...args, "--config", configPath];
}

/** A warning for each of the variables above that the operator had set to something else. */
export function overriddenVariables(get: (name: string) => string | undefined): readonly string[] {
  return Object.entries(walgEnv).flatMap(([name, value]) => {
    const set = get(name);
    if (set === undefined || set === value) return [];
    return [`${name}=${set} is not passed on to wal-g (${value} is): its debug lines would spoil the output`];
  });
}
