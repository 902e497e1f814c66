/**
 * V8's flags in every executable. `bench/v8_flags.ts` measures what each is worth, docs/dev/performance.md has the
 * figures.
 */
export const V8_FLAGS: readonly string[] = [
  // Small semi-spaces and a bounded heap keep the private memory low.
  "--max-semi-space-size=2",
  "--max-old-space-size=384",
  // It would collect garbage after every run of wal-g: three quarters of the CPU at rest.
  "--no-memory-reducer",
];
