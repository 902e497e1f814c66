/** The floor for starts: `floor_startup PORT` answers every request on 127.0.0.1, and does nothing else. */
const [port = ""] = Deno.args;

Deno.serve({ hostname: "127.0.0.1", port: Number(port), onListen: () => {} }, () => new Response("up 1\n"));
