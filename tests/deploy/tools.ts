/** What a test needs that may not be installed; see {@link toolTest}. */
export type Tool =
  | "prometheus"
  | "promtool"
  | "prlimit"
  | "strace"
  | "qemu-aarch64"
  | "systemd-analyze"
  | "dpkg"
  | "dpkg-deb"
  | "man"
  | "python3"
  | "curl"
  | "bash"
  | "dash"
  | "shellcheck"
  | "gzip";

/**
 * A test that needs programs: where one is missing it is skipped and its name says why, unless REQUIRE_TOOLS=1 asks for
 * a failure.
 */
export function toolTest(name: string, tools: readonly Tool[], test: (t: Deno.TestContext) => Promise<void>): void {
  const missing = tools.filter((tool) => !isInstalled(tool));
  if (missing.length === 0) {
    Deno.test(name, test);
    return;
  }
  const reason = `${missing.join(" and ")} not installed`;
  if (Deno.env.get("REQUIRE_TOOLS") !== "1") {
    Deno.test({ name: `${name} (skipped: ${reason})`, ignore: true, fn: test });
    return;
  }
  Deno.test(name, () => {
    throw new Error(`${reason}, and REQUIRE_TOOLS=1`);
  });
}

function isInstalled(tool: Tool): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(`${folder}/${tool}`).isFile;
    } catch {
      return false;
    }
  });
}
