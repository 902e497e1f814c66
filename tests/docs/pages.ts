import { ROOT } from "../support/paths.ts";
import { filesOf } from "../../tools/packages/stage.ts";

/** A page for readers. */
export interface Page {
  /** From the repository's folder, such as `docs/web.md`. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

/** All pages: README, docs/ and what developers read. */
export function allPages(): readonly Page[] {
  const docs = filesOf(`${ROOT}/docs`).filter((path) => path.endsWith(".md")).map((path) => `docs/${path}`);
  const paths = ["README.md", "CHANGELOG.md", ".github/CONTRIBUTING.md", ...docs];
  return paths.map((path) => ({ path, text: Deno.readTextFileSync(`${ROOT}/${path}`) }));
}

/** The fenced blocks of the pages, without the indentation of a list. */
export function blocksOf(pages: readonly Page[]): readonly Block[] {
  return pages.flatMap(({ path, text }) =>
    [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^ *```$/gm)].map(([, indent = "", language = "", block = ""]) => ({
      page: path,
      language,
      text: block.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    }))
  );
}
