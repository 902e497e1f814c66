import { joined, type Pieces, withoutEnd } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import type { Operation } from "../operations/operation.ts";
import type { State } from "../operations/state.ts";
import type { Recovery } from "../recovery/recover.ts";
import type { Format } from "./fragment.ts";
import { type Checksum, EMPTY, extend, gzipEnd, gzipHead, plainHead } from "./gzip_member.ts";
import {
  type LiveSeries,
  pitrWindowStart,
  type ProcessFigures,
  processSeries,
  renderLive,
  windowSeries,
} from "./live.ts";
import { type RenderedState, rendersAlike } from "./parts.ts";

/** What a scrape is answered from. */
export interface Exposition {
  /** Takes a new state; it is shown, whole, as soon as it is rendered. */
  update(state: State): void;
  /** Resolves when the newest state that was given is shown. */
  shown(): Promise<void>;
  /** What is shown now; absent before the first state is rendered. */
  readonly current: { readonly state: State; readonly recovery: Recovery | undefined } | undefined;
  /** The body of a scrape, in pieces that most bodies share: they must not be written to. */
  pieces(format: Format, gzip: boolean): Pieces;
  /** The body of a scrape, whole and one's own. */
  body(format: Format, gzip: boolean): Uint8Array<ArrayBuffer>;
}

/** Options of {@link createExposition}. */
export interface ExpositionOptions {
  readonly render: (state: State) => Promise<RenderedState>;
  /** Milliseconds after which an answer is no longer shown; 0 for never. */
  readonly snapshotMaxAge: number;
  readonly clock: Clock;
  /** Told of a state that could not be rendered: the one before it stays. */
  readonly onFault: (fault: unknown) => void;
  /** Absent where the figures of the process must not stand in it. */
  readonly processFigures?: () => ProcessFigures;
  /** More series that are made per scrape. */
  readonly moreSeries?: () => readonly LiveSeries[];
}

/** What does not change from scrape to scrape. */
interface View {
  readonly checksum: Checksum;
  /** Shared by all scrapes as it is. */
  readonly before: Pieces;
  /** What follows it, copied for each scrape together with what changes. */
  readonly end: Uint8Array<ArrayBuffer>;
}

/** What changes from scrape to scrape, at a moment: the same for all formats, as no counter may fall between two. */
interface Moment {
  /** Unix milliseconds. */
  readonly time: number;
  /** What was too old to be shown. */
  readonly old: string;
  readonly series: readonly LiveSeries[];
  readonly bodies: Map<View, Pieces>;
}

interface Shown extends RenderedState {
  readonly pitrStart: number | undefined;
  /** By format, encoding and what is too old. */
  readonly views: Map<string, View>;
}

/** An exposition that has nothing to show yet. */
export function createExposition(options: ExpositionOptions): Exposition {
  let shown: Shown | undefined;
  let wanted: State | undefined;
  let rendering: Promise<void> = Promise.resolve();
  let busy = false;
  // Of what is shown: it goes with it, so that nothing of a state before it is kept.
  let lastMoment: Moment | undefined;

  async function renderWanted(): Promise<void> {
    busy = true;
    try {
      while (wanted !== undefined && wanted !== shown?.state) {
        const state = wanted;
        const rendered = shown && rendersAlike(shown.state, state) ? { ...shown, state } : await options.render(state);
        const views = shown && shown.parts === rendered.parts ? shown.views : new Map<string, View>();
        shown = { ...rendered, pitrStart: pitrWindowStart(state), views };
        lastMoment = undefined;
      }
    } finally {
      busy = false;
    }
  }

  function viewOf({ parts, views }: Shown, format: Format, gzip: boolean, old: readonly Operation[]): View {
    const key = `${format} ${gzip} ${old}`;
    const known = views.get(key);
    if (known !== undefined) return known;
    const fragments = parts
      .filter(({ shows }) => !shows.some((operation) => old.includes(operation)))
      .map((part) => part.fragments[format]);
    const head = gzip ? gzipHead(fragments) : plainHead(fragments);
    const view = { checksum: gzip ? fragments.reduce(extend, EMPTY) : EMPTY, ...withoutEnd(head, OWN) };
    views.set(key, view);
    return view;
  }

  function liveSeries(
    { state, recovery, pitrStart }: Shown,
    old: readonly Operation[],
    now: number,
  ): readonly LiveSeries[] {
    const showsBackups = state["backup-list"].snapshot !== undefined && !old.includes("backup-list");
    const window = { pitrStart, recovery: old.length > 0 ? undefined : recovery, now };
    return [
      ...showsBackups ? windowSeries(window) : [],
      ...options.moreSeries?.() ?? [],
      ...options.processFigures ? processSeries(options.processFigures()) : [],
    ];
  }

  function momentOf(of: Shown, old: readonly Operation[]): Moment {
    const time = options.clock.now();
    const age = lastMoment === undefined ? NaN : time - lastMoment.time;
    if (lastMoment?.old === `${old}` && age >= 0 && age < MOMENT) return lastMoment;
    return lastMoment = { time, old: `${old}`, series: liveSeries(of, old, time), bodies: new Map() };
  }

  function pieces(format: Format, gzip: boolean): Pieces {
    if (shown === undefined) return nothing(format, gzip);
    const old = tooOld(shown.state, options);
    const view = viewOf(shown, format, gzip, old);
    const { series, bodies } = momentOf(shown, old);
    const known = bodies.get(view);
    if (known !== undefined) return known;
    const made = withTail(view, renderLive(series, format), gzip);
    bodies.set(view, made);
    return made;
  }

  return {
    get current() {
      return shown;
    },
    update(state) {
      wanted = state;
      if (!busy) rendering = renderWanted().catch(options.onFault);
    },
    shown: () => rendering,
    pieces,
    body: (format, gzip) => joined(pieces(format, gzip)),
  };
}

/** A body without any series. */
function nothing(format: Format, gzip: boolean): Pieces {
  const head = withoutEnd(gzip ? gzipHead([]) : [], Infinity);
  return withTail({ checksum: EMPTY, ...head }, renderLive([], format), gzip);
}

const encoder = new TextEncoder();

function withTail({ before, end, checksum }: View, text: string, gzip: boolean): Pieces {
  const tail = encoder.encode(text);
  return [...before, joined([end, gzip ? gzipEnd(checksum, tail) : tail])];
}

/**
 * How much of a body is copied for each scrape, bytes: a short last piece would wait for the reader's delayed
 * acknowledgement (40 ms), as the server's sockets do not send small packets at once; one of some full packets does not.
 */
const OWN = 192 * 1024;

/**
 * How long a body serves, milliseconds: what is made per scrape is no older, and a flood of scrapes does not fill the
 * memory with bodies.
 */
const MOMENT = 10;

const AGING: readonly Operation[] = ["backup-list", "wal-verify"];

/** The operations whose last good answer is too old to be shown. */
function tooOld(state: State, { snapshotMaxAge, clock }: ExpositionOptions): readonly Operation[] {
  if (snapshotMaxAge === 0) return [];
  const now = clock.monotonic();
  return AGING.filter((operation) => {
    const snapshot = state[operation].snapshot;
    return snapshot !== undefined && now - snapshot.monotonic > snapshotMaxAge;
  });
}
