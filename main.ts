import { run } from "./src/app.ts";

const settled = Promise.withResolvers<void>();
run(Deno.args, settled.resolve).then(Deno.exit);
// When this module ends, the runtime gives memory that was freed back to the system: so it ends with the start.
await settled.promise;
