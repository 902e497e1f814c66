/**
 * The floor: `floor_server FILE [ENCODING [MS]]` answers every request with the bytes of a file, and does nothing else.
 * What an exporter on the same runtime costs beyond it is the exporter's own. With MS it starts `wal-g` that often, too,
 * and drops what it prints.
 */
const [file = "", encoding = "", runInterval] = Deno.args;
const body = Deno.readFileSync(file);
const headers = {
  "content-type": "text/plain; version=0.0.4; charset=utf-8",
  // Without it Deno would compress identity answers itself.
  "cache-control": "no-transform",
  ...(encoding !== "" && { "content-encoding": encoding }),
};

if (runInterval !== undefined) {
  const walg = new Deno.Command("wal-g", { args: ["st", "check", "read"], stdout: "piped", stderr: "piped" });
  setInterval(() => walg.output(), Number(runInterval));
}

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  // Compiled executables are quiet by themselves.
  onListen: ({ port }) => Deno.stdout.writeSync(new TextEncoder().encode(`http://127.0.0.1:${port}/\n`)),
}, () => new Response(body, { headers }));
