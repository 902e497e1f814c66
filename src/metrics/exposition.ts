import type { Clock } from "../clock.ts";
import type { Operation } from "../collectors/operation.ts";
import type { State } from "../collectors/state.ts";
import type { Recovery } from "../recovery/mod.ts";
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
import { joined, type Pieces, withoutEnd } from "../pieces.ts";
import type { Format } from "./render.ts";

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

/** The last body that was made, for the scrapes of the next moment. */
interface LastBody {
  readonly time: number;
  readonly view: View;
  readonly pieces: Pieces;
}

interface Shown extends RenderedState {
  readonly pitrStart: number | undefined;
  /** By format, encoding and what is too old. */
  readonly views: Map<string, View>;
}

/** An exposition that has nothing to show yet. */
export function createExposition(options: ExpositionOptions): Exposition {
  const encoder = new TextEncoder();
  let shown: Shown | undefined;
  let wanted: State | undefined;
  let rendering: Promise<void> = Promise.resolve();
  let busy = false;
  const lastBodies: [plain?: LastBody, gzip?: LastBody] = [];

  async function renderWanted(): Promise<void> {
    busy = true;
    try {
      while (wanted !== undefined && wanted !== shown?.state) {
        const state = wanted;
        const rendered = shown && rendersAlike(shown.state, state) ? { ...shown, state } : await options.render(state);
        const views = shown && shown.parts === rendered.parts ? shown.views : new Map<string, View>();
        shown = { ...rendered, pitrStart: pitrWindowStart(state), views };
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

  function pieces(format: Format, gzip: boolean): Pieces {
    const old = shown === undefined ? [] : tooOld(shown.state, options);
    const view = shown === undefined ? NOTHING[gzip ? 1 : 0] : viewOf(shown, format, gzip, old);
    const last = lastBodies[gzip ? 1 : 0];
    const time = options.clock.now();
    const age = last === undefined ? NaN : time - last.time;
    if (last?.view === view && age >= 0 && age < MOMENT && shown !== undefined) return last.pieces;
    const tail = encoder.encode(renderLive(shown === undefined ? [] : liveSeries(shown, old, time), format));
    const made = [...view.before, joined([view.end, gzip ? gzipEnd(view.checksum, tail) : tail])];
    lastBodies[gzip ? 1 : 0] = { time, view, pieces: made };
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

const NOTHING: readonly [plain: View, gzip: View] = [
  { checksum: EMPTY, ...withoutEnd([], 0) },
  { checksum: EMPTY, ...withoutEnd(gzipHead([]), Infinity) },
];

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
