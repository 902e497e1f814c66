import assert from "node:assert/strict";
import fc from "fast-check";
import { EXPORTER_FLAGS } from "../../src/commands/config.ts";
import { UsageError } from "../../src/base/flag.ts";
import { parseFlags } from "../../src/cli/parse.ts";
import { backupList } from "../../src/operations/backup_list.ts";
import { enabledOperations } from "../../src/operations/config.ts";
import { OPERATIONS } from "../../src/operations/registry.ts";
import { readConfig } from "../../src/commands/config.ts";

function usageError(args: readonly string[]): string {
  try {
    readConfig(parseFlags(args, EXPORTER_FLAGS).given);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return error.message;
  }
  return assert.fail(`${args} was accepted`);
}

Deno.test("every flag works with one dash or two, with = or a space", () => {
  const values: Record<string, string> = { switch: "true", duration: "3s", count: "7" };
  for (const flag of EXPORTER_FLAGS) {
    const value = flag.choices?.[0] ?? values[flag.kind] ?? "/x";
    for (
      const args of [[`-${flag.name}=${value}`], [`--${flag.name}=${value}`], [`-${flag.name}`, value], [
        `--${flag.name}`,
        value,
      ]]
    ) {
      assert.deepEqual(parseFlags(args, EXPORTER_FLAGS).given.get(flag.name), [value], args.join(" "));
    }
  }
});

Deno.test("values may hold any text, dashes and = included", () => {
  fc.assert(fc.property(fc.string(), fc.boolean(), (value, joined) => {
    const args = joined ? [`-walg.path=${value}`] : ["-walg.path", value];
    assert.deepEqual(parseFlags(args, EXPORTER_FLAGS).given.get("walg.path"), [value]);
  }));
});

Deno.test("the defaults are those of the reference exporter, and of what only we do", () => {
  const config = readConfig(new Map());
  assert.deepEqual(config.listenAddresses, [":9351"]);
  assert.equal(config.telemetryPath, "/metrics");
  assert.equal(config.walgPath, "wal-g");
  assert.deepEqual(Object.fromEntries(config.timings), {
    "backup-list": { interval: 60_000, timeout: 120_000, jitter: 6000 },
    "wal-verify": { interval: 300_000, timeout: 600_000, jitter: 30_000 },
    "storage-check": { interval: 30_000, timeout: 10_000, jitter: 3000 },
    "wal-archive": { interval: 300_000, timeout: 600_000, jitter: 30_000 },
    "backup-files": { interval: 3_600_000, timeout: 1_800_000, jitter: 360_000 },
    "drill-result": { interval: 300_000, timeout: 10_000, jitter: 30_000 },
  });
});

Deno.test("an interval of 0 switches each operation off but backup-list", () => {
  const others = OPERATIONS.filter((operation) => operation !== backupList);
  const off = others.map(({ name }, at) => `-${name}.scrape-interval=${["0", "0s"][at % 2]}`);
  const config = readConfig(parseFlags(off, EXPORTER_FLAGS).given);
  assert.deepEqual(enabledOperations(config), [backupList]);
  assert.deepEqual(enabledOperations(readConfig(new Map())), OPERATIONS);
});

Deno.test("a repeatable flag keeps all its values, any other the last", () => {
  const args = ["-web.listen-address=:1", "-web.listen-address", ":2", "-log.level=warn", "--log.level=debug"];
  const config = readConfig(parseFlags(args, EXPORTER_FLAGS).given);
  assert.deepEqual(config.listenAddresses, [":1", ":2"]);
  assert.equal(config.logLevel, "debug");
});

Deno.test("a command line that cannot be used is told in one line, with flag and fix", () => {
  const cases: readonly (readonly [string[], string])[] = [
    [["-walg.pth=x"], "unknown flag -walg.pth: did you mean -walg.path?"],
    [["--nonsense"], "unknown flag -nonsense: see -help for all flags"],
    [["-x"], "unknown flag -x: see -help for all flags"],
    [["-walg.path"], "-walg.path needs a value: -walg.path=PATH"],
    [["-walg.path="], "-walg.path is empty; give the path of wal-g"],
    [
      ["-wal-verify.timeout=1x"],
      "-wal-verify.timeout: Cannot parse duration '1x': unknown unit 'x'; use ms, s, m, h or d",
    ],
    [["-wal-verify.timeout=-1s"], "-wal-verify.timeout: '-1s' is negative; it must be 0 or greater"],
    [["-backup-list.scrape-interval=0"], "-backup-list.scrape-interval: '0' is too short; the minimum is 10ms"],
    [
      ["-wal-verify.scrape-interval=9ms"],
      "-wal-verify.scrape-interval: '9ms' is too short; the minimum is 10ms, or 0 to switch it off",
    ],
    [["-storage-check.timeout=0"], "-storage-check.timeout: '0' is too short; the minimum is 10ms"],
    [["-log.level=loud"], "-log.level: 'loud' is none of debug, info, warn, error"],
    [["-web.max-requests=many"], "-web.max-requests: 'many' must be an integer, 0 or greater"],
    [["-version=maybe"], "-version: 'maybe' is neither true nor false"],
    [
      ["-web.telemetry-path=metrics"],
      "-web.telemetry-path: 'metrics' is not a path; it begins with / and has letters, digits, - _ . ~",
    ],
    [
      ["-web.telemetry-path=/-/ready"],
      "-web.telemetry-path: '/-/ready' has a meaning of its own; choose another such as /metrics",
    ],
  ];
  for (const [args, message] of cases) assert.equal(usageError(args), message);
});

Deno.test("positional arguments and what follows -- are kept apart from flags", () => {
  const { given, positionals } = parseFlags(["a", "-log.level=info", "--", "-b"], EXPORTER_FLAGS);
  assert.deepEqual(positionals, ["a", "-b"]);
  assert.deepEqual([...given.keys()], ["log.level"]);
});
