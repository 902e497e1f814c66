import assert from "node:assert/strict";
import type { Clock } from "../../src/base/clock.ts";
import { openWebConfig, type WebConfigReload } from "../../src/web/access.ts";

const PATH = "/etc/walg-exporter/web.yml";
const HASH = "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze";
const ALICE = `basic_auth_users: {alice: ${HASH}}`;
const BOB = `basic_auth_users: {bob: ${HASH}}`;
const KEPT = "; the previous one stays in use";

/** A file that tests change under a watcher. */
class WatchedFile {
  text = ALICE;
  modified = 1;
  /** Thrown by the next looks. */
  fault: Error | undefined;
  reads = 0;
  now = 1_700_000_000_500;
  /** Called in the middle of a read. */
  duringRead: () => void = () => {};

  write(text: string): void {
    this.text = text;
    this.modified++;
  }

  stampOf = (): Promise<string> => {
    if (this.fault !== undefined) return Promise.reject(this.fault);
    return Promise.resolve(`${this.modified} ${this.text.length}`);
  };

  readText = (): Promise<string> => {
    this.reads++;
    const text = this.text;
    this.duringRead();
    return Promise.resolve(text);
  };

  async watch(): Promise<WebConfigReload> {
    const clock: Clock = { now: () => this.now, monotonic: () => 0, sleep: () => Promise.resolve() };
    const { stampOf, readText } = this;
    const reload = await openWebConfig(PATH, { stampOf, readText, clock });
    this.reads = 0;
    return reload;
  }
}

async function usersOf(reload: WebConfigReload): Promise<string[]> {
  const outcome = await reload.poll();
  assert.ok(outcome.how === "reloaded", JSON.stringify(outcome));
  return [...reload.config.users.keys()];
}

function figures(reload: WebConfigReload): number[] {
  return reload.series().flatMap(({ samples }) => [...samples].map(({ value }) => value));
}

Deno.test("an unchanged file is not read again", async () => {
  const file = new WatchedFile();
  const reload = await file.watch();
  assert.deepEqual(await reload.poll(), { how: "unchanged" });
  assert.equal(file.reads, 0);
  assert.deepEqual(figures(reload), [1, 1_700_000_000]);
});

Deno.test("a changed file counts from the next look on", async () => {
  const file = new WatchedFile();
  const reload = await file.watch();
  file.write(BOB);
  file.now += 60_000;
  assert.deepEqual(await usersOf(reload), ["bob"]);
  assert.deepEqual(await reload.poll(), { how: "unchanged" });
  assert.deepEqual(figures(reload), [1, 1_700_000_060]);
});

Deno.test("a broken file leaves the old one in use, is reported as new once, and can be fixed", async () => {
  const file = new WatchedFile();
  const reload = await file.watch();
  file.write("basic_auth_users: {alice: secret}");
  file.now += 60_000;
  const error = `Cannot use web config '${PATH}': basic_auth_users.alice: not a bcrypt hash ($2a$, $2b$ or $2y$, ` +
    `cost 4 to 14); make one with 'htpasswd -nBC 10 alice'${KEPT}`;
  assert.deepEqual(await reload.poll(), { how: "failed", error });
  assert.deepEqual(await reload.poll(), { how: "unchanged" });
  assert.equal(file.reads, 1);
  assert.deepEqual(figures(reload), [0, 1_700_000_000]);
  file.write(BOB);
  assert.deepEqual(await usersOf(reload), ["bob"]);
  assert.deepEqual(figures(reload), [1, 1_700_000_060]);
});

Deno.test("a file that is gone and comes back", async () => {
  const file = new WatchedFile();
  const reload = await file.watch();
  file.fault = new Error(`No such file or directory (os error 2): stat '${PATH}'`);
  const error = `Cannot read web config '${PATH}': No such file or directory (os error 2)${KEPT}`;
  assert.deepEqual(await reload.poll(), { how: "failed", error });
  assert.deepEqual(await reload.poll(), { how: "unchanged" });
  file.fault = undefined;
  assert.deepEqual(await usersOf(reload), ["alice"]);
  assert.equal(figures(reload)[0], 1);
});

Deno.test("a file that loses all its users does not open the door", async () => {
  const file = new WatchedFile();
  const reload = await file.watch();
  file.write("");
  const outcome = await reload.poll();
  assert.deepEqual(outcome, {
    how: "failed",
    error: `Cannot use web config '${PATH}': basic_auth_users: all users are gone; restart to serve without passwords` +
      KEPT,
  });
  file.write(BOB);
  assert.deepEqual(await usersOf(reload), ["bob"]);
  file.write("# empty");
  assert.equal((await reload.poll()).how, "failed");
});

Deno.test("a file without users may get some", async () => {
  const file = new WatchedFile();
  file.text = "";
  const reload = await file.watch();
  file.write(ALICE);
  assert.deepEqual(await usersOf(reload), ["alice"]);
});

Deno.test("a file that changes while it is read is read again at the next look", async () => {
  const file = new WatchedFile();
  const reload = await file.watch();
  file.write("basic_auth_us");
  file.duringRead = () => {
    file.duringRead = () => {};
    file.write(BOB);
  };
  assert.deepEqual(await reload.poll(), { how: "unchanged" });
  assert.equal(figures(reload)[0], 1);
  assert.deepEqual(await usersOf(reload), ["bob"]);
});

Deno.test("another certificate needs a restart, against what was read at start", async () => {
  const tls = "tls_server_config: {cert_file: a.crt, key_file: a.key}\n";
  const file = new WatchedFile();
  file.text = tls + ALICE;
  const reload = await file.watch();
  for (
    const [text, expected] of [
      [tls + BOB, []],
      [tls.replace("a.crt", "b.crt") + BOB, ["tls_server_config"]],
      [tls.replace("a.crt", "b.crt") + ALICE, ["tls_server_config"]],
      [ALICE, ["tls_server_config"]],
      [tls + ALICE, []],
    ] as const
  ) {
    file.write(text);
    const outcome = await reload.poll();
    assert.ok(outcome.how === "reloaded");
    assert.deepEqual(outcome.needsRestart, expected, text);
  }
});
