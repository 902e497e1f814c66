import { gzipSync } from "node:zlib";

/** How the series that move in a real exporter move here: the value at a moment from the recorded one. */
const MOVING: Readonly<Record<string, (recorded: number, elapsed: number) => number>> = {
  walg_recovery_window_seconds: (recorded, elapsed) => recorded + elapsed,
  walg_pitr_window_seconds: (recorded, elapsed) => recorded + elapsed,
  walg_scrape_last_success_timestamp_seconds: (recorded, elapsed) => recorded + 60 * Math.floor(elapsed / 60),
  walg_scrape_duration_seconds: (recorded) => recorded * (0.5 + Math.random()),
  walg_storage_latency_seconds: (recorded) => recorded * (0.5 + Math.random()),
  walg_backup_list_duration_seconds: (recorded) => recorded * (0.5 + Math.random()),
  walg_wal_verify_duration_seconds: (recorded) => recorded * (0.5 + Math.random()),
  process_cpu_seconds_total: (recorded, elapsed) => recorded + elapsed / 1000,
  process_resident_memory_bytes: (recorded) => Math.round(recorded * (0.95 + Math.random() / 10)),
};

/** Simulated hosts, served by this process. */
export interface ServedHosts {
  /** `127.0.0.1:PORT`; host N's metrics are at `/N/metrics`. */
  readonly address: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Serves the expositions as those of `hosts` hosts, host N the one of N modulo their number, in motion. */
export function serveHosts(expositions: readonly string[], hosts: number): ServedHosts {
  const started = performance.now();
  const split = expositions.map(splitMoving);
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const [, index] = /^\/(\d+)\/metrics$/.exec(new URL(request.url).pathname) ?? [];
    const host = split[Number(index) % split.length];
    if (index === undefined || Number(index) >= hosts || host === undefined) return new Response(null, { status: 404 });
    const body = new Uint8Array(gzipSync(renderAt(host, (performance.now() - started) / 1000), { level: 1 }));
    return new Response(body, {
      headers: { "content-type": "text/plain; version=0.0.4", "content-encoding": "gzip" },
    });
  });
  return { address: `127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}

interface SplitExposition {
  readonly still: string;
  readonly moving: readonly { readonly series: string; readonly name: string; readonly recorded: number }[];
}

/** The lines that stay as they are, and the series that move. */
export function splitMoving(exposition: string): SplitExposition {
  const lines = exposition.split("\n").filter((line) => line !== "").map((line) => {
    const [, series = "", name = "", value] = /^((\w+)(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    return { line, series, name, recorded: Number(value) };
  });
  const moves = ({ name }: { name: string }): boolean => Object.hasOwn(MOVING, name);
  return {
    still: lines.filter((line) => !moves(line)).map(({ line }) => `${line}\n`).join(""),
    moving: lines.filter(moves).map(({ series, name, recorded }) => ({ series, name, recorded })),
  };
}

/** The exposition so many seconds after it was recorded. */
export function renderAt({ still, moving }: SplitExposition, elapsed: number): string {
  const moved = moving.map(({ series, name, recorded }) => `${series} ${MOVING[name]?.(recorded, elapsed)}\n`);
  return still + moved.join("");
}
