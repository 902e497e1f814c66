import { Buffer } from "node:buffer";
import { joined } from "../base/bytes.ts";
import type { Clock, Pace } from "../base/clock.ts";
import type { Family, Sample } from "../base/family.ts";
import type { Part, PartTerms } from "./exposition.ts";
import { asOpenMetrics, compressed, type Format, type Fragment, headerOf, renderFamily } from "./fragment.ts";

/** The exposition of several clusters: each family once, with the series of all of them. */
export interface Merger {
  /** Puts these parts of a cluster in the place of those shown before. */
  set(cluster: string, parts: readonly ClusterPart[]): void;
  remove(cluster: string): void;
  /** Whether what was set of a cluster last is shown. */
  isShown(cluster: string): boolean;
  /** Resolves when all that was set is shown. */
  settled(): Promise<void>;
}

/** Options of {@link createMerger}. */
export interface MergerOptions {
  readonly clock: Clock;
  readonly pace: () => Pace;
  /** Awaited before changes are merged, so that those which come close together are merged at once; absent: at once. */
  readonly gather?: () => Promise<unknown>;
  /** Parts of the exporter itself, which follow those of the clusters. */
  readonly more: readonly Part[];
  /** Called with the parts of the exposition whenever they change. */
  readonly onParts: (parts: readonly Part[]) => void;
  /** Called for parts that could not be merged: those before them stay. */
  readonly onFault: (fault: unknown) => void;
}

/**
 * How many clusters are compressed together: a change of one has this many compressed again, and fewer would compress
 * worse.
 */
const GROUP = 16;
/** A body from this size on is compressed by itself, once, bytes. */
const LARGE = 64 * 1024;

interface Shown {
  readonly group: number;
  readonly parts: readonly ClusterPart[];
  /** Of the parts that have not expired. */
  readonly texts: ReadonlyMap<string, FamilyText>;
  readonly labels: { readonly cluster: string };
}

