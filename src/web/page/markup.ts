import { visible } from "../../base/text.ts";

/** Text that is HTML already. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What can stand in a template: text is escaped, markup stands as it is, nothing is left out. */
export type Content = string | number | Markup | readonly Markup[] | undefined;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const PLAIN = /^[\w :;,.()/+*=%#@!?~^[\]{}-]*$/;

/** Text as it stands in HTML, in an element or in a quoted attribute; what is invisible in it is shown. */
export function escape(text: string): string {
  // Nearly all texts are plain, and there are thousands.
  if (PLAIN.test(text)) return text;
  return visible(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

const FIGURE =
  /\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+Z|Z)?)?(?: UTC)?|(?:WAL )?[\d.,]*\d(?: (?:d|h|min|s|B|[KMGTPE]iB|full|delta|segments?)\b(?: \d+(?= )| ago)?)+/g;

/** A text whose figures are not parted from their units, nor the parts of a time from each other. */
export function unbroken(text: string): Markup {
  const kept = escape(text).replace(FIGURE, (figure) => {
    const joined = figure.replaceAll(" ", "\u00a0");
    return figure.includes("-") ? `<span class="figure">${joined}</span>` : joined;
  });
  return new Markup(kept);
}

/** A text whose numbers are not parted from their units, wherever it stands. */
function withUnits(text: string): string {
  return text.replace(UNIT, (figure) => figure.replaceAll(" ", "\u00a0"));
}

const UNIT = /\d (?:d|h|min|s|ms|B|[KMGTPE]iB|UTC)\b(?: ago\b)?/g;

const flat = new WeakMap<TemplateStringsArray, readonly string[]>();

/** HTML with everything that is put into it escaped; the template's own indentation is left out. */
export function html(template: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  let parts = flat.get(template);
  if (parts === undefined) flat.set(template, parts = template.map((part) => part.replace(/\n\s*/g, "\n")));
  let text = parts[0] ?? "";
  for (const [index, content] of contents.entries()) text += textOf(content) + (parts[index + 1] ?? "");
  return new Markup(text);
}

function textOf(content: Content): string {
  if (content === undefined) return "";
  if (typeof content === "string") return withUnits(escape(content));
  if (typeof content === "number") return String(content);
  return content instanceof Markup ? content.text : content.map(({ text }) => text).join("");
}

/** Advice with its commands as such, and no word parted at a hyphen. */
export function withCommands(advice: string): Markup {
  const parts = advice.split(/'((?:wal-g|systemctl|timedatectl|journalctl|ss|ldd|file|ls) [^']*|timedatectl)'/);
  return html`${
    parts.map((part, index) => {
      const words = part.split(/(?<![\w/-])(-{0,2}\w+(?:-\w+)+)(?![\w/-])/);
      const text = html`${
        words.map((word, at) =>
          at % 2 === 1 && word.length <= 24 ? html`<span class="figure">${word}</span>` : html`${word}`
        )
      }`;
      return index % 2 === 0 ? text : html`<code>${text}</code>`;
    })
  }`;
}
