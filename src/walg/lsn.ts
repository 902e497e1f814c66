/** A position in the write-ahead log, in bytes: PostgreSQL's pg_lsn, an unsigned 64-bit number. */
export type Lsn = bigint;

const LOW_HALF = 0xffff_ffffn;

/** `%X/%X` of the two 32-bit halves, as PostgreSQL and WAL-G print an LSN. */
export function formatLsn(lsn: Lsn): string {
  const halves = [lsn >> 32n & LOW_HALF, lsn & LOW_HALF];
  return halves.map((half) => half.toString(16).toUpperCase()).join("/");
}
