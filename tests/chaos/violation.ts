/** What must hold after every step. */
export type Invariant =
  | "scrapes answer 200 and parse"
  | "one complete list, the latest"
  | "counters never fall"
  | "errors are counted once"
  | "one tree per operation"
  | "no zombies"
  | "descriptors are flat"
  | "memory is flat"
  | "storage checks keep their cadence"
  | "clusters that are well keep their cadence"
  | "no series shows another's value"
  | "all is well once healed"
  | "TERM ends all in 5 s"
  | "it never ends by itself";

/** An invariant that did not hold. */
export class Violation extends Error {
  override readonly name = "Violation";
  readonly invariant: Invariant;

  constructor(invariant: Invariant, detail: string) {
    super(`${invariant}: ${detail}`);
    this.invariant = invariant;
  }
}
