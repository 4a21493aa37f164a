/** A reach of its own: real sockets, the real board of faults, and a note of everything it says. */

import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { systemClock } from '../../../src/clock.ts';
import { zoneOf } from '../../../src/core/time.ts';
import { createProbeBook, type ProbeBook } from '../../../src/mallcoo/reach/book.ts';
import { type Reach, type ReachParts, startReach } from '../../../src/mallcoo/reach/reach.ts';
import { createFaults } from '../../../src/ops/faults.ts';
import { inEnglish } from '../../chinese.ts';

export const book = (): ProbeBook => createProbeBook(() => randomBytes(16).toString('hex'));

export interface Rig {
  readonly reach: Reach;
  /** The raised faults as `CODE text`. */
  raised(): readonly string[];
  /** What was said of the line. */
  readonly lines: readonly boolean[];
  /** How often the internet came back. */
  backs(): number;
  /** The lines of the log. */
  readonly log: readonly string[];
}

/** Starts a reach without reference points, unless they are given; it ends with the test. */
export function reachOf(t: TestContext, parts: Partial<ReachParts>): Rig {
  const lines: boolean[] = [];
  const log: string[] = [];
  let backs = 0;
  const clock = parts.clock ?? systemClock;
  const board = createFaults({ clock, line: ({ message }) => log.push(inEnglish(message)) });
  const reach = startReach({
    target: null,
    probeMs: 1_000,
    points: [],
    restart: null,
    book: book(),
    waiting: () => ({ notices: 0, since: null }),
    onLine: (up) => lines.push(up),
    onBack: () => {
      backs += 1;
    },
    clock,
    faults: board,
    log: { notice: () => undefined, info: (message) => log.push(inEnglish(message)) },
    zone: zoneOf('Asia/Shanghai'),
    ...parts,
  });
  t.after(() => reach.stop());
  return {
    reach,
    raised: () => board.raised().map(({ code, text }) => `${code} ${inEnglish(text)}`),
    lines,
    backs: () => backs,
    log,
  };
}
