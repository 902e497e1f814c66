/** `deno run -A tools/pictures.ts`: takes the pictures of the demo that stand in README and docs, into docs/images/; needs Chromium. */
import { chromium } from "playwright-core";
import { follow, pause, servedAt } from "../tests/support/exporter.ts";
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
  const url = await servedAt(follow(demo.stderr).matches);
  // Files count once the backups have been listed again after them.
  while (!/^walg_backup_complete/m.test(await textOf(`${url}/metrics`))) await pause(200);
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

async function textOf(url: string): Promise<string> {
  return await (await fetch(url)).text();
}
