import assert from "node:assert/strict";
import { assertPlansInWorlds } from "./against_plan_oracle.ts";
import { assertPlansInStories } from "./against_stories.ts";
import type { Mutant } from "./mutants.ts";
import { importCopy } from "./planted.ts";

/** An error in a rule of plans, and the property that must find it. */
type PlanMutant = Omit<Mutant, "by"> & { readonly by: "worlds" | "stories" };

const worlds = (error: string, file: string, right: string, wrong: string): PlanMutant => {
  return { error, file, right, wrong, by: "worlds" };
};
const stories = (error: string, file: string, right: string, wrong: string): PlanMutant => {
  return { error, file, right, wrong, by: "stories" };
};

const MUTANTS: readonly PlanMutant[] = [
  worlds(
    "a backup that is of a branch is used",
    "plan.ts",
    `judged.code !== "restorable" ||`,
    `judged.restorable !== true ||`,
  ),
  worlds(
    "the oldest backup is used",
    "plan.ts",
    "const fit = newestFirst(candidates).filter(",
    "const fit = newestFirst(candidates).toReversed().filter(",
  ),
  worlds("any backup will do for the latest", "plan.ts", "other.reach.lsn <= reach.lsn", "other.reach.lsn >= 0n"),
  worlds(
    "a backup need not have finished",
    "plan.ts",
    "backup.finishLsn <= target.lsn;",
    "backup.startLsn <= target.lsn;",
  ),
  worlds(
    "off by one byte at a backup's end",
    "plan.ts",
    "backup.finishLsn <= target.lsn;",
    "backup.finishLsn < target.lsn;",
  ),
  worlds(
    "off by one byte at the end of the WAL",
    "plan.ts",
    "return target.lsn < reach.lsn;",
    "return target.lsn <= reach.lsn;",
  ),
  worlds(
    "what a storage may have leaves no doubt",
    "plan.ts",
    "const isOpen = !isEndKnown &&",
    "const isOpen = false &&",
  ),
  worlds(
    "a backup of which nothing is known leaves no doubt",
    "plan.ts",
    "if (doubt !== undefined) {",
    "if (doubt === null) {",
  ),
  worlds(
    "recovery goes on in what was left of a timeline",
    "plan_way.ts",
    "begin <= (isEnd ? number + 1 : number)",
    "begin <= number",
  ),
  stories(
    "a later timeline's object is removed",
    "plan_way.ts",
    "(parseSegment(segment, size)?.timeline ?? 0) <= timeline",
    "true",
  ),
  worlds("an object in the way stays", "plan_way.ts", "segment === reach.inTheWay", `segment === ""`),
  stories(
    "a backup that ends after the target is used",
    "plan.ts",
    "isKnown(endTime(backup)) && endTime(backup) <= target.time",
    "isKnown(endTime(backup))",
  ),
  stories(
    "a time after the end of the WAL is possible",
    "plan.ts",
    "target.time <= (reach.moment ?? reach.certain ?? -Infinity)",
    "target.time <= (reach.moment ?? reach.certain ?? -Infinity) + 60_000",
  ),
  stories(
    "what is probable is certain",
    "plan.ts",
    "return reach.certain !== undefined && target.time <= reach.certain;",
    "return true;",
  ),
  stories(
    "only what is certain is possible",
    "plan.ts",
    "target.time <= (reach.moment ?? reach.certain ?? -Infinity)",
    "target.time <= (reach.certain ?? -Infinity)",
  ),
  stories(
    "the nearest point before is the first",
    "plan.ts",
    "end > (before?.time ?? -Infinity)",
    "end < (before?.time ?? Infinity)",
  ),
  stories(
    "the nearest point after is the last",
    "plan.ts",
    "finish < (after?.time ?? Infinity)",
    "finish > (after?.time ?? -Infinity)",
  ),
  stories(
    "a timeline that was left before it began is part of the history",
    "history.ts",
    "isPossible && at.endLsn !== undefined && parent.switchLsn > at.endLsn",
    "isPossible && at.endLsn === 0n",
  ),
];

/** Far more than it takes: a property ends with its first failure. */
const RUNS = 100_000;
const ASSERT = { worlds: assertPlansInWorlds, stories: assertPlansInStories };

Deno.test("the property tests find a planted error in each rule of plans", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    for (const [at, mutant] of MUTANTS.entries()) {
      await t.step(mutant.error, async () => {
        const planning = await importCopy(`${folder}/wrong-${at}`, mutant);
        const options = { numRuns: RUNS, endOnFailure: true, interruptAfterTimeLimit: 120_000 };
        assert.throws(() => ASSERT[mutant.by](planning, options), /Property failed/);
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
