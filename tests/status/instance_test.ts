import assert from "node:assert/strict";
import * as v from "valibot";
import { UsageError } from "../../src/base/flag.ts";
import { readConfig } from "../../src/commands/config.ts";
import { statusJson } from "../../src/status/json.ts";
import { statusOf, viewOf } from "../../src/status/view.ts";
import { renderPage } from "../../src/web/page/document.ts";
import { expositionOf } from "../support/in_process.ts";
import { emptyState } from "../support/state.ts";
import { BUILD, NOW, recoveryOf, runCapture } from "./scenario.ts";
import { StatusSchema } from "./schema.ts";

const flags = (name?: string) => readConfig(new Map(name === undefined ? [] : [["instance.name", [name]]]));

/** The status on a host of that name, or one that the sandbox hides. */
async function statusOn(hostname: string | undefined, name?: string, capture = "wal-g-3.0.9/segment-lost") {
  const state = capture === "" ? emptyState() : await runCapture(capture);
  const options = {
    config: flags(name),
    build: BUILD,
    hostname,
    telemetryPath: "/metrics",
    sandbox: undefined,
    now: NOW,
  };
  return statusOf(viewOf(state, recoveryOf(state)), options);
}

const headerOf = (page: string): string => /<header>([^]*?)<\/header>/.exec(page)?.[1] ?? "";
const titleOf = (page: string): string => /<title>(.*?)<\/title>/.exec(page)?.[1] ?? "";

Deno.test("instance: host, data directory and system identifier stand in header, title and JSON", async () => {
  const status = await statusOn("replica-2");
  const page = renderPage(status, { refreshes: true, allBackups: false });
  assert.match(headerOf(page), /replica-2/);
  assert.match(headerOf(page), /db1:\/var\/lib\/postgresql\/15\/main/, "the backups are another host's");
  assert.match(headerOf(page), /7711199360131015255/);
  assert.equal(titleOf(page), "Warning: replica-2: 1 WAL segment lost");
  const json = v.parse(StatusSchema, JSON.parse([...statusJson(status)].join("")));
  assert.deepEqual(json.instance, {
    name: "replica-2",
    hostname: "db1",
    data_dir: "/var/lib/postgresql/15/main",
    system_identifier: "7711199360131015255",
  });
  const same = renderPage(await statusOn("db1"), { refreshes: true, allBackups: false });
  assert.doesNotMatch(headerOf(same), /db1:/);
});

Deno.test("instance: -instance.name overrides this host's name, and WAL-G's is all there is where the sandbox hides it", async () => {
  const named = await statusOn("replica-2", "orders (prod) <1>");
  assert.match(headerOf(renderPage(named, { refreshes: true, allBackups: false })), /orders \(prod\) &lt;1&gt;/);
  assert.equal(named.instance.name, "orders (prod) <1>");
  assert.equal((await statusOn(undefined)).instance.name, "db1");
  assert.equal((await statusOn(undefined, undefined, "")).instance.name, undefined);
  assert.equal((await statusOn("replica-2", undefined, "")).instance.name, "replica-2", "before anything is listed");
  for (const bad of ["", " ", "a\nb"]) {
    assert.throws(() => flags(bad), (error) => error instanceof UsageError && /^-instance\.name/.test(error.message));
  }
});

Deno.test("instance: walg_cluster_info has the name that was given, and WAL-G's host name as it is", async () => {
  const state = await runCapture("wal-g-3.0.9/healthy");
  const infoOf = async (name?: string): Promise<string> =>
    /^walg_cluster_info.*$/m.exec(await expositionOf(state, flags(name)))?.[0] ?? "";
  const walg = 'system_identifier="7711199360131015255",hostname="db1",data_dir="/var/lib/postgresql/15/main"';
  assert.equal(await infoOf(), `walg_cluster_info{${walg}} 1`);
  assert.equal(await infoOf("orders"), `walg_cluster_info{${walg},instance_name="orders"} 1`);
});

Deno.test("title: word, host and what is wrong, in a few words, without request ids", async () => {
  const captures = ["s3-bad-key", "storage-missing", "postgres-down", "archiving-stuck-long", "healthy", "split-brain"];
  for (const capture of captures) {
    const status = await statusOn("db1.example.org", undefined, `wal-g-3.0.9/${capture}`);
    const title = titleOf(renderPage(status, { refreshes: true, allBackups: false }));
    assert.match(title, /^(OK|Warning|Critical): db1\.example\.org/, title);
    assert.ok(title.length <= 90, title);
    assert.doesNotMatch(title, /request id|status code|dial tcp|dial error/, title);
  }
});
