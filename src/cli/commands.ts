import { CHECK } from "../commands/check/check.ts";
import type { Command } from "../commands/command.ts";
import { DOCTOR } from "../commands/doctor/doctor.ts";
import { ONCE } from "../commands/once.ts";
import { PLAN } from "../commands/plan.ts";
import { SERVE } from "../commands/serve.ts";
import { completionCommand } from "./completion.ts";

/** All commands, the one that runs without a name first. */
export const COMMANDS: readonly [Command, ...Command[]] = [
  SERVE,
  CHECK,
  ONCE,
  PLAN,
  DOCTOR,
  completionCommand(() => COMMANDS),
];
