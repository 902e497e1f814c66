/** `deno run -A tools/release_notes.ts [v1.2.3]`: what CHANGELOG.md says of a version, by default the one that is built, for the page of its release. */
import { findVersion, root } from "./compile/bundle.ts";
import { changesOf } from "./release/changes.ts";
import { giveUp, say } from "./say.ts";

const [tag = findVersion()] = Deno.args;
try {
  say(changesOf(tag.replace(/^v/, ""), await Deno.readTextFile(`${root}/CHANGELOG.md`)));
} catch (error) {
  giveUp("release_notes", error);
}
