import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { generateScenario, writeScenario } from "../../tools/generate_scenario.ts";
import { toolTest } from "../deploy/tools.ts";
import { type RunningExporter, startExporter, until } from "../support/exporter.ts";
import { browserTest, openBrowser } from "./browser.ts";

/** The smallest body that is spliced, and one of many pieces. */
const SIZES = [12, 10_000];
const OPENMETRICS = "application/openmetrics-text; version=1.0.0";
/** What is made anew for each scrape. */
const LIVE = /^(process_|walg_pitr_window_seconds|walg_recovery_window_seconds|walg_http_)/;

/** Does something for each size with an exporter and a folder of its own. */
async function eachSize(use: (exporter: RunningExporter, folder: string) => Promise<void>): Promise<void> {
  for (const backups of SIZES) {
    const folder = await Deno.makeTempDir({ prefix: "walg-gzip-" });
    try {
      await writeScenario(folder, generateScenario({ backups, seed: 7 }));
      await using exporter = await startExporter({ scenario: folder });
      await exporter.ready();
      const shown = async (): Promise<boolean> =>
        (await exporter.metrics()).split("\nwalg_backup_info{").length - 1 === backups;
      await until(`${backups} backups are shown`, shown);
      await use(exporter, folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
}

/** What does not change between two scrapes; it ends where the whole exposition ends. */
function lasting(text: string): string {
  return text.split("\n").filter((line) => !LIVE.test(line)).join("\n");
}

/** Runs a program to its end; its stdout. */
async function stdoutOf(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
  assert.ok(success, `${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** Saves a compressed body as it was sent. */
async function saved(exporter: RunningExporter, folder: string, accept: string): Promise<string> {
  const file = `${folder}/metrics.gz`;
  const headers = ["-H", "Accept-Encoding: gzip", "-H", `Accept: ${accept}`];
  await stdoutOf("curl", "-sS", "--fail", ...headers, "-o", file, `${exporter.url}/metrics`);
  return file;
}

toolTest("curl --compressed reads the spliced body", ["curl"], async () => {
  await eachSize(async (exporter) => {
    const url = `${exporter.url}/metrics`;
    const plain = await stdoutOf("curl", "-sS", "--fail", url);
    const headers = await stdoutOf("curl", "-sS", "--compressed", "-D", "-", "-o", "/dev/null", url);
    assert.match(headers, /^content-encoding: gzip\r$/m);
    assert.equal(lasting(await stdoutOf("curl", "-sS", "--fail", "--compressed", url)), lasting(plain));
  });
});

toolTest("gzip -t accepts the spliced body and gzip -d reads it", ["gzip", "curl"], async () => {
  await eachSize(async (exporter, folder) => {
    for (const accept of ["text/plain", OPENMETRICS]) {
      const file = await saved(exporter, folder, accept);
      await stdoutOf("gzip", "-t", file);
      const text = await stdoutOf("gzip", "-dc", file);
      assert.equal(text, gunzipSync(await Deno.readFile(file)).toString());
      assert.equal(lasting(text), lasting(await (await exporter.get("/metrics", { accept })).text()));
      if (accept === OPENMETRICS) assert.ok(text.endsWith("\n# EOF\n"));
    }
  });
});

const PYTHON = `
import gzip, sys, zlib
data = open(sys.argv[1], "rb").read()
one = zlib.decompressobj(31)
text = one.decompress(data)
assert one.eof and one.unused_data == b"", "more than one member"
assert gzip.decompress(data) == text
with gzip.open(sys.argv[1]) as pieces:
    assert b"".join(pieces) == text
sys.stdout.buffer.write(text)
`;

toolTest("Python's gzip reads the spliced body, which is one member", ["python3", "curl"], async () => {
  await eachSize(async (exporter, folder) => {
    const file = await saved(exporter, folder, "text/plain");
    const text = await stdoutOf("python3", "-c", PYTHON, file);
    assert.equal(lasting(text), lasting(await exporter.metrics()));
  });
});

browserTest("Chromium reads the spliced body", async () => {
  await using browser = await openBrowser();
  const page = await browser.context.newPage();
  await eachSize(async (exporter) => {
    const response = await page.goto(`${exporter.url}/metrics`);
    assert.equal(response?.headers()["content-encoding"], "gzip");
    assert.equal(lasting(await page.evaluate("document.body.textContent")), lasting(await exporter.metrics()));
  });
});
