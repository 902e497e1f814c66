import "../executable.ts";
import assert from "node:assert/strict";
import { ownArchitecture } from "../../../tools/compile/target.ts";
import { follow, servedAt, until } from "../../support/exporter.ts";
import { exists, ROOT } from "../../support/paths.ts";
import { cleanRoot, rootTest, run } from "./clean_root.ts";

const CONTEXT = `${ROOT}/dist/package/${ownArchitecture()}`;

rootTest("both Dockerfiles build; the image with a wal-g serves from a read-only root as a user without rights", [
  "buildah",
  "mmdebstrap",
  "unshare",
], async () => {
  assert.ok(exists(`${CONTEXT}/bin/walg-exporter`), `There is no ${CONTEXT}; run 'deno task packages all' first`);
  await using root = await cleanRoot();
  await root.addStandIn();
  const store = await Deno.makeTempDir({ dir: "/dev/shm", prefix: "walg-image-" });
  const buildah = async (...args: string[]): Promise<string> =>
    (await run("buildah", "--root", `${store}/root`, "--runroot", `${store}/run`, "--storage-driver", "vfs", ...args))
      .trim();
  const build = (file: string, name: string, ...args: string[]): Promise<string> =>
    buildah(
      "build",
      "--isolation=chroot",
      "--quiet",
      "-f",
      `${CONTEXT}/share/container/${file}`,
      "-t",
      name,
      ...args,
      CONTEXT,
    );
  try {
    // In the place of the public base, and of the user's image with wal-g: one made of Debian's packages.
    const base = await buildah("from", "scratch");
    await buildah("add", "--quiet", base, root.path, "/");
    await buildah("commit", "--quiet", base, "localhost/debian");
    await build("Dockerfile", "localhost/exporter", "--build-arg=BASE=localhost/debian");
    await build(
      "Dockerfile.wal-g",
      "localhost/both",
      "--build-arg=EXPORTER=localhost/exporter",
      "--build-arg=WALG=localhost/debian",
    );

    const format = "--format={{.OCIv1.Config.User}} {{.OCIv1.Config.Entrypoint}}";
    const config = await buildah("inspect", "--type=image", format, "localhost/exporter");
    assert.equal(config, "65532:65532 [/usr/bin/walg-exporter]");
    await serves(await buildah("mount", await buildah("from", "localhost/both")));
  } finally {
    await buildah("umount", "--all").catch(() => {});
    await Deno.remove(store, { recursive: true });
  }
});

/** Runs the entry point in a root that is mounted read-only, as user 999 without capabilities, and scrapes it. */
async function serves(image: string): Promise<void> {
  const script = [
    "set -e",
    `mount --bind ${image} ${image}`,
    `mount -o remount,bind,ro,nosuid ${image}`,
    `mount -t proc proc ${image}/proc`,
    `mount -t tmpfs -o size=16m,mode=1777 tmpfs ${image}/tmp`,
    `! touch ${image}/usr/written 2>/dev/null`,
    // chroot needs a right that the exporter shall not have: it comes first.
    `exec chroot ${image} setpriv --reuid=999 --regid=999 --clear-groups --bounding-set=-all --no-new-privs ` +
    `env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/tmp ` +
    `/usr/bin/walg-env /usr/bin/walg-exporter -web.listen-address=127.0.0.1:0`,
  ];
  const child = new Deno.Command("unshare", {
    args: ["--mount", "--pid", "--fork", "sh", "-c", script.join("\n")],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const log = follow(child.stderr);
  try {
    const url = await servedAt(log.matches);
    await until("each command has run", async () => await fetch(`${url}/-/ready`).then(isReady));
    const metrics = await (await fetch(`${url}/metrics`)).text();
    assert.match(metrics, /^walg_storage_up 1$/m);
    assert.match(metrics, /^walg_backups\{backup_type="full"\} [1-9]/m);
  } finally {
    // The exporter is the one child of unshare, and the first process of its namespace.
    const [exporter = ""] = (await Deno.readTextFile(`/proc/${child.pid}/task/${child.pid}/children`)).split(" ");
    if (exporter !== "") Deno.kill(Number(exporter), "SIGTERM");
    await child.status;
    await log.closed;
  }
  assert.doesNotMatch(log.text, /level=error/);
}

async function isReady(response: Response): Promise<boolean> {
  await response.body?.cancel();
  return response.status === 200;
}
