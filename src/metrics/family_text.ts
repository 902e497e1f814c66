import { Buffer } from "node:buffer";
import type { Pace } from "../base/clock.ts";
import type { Family, Sample } from "../base/family.ts";
import type { PartTerms } from "./exposition.ts";
import { headerOf, renderFamily } from "./fragment.ts";

/** One family of one cluster as text. */
export interface FamilyText extends Pick<Family, "name" | "help" | "type"> {
  /** Its series, each with the label `cluster`; once merged, a part of the bytes that it was merged into. */
  body: Uint8Array<ArrayBuffer>;
}

/** One part of what is shown of one cluster. */
export interface ClusterPart extends PartTerms {
  readonly texts: readonly FamilyText[];
}

/** Renders the families of one cluster, with its name in the label `cluster`. */
export async function renderTexts(
  cluster: string,
  families: readonly Family[],
  pace: Pace,
): Promise<{ readonly texts: readonly FamilyText[] }> {
  const texts: FamilyText[] = [];
  for (const family of families) {
    let text = "";
    for await (const piece of renderFamily(withCluster(family, cluster), pace)) text += piece;
    if (text === "") continue;
    const { name, help, type } = family;
    texts.push({ name, help, type, body: encoder.encode(text.slice(headerOf(family).length)) });
  }
  return { texts };
}

const encoder = new TextEncoder();

function withCluster(family: Family, cluster: string): Family {
  const samples = {
    *[Symbol.iterator](): Iterator<Sample> {
      for (const { labels, value } of family.samples) yield { labels: { cluster, ...labels }, value };
    },
  };
  return { ...family, labelNames: ["cluster", ...family.labelNames ?? []], samples };
}

/** The bodies in one array, in which they stand from now on: nothing is held twice. */
export function joinedBodies(texts: readonly FamilyText[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(texts.reduce((sum, { body }) => sum + body.length, 0));
  let at = 0;
  for (const text of texts) {
    whole.set(text.body, at);
    text.body = whole.subarray(at, at += text.body.length);
  }
  return whole;
}

/** Whether two families would be shown alike. */
export function isSame(a: FamilyText | undefined, b: FamilyText | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.body === b.body || Buffer.compare(a.body, b.body) === 0;
}