/** A merger that shows no cluster yet. */
export function createMerger({ clock, pace, gather, more, onParts, onFault }: MergerOptions): Merger {
  const clusters = new Map<string, Shown>();
  let published: ReadonlyMap<string, Shown> = new Map();
  const groups: Set<string>[] = [];
  // Of all families that there were, in the order in which they are shown.
  const order: string[] = [];
  const headers = new Map<string, Part>();
  const chunks = new Map<string, Map<number, Part>>();
  const whole = new Map<string, readonly Part[]>();
  // The clusters of which something expires.
  const expiring = new Map<string, readonly number[]>();
  let changed = new Map<string, Set<number>>();
  let isChanged = false;
  let merging = Promise.resolve();
  let busy = false;
  let alarm = new AbortController();
  const large = new WeakMap<Uint8Array, Fragment>();

  const groupOf = (cluster: string): number => {
    const known = clusters.get(cluster)?.group ?? groups.findIndex((group) => group.size < GROUP);
    const group = known < 0 ? groups.length : known;
    (groups[group] ??= new Set()).add(cluster);
    return group;
  };

  const put = (cluster: string, parts: readonly ClusterPart[]): void => {
    const before = clusters.get(cluster);
    const monotonic = clock.monotonic();
    const alive = parts.filter(({ expires = Infinity }) => monotonic <= expires);
    const texts = new Map(alive.flatMap((part) => part.texts.map((text) => [text.name, text])));
    const group = groupOf(cluster);
    clusters.set(cluster, { group, parts, texts, labels: { cluster } });
    const ends = parts.flatMap(({ expires }) => expires ?? []);
    if (ends.length > 0) expiring.set(cluster, ends);
    else expiring.delete(cluster);
    enterInOrder(order, [...texts.keys()]);
    markChanged(group, before?.texts, texts);
  };

  const markChanged = (
    group: number,
    before: ReadonlyMap<string, FamilyText> = new Map(),
    after: ReadonlyMap<string, FamilyText> = new Map(),
  ): void => {
    isChanged = true;
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      const [old, text] = [before.get(name), after.get(name)];
      if (isSame(old, text)) {
        // The bytes that are merged already, so that nothing is held twice.
        if (old !== undefined && text !== undefined) text.body = old.body;
        continue;
      }
      const known = changed.get(name);
      if (known === undefined) changed.set(name, new Set([group]));
      else known.add(group);
    }
  };

  const mergeChanged = async (): Promise<void> => {
    const paced = pace();
    busy = true;
    let taken = new Map<string, Set<number>>();
    try {
      while (isChanged) {
        await gather?.();
        [taken, changed, isChanged] = [changed, new Map(), false];
        await mergeOnce(taken, paced);
      }
    } catch (fault) {
      // The next change tries again what was left out.
      for (const [family, some] of taken) changed.set(family, some.union(changed.get(family) ?? new Set()));
      onFault(fault);
    } finally {
      busy = false;
    }
  };

  const mergeOnce = async (taken: ReadonlyMap<string, ReadonlySet<number>>, paced: Pace): Promise<void> => {
    // What is set meanwhile comes with the next turn: all of what is shown is of one moment.
    const shown = new Map(clusters);
    // As they are now, too: names come and go while this is under way.
    const members = new Map(
      [...new Set([...taken.values()].flatMap((some) => [...some]))].map((group) =>
        [group, [...groups[group] ?? []].flatMap((name) => shown.get(name) ?? [])] as const
      ),
    );
    const made: (readonly [family: string, group: number, chunk: Part | undefined])[] = [];
    for (const [family, changedGroups] of taken) {
      for (const group of changedGroups) {
        const texts = (members.get(group) ?? []).flatMap(({ texts }) => texts.get(family) ?? []);
        const [first] = texts;
        if (first !== undefined && !headers.has(family)) headers.set(family, await headerPart(headerOf(first), paced));
        made.push([family, group, first && partOf(await compress(texts, paced))]);
        await paced();
      }
    }
    for (const [family, group, chunk] of made) {
      const known = chunks.get(family) ?? new Map<number, Part>();
      chunks.set(family, known);
      if (chunk === undefined) known.delete(group);
      else known.set(group, chunk);
    }
    for (const family of taken.keys()) whole.set(family, wholeFamily(family));
    onParts([...order.flatMap((family) => whole.get(family) ?? []), livePart([...shown.values()]), ...more]);
    published = shown;
    watchExpiry();
  };

  const wholeFamily = (family: string): readonly Part[] => {
    const known = [...chunks.get(family) ?? []].toSorted(([a], [b]) => a - b).map(([, chunk]) => chunk);
    const header = headers.get(family);
    return known.length === 0 || header === undefined ? [] : [header, ...known];
  };

  const livePart = (shown: readonly Shown[]): Part => {
    const live = (now: number): readonly Family[] => {
      const monotonic = clock.monotonic();
      const families = new Map<string, Family & { readonly samples: Sample[] }>();
      for (const { parts, labels } of shown) {
        for (const { live, expires = Infinity } of parts) {
          if (live === undefined || monotonic > expires) continue;
          for (const family of live(now)) {
            const known = families.get(family.name) ?? { ...family, samples: [] };
            families.set(family.name, known);
            for (const sample of family.samples) {
              known.samples.push({ labels: { ...labels, ...sample.labels }, value: sample.value });
            }
          }
        }
      }
      return [...families.values()];
    };
    return { fragments: { text: NOTHING, openmetrics: NOTHING }, live, expires: undefined };
  };

  /** The bodies of some clusters in one piece, large ones in pieces of their own. */
  const compress = async (texts: readonly FamilyText[], paced: Pace): Promise<Fragment> => {
    const fragments: Fragment[] = [];
    let small: FamilyText[] = [];
    const endSmall = async (): Promise<void> => {
      if (small.length > 0) fragments.push(await compressed([joinedBodies(small)], paced));
      small = [];
    };
    for (const text of texts) {
      const { body } = text;
      if (body.length < LARGE) {
        small.push(text);
        continue;
      }
      await endSmall();
      const known = large.get(body) ?? await compressed(inPieces(body), paced);
      large.set(body, known);
      fragments.push(known);
    }
    await endSmall();
    return {
      plain: fragments.flatMap(({ plain }) => plain),
      deflated: joined(fragments.map(({ deflated }) => deflated)),
    };
  };

  /** Puts the clusters of which something expires once more when it has. */
  const watchExpiry = (): void => {
    alarm.abort();
    const monotonic = clock.monotonic();
    const ends = [...expiring.values()].flat();
    const next = Math.min(...ends.filter((end) => end >= monotonic));
    if (next === Infinity) return;
    alarm = new AbortController();
    const { signal } = alarm;
    clock.sleep(next - monotonic + 1, signal).then(() => {
      if (signal.aborted) return;
      for (const [cluster, { parts }] of clusters) {
        if (parts.some(({ expires = Infinity }) => expires <= next)) put(cluster, parts);
      }
      merge();
    });
  };

  const merge = (): void => {
    if (!busy) merging = mergeChanged();
  };

  isChanged = true;
  merge();
  return {
    set(cluster, parts) {
      put(cluster, parts);
      merge();
    },
    remove(cluster) {
      const known = clusters.get(cluster);
      if (known === undefined) return;
      clusters.delete(cluster);
      expiring.delete(cluster);
      groups[known.group]?.delete(cluster);
      markChanged(known.group, known.texts);
      merge();
    },
    isShown: (cluster) => published.has(cluster) && published.get(cluster) === clusters.get(cluster),
    settled: () => merging,
  };
}

