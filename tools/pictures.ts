/** `deno run -A tools/pictures.ts`: takes the pictures of the demo that stand in README and docs, into docs/images/; needs Chromium. */
import { chromium } from "playwright-core";
import { root } from "./compile/bundle.ts";
import { say } from "./say.ts";

const SIZE = { width: 1360, height: 1080 };
const PICTURES = [
  { file: "status-page.png", path: "", colorScheme: "light" },
  { file: "status-page-dark.png", path: "", colorScheme: "dark" },
  { file: "restore.png", path: "restore?to=latest", colorScheme: "light" },
] as const;

const FLAGS = ["-web.listen-address=127.0.0.1:0", "-instance.name=db1", "-backup-list.scrape-interval=3s"];

const demo = new Deno.Command(Deno.execPath(), {
  args: ["run", "-A", `${root}/tools/demo.ts`, "month", ...FLAGS],
  stdin: "null",
  stdout: "null",
  stderr: "piped",
}).spawn();
try {
  const url = await servedAt(demo.stderr);
  // Files count once the backups have been listed again after them.
  while (!/^walg_backup_complete/m.test(await textOf(`${url}/metrics`))) await wait(200);
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  for (const { file, path, colorScheme } of PICTURES) {
    const page = await browser.newPage({ viewport: SIZE, colorScheme });
    await page.goto(`${url}/${path}`);
    await page.screenshot({ path: `${root}/docs/images/${file}` });
    await page.close();
    say(`docs/images/${file}`);
  }
  await browser.close();
} finally {
  demo.kill("SIGTERM");
  await demo.status;
}

/** The address in the log of the exporter, which is read on to its end. */
async function servedAt(log: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  const reader = log.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  for (;;) {
    const { value = "", done } = await reader.read();
    said += value;
    const [, address] = /addresses=(127\.0\.0\.1:\d+)/.exec(said) ?? [];
    if (address === undefined && !done) continue;
    if (address === undefined) throw new Error(`the demo ended: ${said}`);
    void (async () => {
      while (!(await reader.read()).done);
    })();
    return `http://${address}`;
  }
}

async function textOf(url: string): Promise<string> {
  return await (await fetch(url)).text();
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
