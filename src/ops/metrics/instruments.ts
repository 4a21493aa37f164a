/** What counts and measures. An observation allocates nothing and walks no more than one histogram's buckets. */

/** Observations by size, cumulative when read: Prometheus' histogram, whose buckets are fixed when it is made. */
export interface Histogram {
  observe(value: number): void;
  read(): HistogramReading;
}

export interface HistogramReading {
  /** The upper bounds of the buckets, ascending. */
  readonly bounds: readonly number[];
  /** For each bound, the observations of at most that. */
  readonly within: readonly number[];
  readonly sum: number;
  readonly count: number;
}

/** @param bounds of the buckets, ascending; what is larger is counted all the same. */
export function histogram(bounds: readonly number[]): Histogram {
  const limits = Float64Array.from(bounds);
  // A count for each bound, one for what is beyond, and the sum: a number outside a typed array is a new object each time.
  const cells = new Float64Array(bounds.length + 2);
  const sumAt = bounds.length + 1;
  const add = (at: number, by: number): void => {
    cells[at] = (cells[at] ?? 0) + by;
  };
  return {
    observe(value) {
      let at = 0;
      while (value > (limits[at] ?? Number.POSITIVE_INFINITY)) at += 1;
      add(at, 1);
      add(sumAt, value);
    },
    read() {
      const within: number[] = [];
      let count = 0;
      for (const index of bounds.keys()) {
        count += cells[index] ?? 0;
        within.push(count);
      }
      return { bounds, within, sum: cells[sumAt] ?? 0, count: count + (cells[bounds.length] ?? 0) };
    },
  };
}

/** Values of label names, in their order. */
export type Labels = readonly string[];

/** A counter for each combination of labels. Who counts sees to it that they are few. */
export interface Tally {
  add(labels: Labels, by: number): void;
  read(): Iterable<readonly [labels: Labels, value: number]>;
}

/** @param known combinations that are there from the start, at 0, so that their first happening is seen as a step. */
export function tally(known: Iterable<Labels> = []): Tally {
  const counts = new Map<string, { readonly labels: Labels; value: number }>();
  const at = (labels: Labels): { value: number } => {
    const key = labels.join('\u0000');
    let found = counts.get(key);
    if (!found) {
      found = { labels, value: 0 };
      counts.set(key, found);
    }
    return found;
  };
  for (const labels of known) at(labels);
  return {
    add(labels, by) {
      at(labels).value += by;
    },
    read: () => [...counts.values()].map(({ labels, value }) => [labels, value] as const),
  };
}

/** The last observations, for people: what was long ago says nothing of now. */
export interface Recent {
  observe(value: number): void;
  /** Null before the first observation. */
  read(): { readonly median: number; readonly most: number } | null;
}

/** @param size how many are kept, at least 1. */
export function recent(size: number): Recent {
  const ring = new Float64Array(size);
  let seen = 0;
  return {
    observe(value) {
      ring[seen % size] = value;
      seen += 1;
    },
    read() {
      const sorted = ring.slice(0, Math.min(seen, size)).sort();
      const median = sorted[Math.floor(sorted.length / 2)];
      const most = sorted.at(-1);
      return median === undefined || most === undefined ? null : { median, most };
    },
  };
}
