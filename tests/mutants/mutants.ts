/** A break that is planted on purpose; the suite that it names must find it. */
export interface Mutant {
  readonly error: string;
  /** From the repository's folder. */
  readonly file: string;
  /** What stands there, exactly once. */
  readonly right: string;
  readonly wrong: string;
  readonly foundBy: Finder;
}

/** A file of tests/faults with what the names of the tests must hold, or the chaos suite. */
export type Finder = "chaos" | { readonly test: string; readonly filter: string };

const commands = (filter: string): Finder => ({ test: "commands_test.ts", filter });

/** All planted breaks. */
export const MUTANTS: readonly Mutant[] = [
  {
    error: "reset before set: a run that begins takes the answer away",
    file: "src/operations/scheduler.ts",
    right: "store.update(operation, (outcome) => ({ ...outcome, runningSince: clock.now() }));",
    wrong:
      "store.update(operation, (outcome) => ({ ...outcome, snapshot: undefined as never, runningSince: clock.now() }));",
    foundBy: "chaos",
  },
  {
    error: "a failed run takes the last good answer away",
    file: "src/operations/state.ts",
    right: "    ...settled(outcome),\n    errors,",
    wrong: "    ...settled(outcome),\n    snapshot: undefined as never,\n    errors,",
    foundBy: commands("garbage"),
  },
  {
    error: "no timeout",
    file: "src/walg/command.ts",
    right: "return clock.sleep(timeout, waiting)",
    wrong: "return clock.sleep(timeout + 1e9, waiting)",
    foundBy: "chaos",
  },
  {
    error: "no KILL after TERM",
    file: "src/walg/command.ts",
    right: 'kill(child, "SIGKILL");\n    //',
    wrong: 'kill(child, "SIGTERM");\n    //',
    foundBy: commands("ignores TERM"),
  },
  {
    error: "waits for the pipes, however long a grandchild holds them",
    file: "src/walg/command.ts",
    right: "do await Promise.race([pipes, clock.sleep(PIPE_GRACE_MS, ended.signal)]);",
    wrong: "do await pipes;",
    foundBy: commands("keeps the pipes"),
  },
  {
    error: "starts a second tree while the first still holds its pipes",
    file: "src/operations/scheduler.ts",
    right: "occupiedSince = start;\n",
    wrong: "occupiedSince = undefined;\n",
    foundBy: "chaos",
  },
  {
    error: "an error is counted twice",
    file: "src/operations/state.ts",
    right: "(outcome.errors.get(failure.type) ?? 0) + 1",
    wrong: "(outcome.errors.get(failure.type) ?? 0) + 2",
    foundBy: commands("ignores TERM"),
  },
  {
    error: "a success sets the counters back",
    file: "src/operations/state.ts",
    right: "    snapshot,\n    failuresInARow: 0,",
    wrong:
      "    snapshot,\n    errors: new Map([...outcome.errors.keys()].map((type) => [type, 0])),\n    failuresInARow: 0,",
    foundBy: "chaos",
  },
  {
    error: "each encoding keeps figures of its own",
    file: "src/metrics/exposition.ts",
    right: "const { series, bodies } = tailNow();",
    wrong: "const kept = (pieces as { kept?: Map<boolean, Tail> }).kept ??= new Map();\n" +
      "    tail = kept.get(gzip);\n    const { series, bodies } = tailNow();\n" +
      "    if (tail) kept.set(gzip, tail);",
    foundBy: "chaos",
  },
  {
    error: "one queue for all operations",
    file: "src/operations/run.ts",
    right: 'return { how: "answer", value: await operation.collect(context) };',
    wrong: "const queue = globalThis as unknown as { turn?: Promise<unknown> };\n" +
      "    const run = (queue.turn ?? Promise.resolve()).catch(() => {}).then(() => operation.collect(context));\n" +
      '    queue.turn = run;\n    return { how: "answer", value: await run };',
    foundBy: commands("wal-verify hangs"),
  },
  {
    error: "the storage check backs off",
    file: "src/operations/storage_check.ts",
    right: "backsOff: false",
    wrong: "backsOff: true",
    foundBy: { test: "clock_test.ts", filter: "never backs off" },
  },
  {
    error: "walg_storage_up stays 1",
    file: "src/operations/storage_check.ts",
    right: "value: success ? 1 : 0",
    wrong: "value: success ? 1 : 1",
    foundBy: commands("walg_storage_up is 0"),
  },
  {
    error: "a new list is never shown",
    file: "src/operations/backup_list.ts",
    right: "if (context.previous?.digest === sum) return context.previous;",
    wrong: "if (context.previous !== undefined) return context.previous;",
    foundBy: "chaos",
  },
  {
    error: "an empty answer is believed",
    file: "src/operations/backup_list.ts",
    right: 'if (listed && !names.includes("_backup_stop_sentinel.json")) return',
    wrong: "if (listed || names === names) return",
    foundBy: commands("garbage"),
  },
  {
    error: "one family leaves a backup out",
    file: "src/operations/backup_list.ts",
    right:
      'each("walg_backup_start_timestamp", "Start time of the backup (Unix timestamp).", (b) => unixSeconds(b.startTime)),',
    wrong:
      'gauge("walg_backup_start_timestamp", "Start time of the backup (Unix timestamp).", samplesOf(backups.slice(1), (b) => unixSeconds(b.startTime)), NAME),',
    foundBy: "chaos",
  },
  {
    error: "stdout has no limit",
    file: "src/walg/command.ts",
    right: "STDOUT_LIMIT_BYTES = 32 * 1024 * 1024",
    wrong: "STDOUT_LIMIT_BYTES = 32 * 1024 ** 3",
    foundBy: commands("endless stdout"),
  },
  {
    error: "all of stderr is kept",
    file: "src/walg/command.ts",
    right: "STDERR_LIMIT_BYTES = 4096",
    wrong: "STDERR_LIMIT_BYTES = 1024 ** 3",
    foundBy: commands("endless stderr"),
  },
  {
    error: "a command that runs is left behind when the exporter stops",
    file: "src/operations/run.ts",
    right: "...(signal !== undefined && { signal }),",
    wrong: "",
    foundBy: commands("after a restart"),
  },
  {
    error: "HUP starts a run beside the one under way",
    file: "src/operations/scheduler.ts",
    right: "runNow: () => wake.abort()",
    wrong: "runNow: () => void createStep(operation, options)()",
    foundBy: commands("HUP during a run"),
  },
  {
    error: "the wall clock bears on the cadence",
    file: "src/operations/scheduler.ts",
    right: "const left = due - clock.monotonic();",
    // The clock of the test starts at 1795410000 Unix seconds; a hundredth of a jump comes to the wait.
    wrong: "const left = due - clock.monotonic() + Math.abs(clock.now() - clock.monotonic() - 1795410000000) / 100;",
    foundBy: { test: "clock_test.ts", filter: "moves no run" },
  },
  {
    error: "a window can be negative",
    file: "src/operations/backup_list.ts",
    right: "Math.max(0, (now - start) / 1000)",
    wrong: "(now - start) / 1000",
    foundBy: { test: "clock_test.ts", filter: "makes no window negative" },
  },
  {
    error: "all hosts run at the same moments",
    file: "src/operations/scheduler.ts",
    right: "const phase = options.random() *",
    wrong: "const phase = 0 * options.random() *",
    foundBy: { test: "clock_test.ts", filter: "spread" },
  },
  {
    error: "an answer never gets too old",
    file: "src/cluster/parts.ts",
    right: "[snapshot.monotonic + maxAge]",
    wrong: "[snapshot.monotonic + maxAge * 1e6]",
    foundBy: { test: "staleness_test.ts", filter: "max-age" },
  },
  {
    error: "readers that do not read keep others out",
    file: "src/web/in_flight.ts",
    right: "if (now - stalled.lastTaken < STALL_TIMEOUT_MS) return false;",
    wrong: "if (now - stalled.lastTaken < STALL_TIMEOUT_MS * 1e6) return false;",
    foundBy: { test: "scrapers_test.ts", filter: "slow readers" },
  },
  {
    error: "answers are counted after they were sent",
    file: "src/web/in_flight.ts",
    right: "    sent().then(leave, leave);",
    wrong: "    sent().then(() => {}, leave);",
    foundBy: { test: "in_flight_test.ts", filter: "leaves its place" },
  },
  {
    error: "a process stays that does not listen",
    file: "src/commands/serve.ts",
    right: '  if ("fault" in ended) {\n',
    wrong: '  if ("fault" in ended) {\n    await new Promise(() => {});\n',
    foundBy: { test: "scrapers_test.ts", filter: "limit of descriptors" },
  },
  {
    error: "a log line that cannot be written ends the exporter",
    file: "src/app.ts",
    right: "    // A stream that was closed, or a full disk behind it, must not end the exporter.",
    wrong: "    Deno.exit(70);",
    foundBy: { test: "operators_test.ts", filter: "stderr is on a full disk" },
  },
  {
    error: "TERM ends no command, and waits for all",
    file: "src/commands/serve.ts",
    right: '  stop.abort();\n  if ("fault" in ended) {',
    wrong: '  if ("fault" in ended) {',
    foundBy: "chaos",
  },
  {
    error: "each run leaves a descriptor open",
    file: "src/walg/command.ts",
    right: "  const ended = new AbortController();\n",
    wrong: '  const ended = new AbortController();\n  Deno.openSync("/dev/null");\n',
    foundBy: "chaos",
  },
  {
    error: "each run leaves a megabyte behind",
    file: "src/walg/command.ts",
    right: "  const ended = new AbortController();\n",
    wrong: "  const ended = new AbortController();\n" +
      "  const kept = globalThis as unknown as { runs?: Uint8Array[] };\n" +
      "  (kept.runs ??= []).push(new Uint8Array(1_000_000).fill(1));\n",
    foundBy: "chaos",
  },
];
