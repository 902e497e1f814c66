/** Draws the examples of docs/recovery.md from what src/recovery says of them: `deno run -A tools/draw_recovery.ts`. */
import { recover } from "../src/recovery/recover.ts";
import { EXAMPLES } from "../tests/recovery/examples.ts";
import { draw } from "./draw_recovery/drawing.ts";

for (const { file, title, facts, branch } of EXAMPLES) {
  const path = new URL(`../docs/recovery/${file}.svg`, import.meta.url);
  await Deno.writeTextFile(path, draw(title, recover(facts), branch));
}
