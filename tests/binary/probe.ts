/** Tries, in the exporter's sandbox, what an exporter has no business doing; prints what came of each try as JSON. */
import { dropNetwork } from "../../src/commands/sandbox.ts";
import { dropPermissions } from "../../src/commands/sandbox.ts";

const outcomes: Record<string, string> = {};

async function attempt(name: string, act: () => unknown): Promise<void> {
  try {
    await act();
    outcomes[name] = "done";
  } catch (error) {
    outcomes[name] = error instanceof Error ? error.name : String(error);
  }
}

const [url = "", file = ""] = Deno.args;
const { hostname, port } = new URL(url);
const target = { hostname, port: Number(port) };

await attempt("before: read a file of the web config", () => Deno.readTextFile(file));
await attempt("before: read a named variable", () => Deno.env.get("HOME"));
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response("here"));
await attempt("before: connect", () => Deno.connect(target).then((connection) => connection.close()));

dropNetwork();
const left = dropPermissions([]);

await attempt("connect", () => Deno.connect(target));
await attempt("connect to its own listener", () => Deno.connect({ hostname: "127.0.0.1", port: server.addr.port }));
await attempt("fetch", () => fetch(url));
await attempt("websocket", () => opened(new WebSocket(url.replace("http", "ws"))));
await attempt("listen again", () => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
await attempt("ask a name server", () => Deno.resolveDns("example.com", "A"));
await attempt("connect to a unix socket", () => Deno.connect({ transport: "unix", path: "/run/probe.sock" }));

await attempt("run sh", () => new Deno.Command("sh", { args: ["-c", "exit 0"] }).output());
await attempt("run /bin/sh", () => new Deno.Command("/bin/sh", { args: ["-c", "exit 0"] }).output());
await attempt("run itself", () => new Deno.Command(Deno.execPath()).output());
await attempt("run wal-g with LD_PRELOAD", () => new Deno.Command("wal-g", { env: { LD_PRELOAD: "x.so" } }).output());
await attempt("run wal-g", () => new Deno.Command("wal-g", { args: ["--version"] }).output());
await attempt("signal another process", () => Deno.kill(1, "SIGCONT"));

await attempt("write /tmp/x", () => Deno.writeTextFile("/tmp/x", "x"));
await attempt("write beside itself", () => Deno.writeTextFile("./x", "x"));
await attempt("make a temporary file", () => Deno.makeTempFile());
await attempt("read /etc/shadow", () => Deno.readTextFile("/etc/shadow"));
await attempt("read /etc/passwd", () => Deno.readTextFile("/etc/passwd"));
await attempt("read /proc/self/environ", () => Deno.readTextFile("/proc/self/environ"));
await attempt("list /", () => [...Deno.readDirSync("/")]);
await attempt("read a file of the web config", () => Deno.readTextFile(file));

await attempt("read the whole environment", () => Deno.env.toObject());
await attempt("read AWS_SECRET_ACCESS_KEY", () => Deno.env.get("AWS_SECRET_ACCESS_KEY"));
await attempt("read a named variable", () => Deno.env.get("HOME"));
await attempt("set a variable", () => Deno.env.set("HOME", "/"));
await attempt("tell the host's name", () => Deno.hostname());
await attempt("load a library", () => Deno.dlopen("libc.so.6", {}));

const words = await new Blob([JSON.stringify({ outcomes, left })]).bytes();
Deno.stdout.writeSync(words);
Deno.exit(0);

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = (event) => reject(event instanceof ErrorEvent ? event.error ?? event.message : "refused");
  });
}
