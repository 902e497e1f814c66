import type { Step } from "./step.ts";

/**
 * Makes a failing sequence shorter while it still fails: leaves out ever smaller parts.
 *
 * @param fails whether a sequence fails as the first one did
 * @param isOver whether to be content with what there is
 */
export async function shrink(
  steps: readonly Step[],
  fails: (steps: readonly Step[]) => Promise<boolean>,
  isOver: () => boolean = () => false,
): Promise<readonly Step[]> {
  let best = steps;
  for (let part = Math.ceil(best.length / 2); part >= 1; part = part === 1 ? 0 : Math.ceil(part / 2)) {
    for (let at = 0; at < best.length && best.length > 1;) {
      if (isOver()) return best;
      const shorter = [...best.slice(0, at), ...best.slice(at + part)];
      if (shorter.length > 0 && await fails(shorter)) best = shorter;
      else at += part;
    }
  }
  return best;
}