const encoder = new TextEncoder();

const NOTHING: Fragment = { plain: [], deflated: new Uint8Array() };

function partOf(text: Fragment, openmetrics = text): Part {
  return { fragments: { text, openmetrics } satisfies Record<Format, Fragment>, live: undefined, expires: undefined };
}

/** The two lines above a family, which alone differ between the formats. */
async function headerPart(header: string, pace: Pace): Promise<Part> {
  const fragment = await compressed([encoder.encode(header)], pace);
  const open = asOpenMetrics(header);
  return partOf(fragment, open === header ? fragment : await compressed([encoder.encode(open)], pace));
}

/** Adds to an order what it does not have yet, each after the one that stands before it here. */
function enterInOrder(order: string[], names: readonly string[]): void {
  let after = 0;
  for (const name of names) {
    const known = order.indexOf(name);
    if (known < 0) order.splice(after, 0, name);
    after = Math.max(after, (known < 0 ? after : known) + 1);
  }
}

function inPieces(body: Uint8Array<ArrayBuffer>): readonly Uint8Array<ArrayBuffer>[] {
  const count = Math.ceil(body.length / (2 * LARGE));
  return Array.from({ length: count }, (_, n) => body.subarray(n * 2 * LARGE, (n + 1) * 2 * LARGE));
}

/** One family of one cluster as text. */
interface FamilyText extends Pick<Family, "name" | "help" | "type"> {
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

function withCluster(family: Family, cluster: string): Family {
  const samples = {
    *[Symbol.iterator](): Iterator<Sample> {
      for (const { labels, value } of family.samples) yield { labels: { cluster, ...labels }, value };
    },
  };
  return { ...family, labelNames: ["cluster", ...family.labelNames ?? []], samples };
}

/** The bodies in one array, in which they stand from now on: nothing is held twice. */
function joinedBodies(texts: readonly FamilyText[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(texts.reduce((sum, { body }) => sum + body.length, 0));
  let at = 0;
  for (const text of texts) {
    whole.set(text.body, at);
    text.body = whole.subarray(at, at += text.body.length);
  }
  return whole;
}

/** Whether two families would be shown alike. */
function isSame(a: FamilyText | undefined, b: FamilyText | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.body === b.body || Buffer.compare(a.body, b.body) === 0;
}
