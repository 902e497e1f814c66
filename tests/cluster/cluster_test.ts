import assert from "node:assert/strict";
import { atOnce } from "../../src/base/clock.ts";
import { type Cluster, createCluster } from "../../src/cluster/cluster.ts";
import { createPartRenderer } from "../../src/cluster/parts.ts";
import { createExposition, type Exposition } from "../../src/metrics/exposition.ts";
import { backupList } from "../../src/operations/backup_list.ts";
import { outcomeOf, type State } from "../../src/operations/state.ts";
import { BUILD } from "../status/scenario.ts";
import { captureClock, collectState, standinConfig } from "../support/in_process.ts";

interface Watched {
  readonly cluster: Cluster;
  readonly exposition: Exposition;
  readonly faults: unknown[];
}

/** A cluster that is shown in an exposition, and runs nothing. */
function watch(): Watched {
  const exposition = createExposition({ clock: captureClock, moreSeries: () => [] });
  const faults: unknown[] = [];
  const cluster = createCluster({
    config: standinConfig(),
    render: createPartRenderer({ config: standinConfig(), build: BUILD, pace: () => atOnce }),
    clock: captureClock,
    pace: () => atOnce,
    onParts: exposition.show,
    onFault: (fault) => faults.push(fault),
  });
  return { cluster, exposition, faults };
}

/** Puts what is known in a state into a cluster, one operation after the other. */
function put({ store }: Cluster, state: State): void {
  for (const operation of state.operations) store.update(operation, () => outcomeOf(state, operation));
}

const textOf = (exposition: Exposition): string => new TextDecoder().decode(exposition.body("text", false));

Deno.test("an update while another is rendered is shown last", async () => {
  const [first, second] = [await collectState("wal-g-3.0.9/two-timelines"), await collectState("reference-sample")];
  const { cluster, exposition, faults } = watch();
  put(cluster, first);
  put(cluster, second);
  await cluster.settled();
  assert.equal(cluster.shown.state, cluster.store.state);
  assert.deepEqual(cluster.shown.state.outcomes, second.outcomes);
  assert.match(textOf(exposition), /base_0000004400000388000000C7/);
  assert.doesNotMatch(textOf(exposition), /base_000000010000000000000010/);
  assert.deepEqual(faults, []);
});

Deno.test("it is ready once each operation has run and what it said is shown", async () => {
  const { cluster } = watch();
  await cluster.settled();
  assert.equal(cluster.isReady(), false);
  put(cluster, await collectState("wal-g-1.1/two-timelines"));
  assert.equal(cluster.isReady(), false, "known, and not shown yet");
  await cluster.settled();
  assert.equal(cluster.isReady(), true);
});

Deno.test("a state that cannot be rendered leaves the one before it, and the next one is shown", async () => {
  const { cluster, exposition, faults } = watch();
  const good = await collectState("wal-g-3.0.9/two-timelines");
  put(cluster, good);
  await cluster.settled();
  const [text, { state }] = [textOf(exposition), cluster.shown];
  const broken = { value: { backups: 7 as never, digest: "" }, startTime: 0, time: 0, monotonic: 0 };
  cluster.store.update(backupList, (outcome) => ({
    ...outcome,
    snapshot: broken,
    last: { success: true, endTime: 0, durationSeconds: 0 },
  }));
  await cluster.settled();
  assert.equal(faults.length, 1);
  assert.equal(cluster.shown.state, state);
  assert.equal(textOf(exposition), text);
  put(cluster, await collectState("reference-sample"));
  await cluster.settled();
  assert.equal(faults.length, 1);
  assert.match(textOf(exposition), /base_0000004400000388000000C7/);
});
