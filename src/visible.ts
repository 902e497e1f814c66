/**
 * What leaves no mark on a screen but can reorder or hide what stands beside it: bidirectional controls, characters
 * without width, line separators that are no line breaks, and tags.
 */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\ufff9-\ufffb]/gu;
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g;
// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x1f\x7f-\x9f]+/g;

/** A text from elsewhere with what cannot be seen in it as escapes, such as `\u202e`; line breaks and tabs stay. */
export function visible(text: string): string {
  return text.replace(CONTROL, escaped).replace(INVISIBLE, escaped);
}

/** A text from elsewhere on one line: control characters, and so line breaks, are blanks, what is invisible is escaped. */
export function oneLine(text: string): string {
  return text.replace(CONTROLS, " ").replace(INVISIBLE, escaped).trim();
}

function escaped(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
}
