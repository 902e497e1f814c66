/** How much of the last line is kept, bytes. */
const KEPT = 1024;
const NEWLINE = 10;

/** The beginning of the last line of a stream that is not blank. */
export interface LastLine {
  add(chunk: Uint8Array): void;
  /** Up to the last blank in it: of a word that is cut nobody can tell whether it holds a secret. */
  beginning(): string;
}

/** Follows a stream, keeping no more than two beginnings of lines. */
export function followLastLine(): LastLine {
  let ended = "";
  let open = "";
  const decoder = new TextDecoder();
  const beginningOf = (bytes: Uint8Array): string => decoder.decode(bytes.subarray(0, KEPT));
  const extended = (bytes: Uint8Array): string =>
    open.length < KEPT ? (open + beginningOf(bytes)).slice(0, KEPT) : open;
  const lastEnded = (bytes: Uint8Array): string => {
    for (let end = bytes.length; end >= 0;) {
      const before = end === 0 ? -1 : bytes.lastIndexOf(NEWLINE, end - 1);
      const line = before < 0 ? extended(bytes.subarray(0, end)) : beginningOf(bytes.subarray(before + 1, end));
      if (line.trim() !== "") return line;
      end = before;
    }
    return ended;
  };
  return {
    add(chunk) {
      const end = chunk.lastIndexOf(NEWLINE);
      if (end >= 0) {
        ended = lastEnded(chunk.subarray(0, end));
        open = "";
      }
      open = extended(chunk.subarray(end + 1));
    },
    beginning() {
      const line = open.trim() === "" ? ended : open;
      const words = line.replace(/\S*$/, "").trimEnd();
      return words === "" ? "(a very long line)" : `${words} … (a very long line)`;
    },
  };
}
