/** Simulated time: what is to happen, in the order of its moment; of one moment in the order in which it was planned. */

export interface Agenda {
  /** The true time, in ms since the run began. It moves only from one happening to the next. */
  now(): number;
  /** @param delay ms from now, 0 or more. */
  later(delay: number, happen: () => void): void;
  /** The same for what goes on for ever (a watch that looks every so often): it happens while there is something else to come. */
  meanwhile(delay: number, happen: () => void): void;
  /** Goes on to the next happening and lets it happen; false when nothing is left but what goes on for ever. */
  step(): boolean;
}

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly forever: boolean;
  readonly happen: () => void;
}

/** A binary heap, smallest first. */
export function agenda(): Agenda {
  const heap: Entry[] = [];
  let now = 0;
  let count = 0;
  /** Of what does not go on for ever. */
  let left = 0;

  const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

  function up(entry: Entry): void {
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || before(parent, entry)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = entry;
  }

  function down(entry: Entry): void {
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      if (left === undefined) break;
      const [child, at] = right !== undefined && before(right, left) ? [right, 2 * index + 2] : [left, 2 * index + 1];
      if (before(entry, child)) break;
      heap[index] = child;
      index = at;
    }
    heap[index] = entry;
  }

  function add(delay: number, forever: boolean, happen: () => void): void {
    up({ at: now + Math.max(0, delay), order: count, forever, happen });
    count += 1;
    if (!forever) left += 1;
  }

  return {
    now: () => now,
    later: (delay, happen) => add(delay, false, happen),
    meanwhile: (delay, happen) => add(delay, true, happen),
    step() {
      if (left === 0) return false;
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined) return false;
      if (heap.length > 0) down(last);
      now = first.at;
      if (!first.forever) left -= 1;
      first.happen();
      return true;
    },
  };
}
