import { runServe } from "../commands/serve.ts";
import { type Command, USAGE_ERROR } from "./command.ts";
import { EXPORTER_FLAGS } from "./exporter_flags.ts";

/** What runs without a name: the exporter. It is apart from the other commands, which no start of it loads. */
export const SERVE: Command = {
  name: "serve",
  summary: "Serve metrics and the status page (what runs without a command).",
  description: "Runs wal-g at intervals and serves what it said to Prometheus and to people. " +
    "SIGHUP runs every operation now; SIGTERM and SIGINT stop it.",
  flags: EXPORTER_FLAGS,
  exitStatuses: [
    { status: "0", means: "stopped by a signal" },
    { status: "1", means: "could not listen, or serving ended by itself" },
    USAGE_ERROR,
  ],
  examples: [
    { line: "walg-exporter", does: "serve on port 9351 with wal-g from PATH" },
    {
      line: "walg-exporter -web.listen-address=:8080 -walg.path=/opt/bin/wal-g -backup-list.scrape-interval=10m",
      does: "another port, another wal-g, backups listed every ten minutes",
    },
  ],
  run: runServe,
};
