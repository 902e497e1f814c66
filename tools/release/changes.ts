/**
 * The section of a version in a changelog (Keep a Changelog), without its heading.
 *
 * @throws Error when there is none, or nothing in it
 */
export function changesOf(version: string, changelog: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.startsWith(`[${version}]`));
  const changes = section?.slice(section.indexOf("\n") + 1).replace(/^\[[^\]]+\]: \S+$/gm, "").trim();
  if (changes === undefined || changes === "") {
    throw new Error(`Cannot find the changes of '${version}': CHANGELOG.md has no text under ## [${version}]`);
  }
  return changes;
}
