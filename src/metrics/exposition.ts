import type { Clock } from "../clock.ts";
import type { Operation, State } from "../collectors/state.ts";
import type { Recovery } from "../recovery/mod.ts";
import type { Fragment } from "./fragment.ts";
import { type Checksum, EMPTY, extend, gzipPieces, joined, plainPieces } from "./gzip_member.ts";
import {
  type LiveSeries,
  pitrWindowStart,
  type ProcessFigures,
  processSeries,
  renderLive,
  windowSeries,
} from "./live.ts";
import { type RenderedState, rendersAlike } from "./parts.ts";
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
  pieces(format: Format, gzip: boolean): readonly Uint8Array<ArrayBuffer>[];
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

interface View {
  readonly fragments: readonly Fragment[];
  readonly checksum: Checksum;
}

interface Shown extends RenderedState {
  readonly pitrStart: number | undefined;
  /** By format and by what is too old. */
  readonly views: Map<string, View>;
}

/** An exposition that has nothing to show yet. */
export function createExposition(options: ExpositionOptions): Exposition {
  const encoder = new TextEncoder();
  let shown: Shown | undefined;
  let wanted: State | undefined;
  let rendering: Promise<void> = Promise.resolve();
  let busy = false;

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

  function viewOf({ parts, views }: Shown, format: Format, old: readonly Operation[]): View {
    const key = `${format} ${old}`;
    const known = views.get(key);
    if (known !== undefined) return known;
    const fragments = parts
      .filter(({ shows }) => !shows.some((operation) => old.includes(operation)))
      .map((part) => part.fragments[format]);
    const view = { fragments, checksum: fragments.reduce(extend, EMPTY) };
    views.set(key, view);
    return view;
  }

  function liveSeries({ state, recovery, pitrStart }: Shown, old: readonly Operation[]): readonly LiveSeries[] {
    const showsBackups = state["backup-list"].snapshot !== undefined && !old.includes("backup-list");
    const window = { pitrStart, recovery: old.length > 0 ? undefined : recovery, now: options.clock.now() };
    return [
      ...showsBackups ? windowSeries(window) : [],
      ...options.moreSeries?.() ?? [],
      ...options.processFigures ? processSeries(options.processFigures()) : [],
    ];
  }

  function pieces(format: Format, gzip: boolean): readonly Uint8Array<ArrayBuffer>[] {
    const old = shown === undefined ? [] : tooOld(shown.state, options);
    const { fragments, checksum } = shown === undefined ? NOTHING : viewOf(shown, format, old);
    const tail = encoder.encode(renderLive(shown === undefined ? [] : liveSeries(shown, old), format));
    return gzip ? gzipPieces(fragments, checksum, tail) : plainPieces(fragments, tail);
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

const NOTHING: View = { fragments: [], checksum: EMPTY };

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
