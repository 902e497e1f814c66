import assert from "node:assert/strict";
import { load } from "js-yaml";
import { findClusters } from "../../src/cluster/sources.ts";
import { parseWebConfig } from "../../src/web/web_config.ts";
import { toolTest } from "../deploy/tools.ts";
import { allPages, type Block, blocksOf } from "./pages.ts";

/** What YAML a block is: its first line names the file. */
const KINDS = {
  prometheus: /^# prometheus\.yml/,
  alertmanager: /^# alertmanager\.yml/,
  web: /^tls_server_config:/,
  cluster: /^# \/etc\/walg-exporter\/clusters\/\w+\.yaml/,
  tasks: /^# roles\/walg_exporter\/(tasks|handlers)\/main\.yml/,
};
const blocks = blocksOf(allPages()).filter(({ language }) => language === "yaml");

function blocksOfKind(kind: keyof typeof KINDS): readonly Block[] {
  const found = blocks.filter(({ text }) => KINDS[kind].test(text));
  assert.ok(found.length > 0, kind);
  return found;
}

Deno.test("every YAML block says by its first lines what reads it", () => {
  for (const { page, text } of blocks) {
    assert.equal(Object.values(KINDS).filter((kind) => kind.test(text)).length, 1, `${page}:\n${text}`);
    load(text);
  }
});

toolTest("promtool accepts every configuration of the pages", ["promtool"], async () => {
  await inFolder(async (folder) => {
    for (const { page, text } of blocksOfKind("prometheus")) {
      const config = text.replaceAll("/etc/prometheus/", `${folder}/`)
        // Debian's build knows no Kubernetes.
        .replace(/kubernetes_sd_configs:\n +- role: pod\n/, "static_configs: [{ targets: [pod] }]\n");
      for (const name of ["walg.password", "walg-ca.pem"]) await Deno.writeTextFile(`${folder}/${name}`, "");
      await check(page, text, ["promtool", "check", "config", "--syntax-only"], `${folder}/prometheus.yml`, config);
    }
  });
});

toolTest("amtool accepts every configuration of Alertmanager", ["amtool"], async () => {
  await inFolder(async (folder) => {
    for (const { page, text } of blocksOfKind("alertmanager")) {
      const route = /^route:$/m.test(text) ? "" : "route: { receiver: dba }\n";
      const whole = `${route}receivers: [{ name: dba }]\n${text}`;
      await check(page, text, ["amtool", "check-config"], `${folder}/alertmanager.yml`, whole);
    }
  });
});

toolTest("Ansible accepts the tasks, and knows each module and option", ["ansible-playbook"], async () => {
  await inFolder(async (folder) => {
    for (const { page, text } of blocksOfKind("tasks")) {
      const [, part = ""] = KINDS.tasks.exec(text) ?? [];
      await Deno.mkdir(`${folder}/roles/walg_exporter/${part}`, { recursive: true });
      await Deno.writeTextFile(`${folder}/roles/walg_exporter/${part}/main.yml`, text);
      assert.equal(page, "docs/install.md");
    }
    const play = "- hosts: localhost\n  gather_facts: false\n  roles: [walg_exporter]\n";
    await check(
      "docs/install.md",
      play,
      ["ansible-playbook", "--syntax-check", "-i", "localhost,"],
      `${folder}/play.yml`,
      play,
    );
  });
});

Deno.test("the web config of the pages is one that the exporter takes", () => {
  for (const { text } of blocksOfKind("web")) {
    assert.doesNotThrow(() => parseWebConfig(text, "/etc/walg-exporter/web.yml"));
  }
});

Deno.test("the config of a cluster is one that the exporter takes", async () => {
  for (const { text } of blocksOfKind("cluster")) {
    const sources = { files: new Map([["main", "main.yaml"]]), folder: undefined, wanted: [], maxRunning: 4 };
    const host = {
      readText: () => Promise.resolve(text),
      stampOf: () => Promise.resolve(""),
      namesIn: () => Promise.resolve([]),
    };
    const { clusters, refused } = await findClusters(sources, host);
    assert.deepEqual([[...clusters.keys()], refused], [["main"], []]);
  }
});

async function check(
  page: string,
  block: string,
  [command = "", ...args]: readonly string[],
  path: string,
  content: string,
): Promise<void> {
  await Deno.writeTextFile(path, content);
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args, path] }).output();
  assert.ok(success, `${page}: ${new TextDecoder().decode(stdout)}${new TextDecoder().decode(stderr)}\n${block}`);
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "walg-docs-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
