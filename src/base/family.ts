/** One series of a family: its label values and its value. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric family as data: what the exposition shows of one name. */
export interface Family {
  /** The name of its series, so with `_total` for a counter. */
  readonly name: string;
  readonly help: string;
  readonly type: "gauge" | "counter";
  /** The label names, in no particular order; empty or absent for a family without labels. */
  readonly labelNames?: readonly string[];
  /** May be one that can be gone through once only. */
  readonly samples: Iterable<Sample>;
}

/** A gauge family. */
export function gauge(
  name: string,
  help: string,
  samples: Iterable<Sample>,
  labelNames: readonly string[] = [],
): Family {
  return { name, help, type: "gauge", labelNames, samples };
}

/** A counter family; its name ends in `_total`. */
export function counter(
  name: string,
  help: string,
  samples: Iterable<Sample>,
  labelNames: readonly string[] = [],
): Family {
  return { name, help, type: "counter", labelNames, samples };
}
