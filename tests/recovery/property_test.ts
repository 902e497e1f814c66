import { recover } from "../../src/recovery/recover.ts";
import { assertAgreesWithOracle } from "./against_oracle.ts";

Deno.test("recovery agrees with a slow, obvious oracle on generated clusters", () => {
  assertAgreesWithOracle(recover, { numRuns: 3000 });
});
