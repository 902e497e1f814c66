/**
 * What V8 is told in every executable. `bench/v8_flags.ts` measures what each is worth, docs/performance.md has the
 * figures.
 */
export const V8_FLAGS: readonly string[] = [
  // Small semi-spaces and a bounded heap keep the private memory low.
  "--max-semi-space-size=2",
  "--max-old-space-size=256",
  // The optimizing compilers are megabytes of code: they are not brought in for what runs a few times a minute.
  "--invocation-count-for-maglev=4000",
  "--invocation-count-for-maglev-osr=4000",
  "--invocation-count-for-turbofan=40000",
  "--invocation-count-for-osr=40000",
];
