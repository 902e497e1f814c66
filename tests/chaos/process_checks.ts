import { pause } from "../support/exporter.ts";
import type { Logged } from "./runs_log.ts";
import { Violation } from "./violation.ts";
import { INTERVAL, type World } from "./world.ts";

/** Watches the processes of a world, step after step. */
export interface ProcessChecks {
  /** At any time: trees, zombies. */
  now(world: World): void;
  /** After a step that lasted since a moment, Unix seconds: the cadence, and that nothing grew. */
  afterStep(world: World, since: number): void;
  /** The figures at the end, for people. */
  readonly figures: { readonly descriptors: number; readonly anonymous: number };
}

/** How much more private memory than at its first rest a process may have, bytes: an answer at the limit is 32 MiB. */
const GROWTH = 120 * 1024 * 1024;
/** Pipes of three commands and of the version, sockets of scrapers that are just closing. */
const SPARE_DESCRIPTORS = 40;
/** Zombies are there for a moment: the exporter asks how a process ended when it gets to it; milliseconds. */
const ZOMBIE_LIMIT = 1500;

/** Checks for one process: another needs its own. */
export function createProcessChecks(): ProcessChecks {
  const zombies = new Map<number, number>();
  let rest: { readonly descriptors: number; readonly anonymous: number } | undefined;
  let figures = { descriptors: 0, anonymous: 0 };
  return {
    now(world) {
      if (world.endedBy !== undefined) throw new Violation("it never ends by itself", `status ${world.endedBy}`);
      world.runs.poll();
      // A grandchild of the process before is out of reach of both.
      checkTrees(world.runs.alive().filter(({ start }) => start >= world.since));
      const now = performance.now();
      const present = new Set(world.zombies());
      for (const pid of zombies.keys()) if (!present.has(pid)) zombies.delete(pid);
      for (const pid of present) {
        const since = zombies.get(pid) ?? now;
        zombies.set(pid, since);
        if (now - since > ZOMBIE_LIMIT) throw new Violation("no zombies", `${pid} since ${Math.round(now - since)} ms`);
      }
    },
    afterStep(world, since) {
      figures = world.figures();
      rest ??= figures;
      if (figures.descriptors > rest.descriptors + SPARE_DESCRIPTORS) {
        throw new Violation("descriptors are flat", `${rest.descriptors} at first, ${figures.descriptors} now`);
      }
      if (figures.anonymous > rest.anonymous + GROWTH) {
        const [first, now] = [rest.anonymous, figures.anonymous].map((bytes) => Math.round(bytes / 1e6));
        throw new Violation("memory is flat", `${first} MB private at first, ${now} MB now`);
      }
      checkCadence(world, since);
    },
    get figures() {
      return figures;
    },
  };
}

/** One tree for each operation; the helper `st ls` belongs to backup-list, and a grandchild to the run before it. */
function checkTrees(alive: readonly Logged[]): void {
  for (const operation of ["backup-list", "wal-verify", "st-check"]) {
    const own = alive.filter((run) =>
      run.operation === operation || (operation === "backup-list" && run.operation === "st-ls")
    );
    const main = own.filter(({ grandchild }) => !grandchild);
    const orphans = own.filter(({ grandchild, start }) => grandchild && !main.some((run) => run.start <= start));
    if (main.length + orphans.length > 1) {
      throw new Violation(
        "one tree per operation",
        own.map(({ pid, start }) => `${operation} ${pid} ${start}`).join(", "),
      );
    }
  }
}

/** The longest that two storage checks may be apart, seconds: many intervals, as a busy machine is slow, too. */
const LONGEST_GAP = 1.2;

/** No storage check begins long after the one before, while nothing is wrong with them. */
function checkCadence(world: World, since: number): void {
  const well = world.wellSince("st-check");
  if (well === undefined) return;
  const from = Math.max(since, well, world.since + 1);
  const now = Date.now() / 1000;
  const starts = world.runs.starts("st-check", from);
  const longest = Math.max(...[...starts, now].map((start, n) => start - (starts[n - 1] ?? from)));
  if (longest <= LONGEST_GAP) return;
  throw new Violation(
    "storage checks keep their cadence",
    `${starts.length} in ${(now - from).toFixed(2)} s, up to ${
      longest.toFixed(2)
    } s apart, one due every ${INTERVAL} ms`,
  );
}

/** Samples without end what must hold at any time. */
export async function watchProcesses(
  { world, checks, onViolation, signal }: {
    world: World;
    checks: () => ProcessChecks;
    onViolation: (violation: unknown) => void;
    signal: AbortSignal;
  },
): Promise<void> {
  while (!signal.aborted) {
    try {
      if (world.process !== undefined) checks().now(world);
    } catch (error) {
      onViolation(error);
    }
    await pause(25);
  }
}
