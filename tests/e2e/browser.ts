import { type BrowserContext, chromium } from "playwright-core";

/** Where Debian puts the browser. */
const CHROMIUM = "/usr/bin/chromium";

/** A headless browser with an empty profile, which is gone when it closes. */
export interface Browser extends AsyncDisposable {
  readonly context: BrowserContext;
}

/** Starts the browser; it fetches nothing by itself. */
export async function openBrowser(): Promise<Browser> {
  const profile = await Deno.makeTempDir({ prefix: "walg-browser-" });
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  return {
    context,
    [Symbol.asyncDispose]: async () => {
      await context.close();
      await Deno.remove(profile, { recursive: true });
    },
  };
}

/** A test that needs the browser: skipped with a word without it, unless REQUIRE_TOOLS=1 asks for a failure. */
export function browserTest(name: string, test: (t: Deno.TestContext) => Promise<void>): void {
  const missing = !isFile(CHROMIUM);
  const required = Deno.env.get("REQUIRE_TOOLS") === "1";
  const fn = missing
    ? (): void => {
      throw new Error(`${CHROMIUM} is missing, and REQUIRE_TOOLS=1`);
    }
    : test;
  const ignore = missing && !required;
  // The browser's pipes are closed by the library in its own time.
  Deno.test({
    name: ignore ? `${name} (skipped: no ${CHROMIUM})` : name,
    ignore,
    fn,
    sanitizeOps: false,
    sanitizeResources: false,
  });
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
