import type { Random } from "../../tools/scenario/random.ts";
import type { StandinOperation } from "../standin.ts";

/** The operations that faults are drawn for. */
export const OPERATIONS = ["backup-list", "wal-verify", "st-check"] as const satisfies readonly StandinOperation[];
/** One of them. */
export type ChaosOperation = typeof OPERATIONS[number];

/** One step of a sequence; all that it does is in it, so that it can be replayed from its JSON. */
export type Step =
  & { /** How long it lasts at least, milliseconds. */ readonly ms: number }
  & (
    /** The stand-in's knobs for one operation; none heals it. */
    | { readonly do: "knobs"; readonly operation: ChaosOperation; readonly knobs: Knobs }
    /** From now on WAL-G prints another list, of so many backups. */
    | { readonly do: "list"; readonly backups: number }
    /** All faults end, and all must be well again. */
    | { readonly do: "heal" }
    /** Connections that send this much and never read. */
    | { readonly do: "slow"; readonly connections: number; readonly sends: "nothing" | "half" | "request" }
    /** Connections that close right after their request. */
    | { readonly do: "abort"; readonly connections: number }
    /** Many requests on one connection, some of them wrong. */
    | { readonly do: "pipeline"; readonly requests: number }
    | { readonly do: "hangup"; readonly times: number }
    /** TERM, and a new process once all is gone. */
    | { readonly do: "restart" }
  );

type Knobs = Readonly<Record<string, string | number>>;

/** The faults of the stand-in, with what each is drawn from. */
const FAULTS: readonly ((random: Random) => Knobs)[] = [
  () => ({ HANG: 1 }),
  () => ({ HANG: 1, IGNORE_TERM: 1 }),
  (random) => ({ DELAY: `0.${random.integer(1, 3)}` }),
  (random) => ({ STREAM_DELAY: `0.${random.integer(1, 5)}` }),
  (random) => ({ GRANDCHILD: random.integer(1, 2) }),
  () => ({ GRANDCHILD: 1, HANG: 1 }),
  (random) => ({ KILL_SELF: random.chance(0.5) ? "SEGV" : "KILL" }),
  (random) => ({ EXIT: random.integer(1, 3) }),
  () => ({ EXIT: 1, STDERR: "ERROR: 2026/11/23 03:12:44.941910 dial tcp 10.0.0.1:443: connect: connection refused" }),
  () => ({ EXIT: 1, STDERR: 'panic: \u0000 "quoted\\" ünïcode \n\tmore' }),
  () => ({ EMPTY: 1 }),
  () => ({ GARBAGE: 1 }),
  (random) => ({ TRUNCATE: random.integer(1, 2000) }),
  () => ({ ENDLESS: 1 }),
  () => ({ ENDLESS: "stderr" }),
];

/** Draws a sequence that begins and ends well. */
export function drawSteps(random: Random, count: number): Step[] {
  const steps: Step[] = [{ do: "list", backups: 5, ms: 100 }, { do: "heal", ms: 300 }];
  while (steps.length < count) steps.push(drawStep(random));
  return [...steps, { do: "heal", ms: 500 }];
}

function drawStep(random: Random): Step {
  const ms = random.integer(50, 700);
  const roll = random.next();
  if (roll < 0.4) {
    const operation = OPERATIONS[random.integer(0, 2)] ?? "st-check";
    const fault = FAULTS[random.integer(0, FAULTS.length - 1)];
    return { do: "knobs", operation, knobs: fault?.(random) ?? {}, ms };
  }
  if (roll < 0.6) return { do: "list", backups: random.chance(0.1) ? 0 : random.integer(1, 60), ms };
  if (roll < 0.72) return { do: "heal", ms };
  if (roll < 0.79) {
    const sends = (["nothing", "half", "request"] as const)[random.integer(0, 2)] ?? "half";
    return { do: "slow", connections: random.integer(1, 60), sends, ms };
  }
  if (roll < 0.85) return { do: "abort", connections: random.integer(1, 40), ms };
  if (roll < 0.9) return { do: "pipeline", requests: random.integer(2, 100), ms };
  if (roll < 0.97) return { do: "hangup", times: random.integer(1, 3), ms };
  return { do: "restart", ms };
}

/** A step in a few words. */
export function describe(step: Step): string {
  const { do: what, ms, ...rest } = step;
  return `${what} ${JSON.stringify(rest)} ${ms} ms`;
}
