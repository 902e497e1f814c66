import { recover } from "../../src/recovery/recover.ts";
import { assertAgreesWithWorld } from "./against_world_oracle.ts";

Deno.test("recovery by the archive agrees with a slow, obvious oracle in generated worlds", () => {
  assertAgreesWithWorld(recover, { numRuns: 3000 });
});
