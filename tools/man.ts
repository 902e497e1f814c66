/** `deno run -A tools/man.ts [PATH]`: writes the man page, to dist/walg-exporter.1 if no path is given. */
import { COMMANDS } from "../src/cli/commands.ts";
import { VERSION } from "../src/base/host.ts";
import { renderManPage } from "../src/cli/help.ts";

const [path = "dist/walg-exporter.1"] = Deno.args;
// Packagers set this, so that the same sources make the same page on any day.
const epoch = Deno.env.get("SOURCE_DATE_EPOCH");
const time = epoch === undefined ? Date.now() : Number(epoch) * 1000;
const page = renderManPage(COMMANDS, { version: VERSION, date: new Date(time).toISOString().slice(0, 10) });
const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
if (folder !== "") await Deno.mkdir(folder, { recursive: true });
await Deno.writeTextFile(path, page);
