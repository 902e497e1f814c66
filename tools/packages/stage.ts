import { dirname, join } from "node:path";
import { COMMANDS } from "../../src/cli/commands.ts";
import { completionScript, SHELLS } from "../../src/cli/completion.ts";
import { renderManPage } from "../../src/cli/help.ts";
import { root } from "../compile/bundle.ts";
import type { Architecture } from "../compile/target.ts";
import { COMPANIONS } from "../release/companions.ts";
import { prometheusRule } from "./prometheus_rule.ts";
import { instanceUnit } from "./units.ts";

/** What a stage is filled with. */
export interface StageOptions {
  readonly executable: string;
  readonly folder: string;
  readonly version: string;
  /** The time of all its files, Unix seconds. */
  readonly epoch: number;
}

/** Where `deno task compile` puts the executable. */
export function executablePath(architecture: Architecture): string {
  return `${root}/dist/walg-exporter-linux-${architecture}`;
}

const COMPLETIONS: Readonly<Record<typeof SHELLS[number], string>> = {
  bash: "completions/bash/walg-exporter",
  zsh: "completions/zsh/_walg-exporter",
  fish: "completions/fish/walg-exporter.fish",
};

/**
 * Fills a folder with all that is shipped for one architecture: what `nfpm.yaml` takes from, and what the tarball holds. Whole
 * folders of `deploy/` and `docs/` go in, so that a file that is added there is shipped.
 *
 * @throws Error when the executable is not there
 */
export async function fillStage({ executable, folder, version, epoch }: StageOptions): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.stat(executable).catch(() => {
    throw new Error(`there is no ${executable}; run 'deno task compile all' first`);
  });
  const copy = async (from: string, to: string, mode?: number): Promise<void> => {
    await Deno.mkdir(dirname(`${folder}/${to}`), { recursive: true });
    await Deno.copyFile(from, `${folder}/${to}`);
    if (mode !== undefined) await Deno.chmod(`${folder}/${to}`, mode);
  };
  const write = async (to: string, content: string | Uint8Array): Promise<void> => {
    await Deno.mkdir(dirname(`${folder}/${to}`), { recursive: true });
    await Deno.writeFile(`${folder}/${to}`, typeof content === "string" ? new TextEncoder().encode(content) : content);
  };
  const copyAll = async (from: string, to: string, wanted: (path: string) => boolean = () => true): Promise<void> => {
    for (const path of filesOf(`${root}/${from}`)) {
      if (wanted(path)) await copy(`${root}/${from}/${path}`, `${to}/${path}`);
    }
  };
  await copy(executable, "bin/walg-exporter", 0o755);
  await copyAll("deploy/bin", "bin");
  await copy(`${root}/deploy/drill/walg-restore-drill`, "bin/walg-restore-drill", 0o755);
  await copy(`${root}/deploy/drill/default.conf`, "drill/default.conf");
  await copyAll("deploy/systemd", "systemd");
  await copyAll("deploy/drill", "systemd", (path) => /\.(service|timer)$/.test(path));
  const unit = await Deno.readTextFile(`${root}/deploy/systemd/walg-exporter.service`);
  await write("systemd/walg-exporter@.service", instanceUnit(unit));
  const date = new Date(epoch * 1000).toISOString().slice(0, 10);
  await write("man/walg-exporter.1.gz", await gzip(renderManPage(COMMANDS, { version, date })));
  for (const shell of SHELLS) await write(COMPLETIONS[shell], completionScript(shell, COMMANDS));
  for (const path of COMPANIONS) await copy(`${root}/${path}`, `share/${path.slice(path.lastIndexOf("/") + 1)}`);
  await copy(`${root}/deploy/packages/wal-g.env`, "share/wal-g.env");
  for (const name of ["container", "kubernetes"]) await copyAll(`deploy/${name}`, `share/${name}`);
  const rules = await Deno.readTextFile(`${root}/deploy/prometheus/walg.rules.yml`);
  await write("share/kubernetes/prometheusrule.yaml", prometheusRule(rules));
  await copy(`${root}/deploy/packages/default`, "default");
  for (const path of shippedDocs()) {
    if (path.endsWith(".md")) {
      await write(`doc/${path}`, withoutDeadLinks(path, await Deno.readTextFile(`${root}/docs/${path}`)));
    } else await copy(`${root}/docs/${path}`, `doc/${path}`);
  }
  await write("doc/changelog.gz", await gzip(await Deno.readTextFile(`${root}/CHANGELOG.md`)));
  // These two are at the top of the tarball; the packages have their own way of saying both.
  await copy(`${root}/LICENSE`, "LICENSE");
  await copy(`${root}/deploy/packages/INSTALL`, "INSTALL");
  settle(folder, epoch);
}

/** What packages have of docs/: the pages but those for developers, and the pictures that they show. */
export function shippedDocs(): string[] {
  const files = filesOf(`${root}/docs`).filter((path) => !path.startsWith("dev/"));
  const pages = files.filter((path) => path.endsWith(".md")).map((path) =>
    Deno.readTextFileSync(`${root}/docs/${path}`)
  );
  return files.filter((path) => !path.startsWith("images/") || pages.some((page) => page.includes(`](${path})`)));
}

/** A page whose links to files that packages do not have are plain words; `path` is its place in docs/. */
export function withoutDeadLinks(path: string, text: string): string {
  const shipped = new Set(shippedDocs());
  return text.replaceAll(/(?<!!)\[([^\[\]]+)\]\(([^()\s]+)\)/g, (link, words: string, target: string) => {
    const [file = ""] = target.split("#");
    const isDead = !/^[a-z]+:/.test(target) && file !== "" && !shipped.has(join(dirname(path), file));
    return isDead ? words : link;
  });
}

/** The paths of all files below a folder, from there; none where there is no such folder. */
export function filesOf(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
      isDirectory ? filesOf(`${folder}/${name}`).map((path) => `${name}/${path}`) : [name]
    ).toSorted();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Modes and times that depend on nothing but the sources, whatever the umask is. */
function settle(path: string, epoch: number): void {
  const { isDirectory, mode } = Deno.statSync(path);
  if (isDirectory) { for (const { name } of Deno.readDirSync(path)) settle(`${path}/${name}`, epoch); }
  Deno.chmodSync(path, isDirectory || ((mode ?? 0) & 0o100) !== 0 ? 0o755 : 0o644);
  Deno.utimeSync(path, epoch, epoch);
}

/** Without a time of its own, so that the same text gives the same bytes. */
async function gzip(text: string): Promise<Uint8Array> {
  return await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
}
