import { unknownJson } from "./json_report.ts";
import { unknownReport } from "./text_report.ts";

/**
 * What stands on stdout when the command line could not be obeyed: monitoring systems show nothing else.
 *
 * @param why one line
 * @param args as they were typed: nothing else of a wrong command line can be relied on
 */
export function refusal(why: string, args: readonly string[]): string {
  return wantsJson(args) ? unknownJson(why) : unknownReport(why);
}

function wantsJson(args: readonly string[]): boolean {
  return args.some((arg, at) => /^--?format=json$/.test(arg) || (/^--?format$/.test(arg) && args[at + 1] === "json"));
}
