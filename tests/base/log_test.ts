import assert from "node:assert/strict";
import { createLog, LOG_FORMATS } from "../../src/base/log.ts";

Deno.test("what could reorder a line, or break it, is escaped in the values of both formats; secrets are masked", () => {
  for (const format of LOG_FORMATS) {
    let lines = "";
    const log = createLog({ level: "info", format, write: (line) => lines += line });
    log.error("refused", { file: "a\u202e\u{e0041}\x1b[31m\nb", url: "s3://u:hunter2@host", count: 3 });
    assert.match(lines, /^[\x20-\x7e]+\n$/, format);
    assert.match(lines, /\\u202e\\+u\{e0041\}\\+u001b\[31m\\nb/, format);
    assert.doesNotMatch(lines, /hunter2/);
  }
});
