/** A line of the plot: `[backups, figure]` from few to many. */
export interface Line {
  readonly name: string;
  readonly style: "exporter" | "floor" | "reference";
  readonly points: readonly (readonly [backups: number, figure: number])[];
}

/** One half of the plot. */
export interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
}

const [WIDTH, HEIGHT] = [460, 340];
const INNER = { left: 62, right: 34, top: 54, bottom: 44 };
/** Where the names of the lines stand, from the left. */
const LEGEND = { exporter: 0, floor: 112, reference: 236 };

/** Two panels over the number of backups, both axes logarithmic, as an SVG that fits light and dark pages. */
export function drawCosts(panels: readonly Panel[], note: string): string {
  const parts = panels.map((panel, index) => `<g transform="translate(${index * WIDTH} 0)">${drawPanel(panel)}</g>`);
  const [width, height] = [WIDTH * panels.length, HEIGHT + 24];
  const titles = panels.map(({ title }) => title).join("; ");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${titles}">
<style>${STYLE}</style>
<rect class="page" width="${width}" height="${height}"/>
${parts.join("\n")}
<text class="note" x="${INNER.left}" y="${HEIGHT + 10}">${note}</text>
</svg>
`;
}

const STYLE = `text { font: 12px system-ui, sans-serif; fill: #24292f } .page { fill: #fff } .title { font-weight: 600 }
.note { fill: #57606a } .grid { stroke: #d0d7de; stroke-width: .6 } polyline { fill: none; stroke-width: 2 }
.exporter { stroke: #0969da } .floor { stroke: #6e7781; stroke-dasharray: 5 4 } .reference { stroke: #bc4c00 }
circle.exporter { fill: #0969da } circle.floor { fill: #6e7781 } circle.reference { fill: #bc4c00 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .page { fill: #0d1117 } .note { fill: #9198a1 }
.grid { stroke: #30363d } .exporter { stroke: #4493f8 } .floor { stroke: #9198a1 } .reference { stroke: #f0883e }
circle.exporter { fill: #4493f8 } circle.floor { fill: #9198a1 } circle.reference { fill: #f0883e } }`;

function drawPanel({ title, lines }: Panel): string {
  const all = lines.flatMap(({ points }) => points);
  const x = scale(all.map(([backups]) => backups), INNER.left, WIDTH - INNER.right, false);
  const y = scale(all.map(([, figure]) => figure), HEIGHT - INNER.bottom, INNER.top, true);
  const grid = [
    ...x.decades.map((value) => {
      const at = x.at(value).toFixed(1);
      const label = `<text x="${at}" y="${HEIGHT - INNER.bottom + 18}" text-anchor="middle">${short(value)}</text>`;
      return `<line class="grid" x1="${at}" x2="${at}" y1="${INNER.top}" y2="${HEIGHT - INNER.bottom}"/>${label}`;
    }),
    ...y.decades.map((value) => {
      const at = y.at(value).toFixed(1);
      const label = `<text x="${INNER.left - 6}" y="${Number(at) + 4}" text-anchor="end">${short(value)}</text>`;
      return `<line class="grid" x1="${INNER.left}" x2="${WIDTH - INNER.right}" y1="${at}" y2="${at}"/>${label}`;
    }),
  ];
  const drawn = lines.map(({ name, style, points }) => {
    const places = points.map(([backups, figure]) => [x.at(backups).toFixed(1), y.at(figure).toFixed(1)] as const);
    const dots = places.map(([cx, cy]) => `<circle class="${style}" cx="${cx}" cy="${cy}" r="2.6"/>`).join("");
    const at = INNER.left + LEGEND[style];
    const label = `<line class="${style}" x1="${at}" x2="${at + 16}" y1="36" y2="36" stroke-width="2"/>` +
      `<text x="${at + 20}" y="40">${name}</text>`;
    return `<polyline class="${style}" points="${places.join(" ")}"/>${dots}${label}`;
  });
  const below = `<text x="${(INNER.left + WIDTH - INNER.right) / 2}" y="${
    HEIGHT - 8
  }" text-anchor="middle">backups</text>`;
  return `<text class="title" x="${INNER.left}" y="22">${title}</text>${grid.join("")}${drawn.join("")}${below}`;
}

interface Scale {
  readonly at: (value: number) => number;
  /** The powers of ten in it, and where it begins. */
  readonly decades: readonly number[];
}

function scale(values: readonly number[], from: number, to: number, whole: boolean): Scale {
  const logs = values.map(Math.log10);
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const [first, last] = whole ? [Math.floor(low), Math.ceil(high)] : [low, high];
  const decades = whole ? [] : [10 ** low];
  for (let power = Math.ceil(first); power <= last; power++) decades.push(10 ** power);
  return { at: (value) => from + (Math.log10(value) - first) / (last - first) * (to - from), decades };
}

function short(value: number): string {
  return value < 1 ? String(Number(value.toPrecision(1))) : Math.round(value).toLocaleString("en-US");
}
