import { run } from "./src/app.ts";

Deno.exit(await run(Deno.args));
