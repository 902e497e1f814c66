import * as v from "valibot";
import type { Pace } from "../pace.ts";
import { readLongDocument } from "./json.ts";
import { count, decode, text } from "./schema.ts";
import type { SegmentRange, WalVerify } from "./verified_wal.ts";

const Range = v.object({
  timeline_id: count,
  start_segment: text,
  end_segment: text,
  segments_count: count,
  status: text,
});

const Frame = v.object({
  integrity: v.object({ status: v.string(), details: v.nullish(v.array(v.unknown())) }),
  timeline: v.object({
    status: v.string(),
    details: v.nullish(
      v.object({ current_timeline_id: v.nullish(count), highest_storage_timeline_id: v.nullish(count) }),
    ),
  }),
});

/**
 * Decodes what `wal-g wal-verify integrity timeline --json` printed.
 *
 * @throws JsonError, DecodeError
 */
export async function decodeWalVerify(stdout: Uint8Array, pace: Pace): Promise<WalVerify> {
  const document = await readLongDocument(stdout, { path: ["integrity", "details"], pace });
  const { integrity, timeline } = decode(Frame, document.frame, "");
  const ranges: SegmentRange[] = [];
  for await (const { from, elements } of document.batches) {
    elements.forEach((element, index) => {
      const range = decode(Range, element, `integrity.details[${from + index}]`);
      ranges.push({
        timeline: range.timeline_id,
        start: range.start_segment,
        end: range.end_segment,
        segments: range.segments_count,
        status: range.status,
      });
    });
  }
  return {
    integrity: { status: integrity.status, ranges },
    timeline: {
      status: timeline.status,
      current: timeline.details?.current_timeline_id ?? undefined,
      highestInStorage: timeline.details?.highest_storage_timeline_id ?? undefined,
    },
  };
}
