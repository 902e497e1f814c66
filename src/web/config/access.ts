import type { ConfiguredAccessOptions, WebAccess } from "./configured_access.ts";

/** Options of {@link openWebAccess}. */
export interface WebAccessOptions extends Omit<ConfiguredAccessOptions, "path"> {
  /** Of the web config file, where the operator gave one. */
  readonly path: string | undefined;
}

/** Without a web config file everyone may read, unencrypted. */
const OPEN: WebAccess = {
  tls: undefined,
  authenticator: undefined,
  headers: {},
  series: () => [],
  readsAfterStart: [],
  watch: () => Promise.resolve(),
};

/**
 * Reads the web config file, where there is one.
 *
 * @throws OperatorError when the file, its certificate or its key cannot be used
 */
export async function openWebAccess({ path, ...options }: WebAccessOptions): Promise<WebAccess> {
  if (path === undefined) return OPEN;
  // Most hosts have no such file: what reads it is loaded only where it is.
  const { openConfiguredAccess } = await import("./configured_access.ts");
  return await openConfiguredAccess({ path, ...options });
}
