import assert from "node:assert/strict";
import fc from "fast-check";
import { seededRandom } from "../../tools/scenario/random.ts";
import { createLists } from "../chaos/lists.ts";
import { shrink } from "../chaos/shrink.ts";
import { drawSteps, type Step } from "../chaos/step.ts";
import { parseExposition } from "../support/exposition_parser.ts";

Deno.test("the same seed draws the same steps, another seed others, and JSON keeps them", () => {
  const [first, again, other] = [7, 7, 8].map((seed) => drawSteps(seededRandom(seed), 200));
  assert.deepEqual(first, again);
  assert.notDeepEqual(first, other);
  assert.deepEqual(JSON.parse(JSON.stringify(first)), first);
  assert.equal(new Set(drawSteps(seededRandom(1), 3000).map((step) => step.do)).size, 8, "every kind of step is drawn");
});

Deno.test("a failing sequence shrinks to the steps that make it fail", async () => {
  const steps = (count: number): Step[] => Array.from({ length: count }, (_, n) => ({ do: "hangup", times: n, ms: 0 }));
  const times = (step: Step): number => step.do === "hangup" ? step.times : -1;
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat({ max: 39 }), { minLength: 1, maxLength: 4 }), async (needed) => {
      const shortest = await shrink(
        steps(40),
        (shorter) => Promise.resolve(needed.every((n) => shorter.some((step) => times(step) === n))),
      );
      assert.deepEqual(shortest.map(times), needed.toSorted((a, b) => a - b));
    }),
    { numRuns: 50 },
  );
});

Deno.test("a list that is torn, mixed or of another run is told from a whole one", () => {
  const lists = createLists();
  const [first, second] = [lists.add(4), lists.add(6)];
  const shown = (json: string, leaveOut = -1): number | undefined => {
    const entries = JSON.parse(json) as { backup_name: string; compressed_size: number }[];
    const family = (name: string, value: (entry: typeof entries[number]) => number, skip = -1): string =>
      [
        `# HELP ${name} h`,
        `# TYPE ${name} gauge`,
        ...entries.filter((_, n) => n !== skip).map((entry) =>
          `${name}{backup_name="${entry.backup_name}"} ${value(entry)}`
        ),
        "",
      ].join("\n");
    return lists.shown(parseExposition([
      family("walg_backup_info", () => 1),
      family("walg_backup_start_timestamp", () => 2),
      family("walg_backup_finish_timestamp", () => 3, leaveOut),
      family("walg_backup_compressed_size_bytes", (entry) => entry.compressed_size),
      family("walg_backup_uncompressed_size_bytes", () => 4),
      `# HELP walg_backups h\n# TYPE walg_backups gauge\nwalg_backups{backup_type="full"} ${entries.length}\n`,
    ].join("")));
  };
  assert.equal(shown(first.json), first.number);
  assert.equal(shown(second.json), second.number);
  assert.throws(() => shown(first.json, 2), /walg_backup_finish_timestamp is of other backups/);
  const mixed = JSON.stringify([...JSON.parse(first.json), ...JSON.parse(second.json).slice(-1)]);
  assert.throws(() => shown(mixed), /no list of WAL-G holds/);
});
