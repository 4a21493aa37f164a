/** For the tests of `gatepost payments`: running it, and books whose journal's oldest files and archive are real. */
import { paymentsCommand } from '../../src/cli/payments.ts';
import { capture } from '../../src/core/park/snapshot.ts';
import type { Instant } from '../../src/core/time.ts';
import { P001, type Scene, scene } from '../core/park/scene.ts';
import { type Shelf, shelf } from '../core/park/shelf.ts';
import { openFolder } from './journal-tools.ts';
import { type Ran, ranInBoth } from './ran.ts';

/** Runs `gatepost payments …` in this process, in both languages. */
export function payments(...args: readonly string[]): Promise<Ran> {
  return ranInBoth(paymentsCommand, args);
}

export interface Sum {
  readonly notices: number;
  readonly amount: number;
  readonly deduction: number;
}

export interface Payment {
  readonly orderNo: string;
  readonly status: string;
  readonly amount: number;
  readonly deduction: number;
  readonly credited: number;
  readonly [field: string]: unknown;
}

/** A vehicle that was let go. */
export interface LetGo {
  readonly visit: string | null;
  readonly why: string;
  readonly due: number;
  readonly open: number;
  readonly settledBy: readonly { readonly orderNo: string; readonly amount: number }[];
  readonly [field: string]: unknown;
}

export type SumName = 'noticed' | 'credited' | 'unmatched' | 'cameAgain' | 'conflicting';

export interface Report {
  readonly code: number;
  readonly err: string;
  readonly payments: readonly Payment[];
  readonly totals: Readonly<Record<SumName, Sum>>;
  readonly letGo: readonly LetGo[];
  readonly departures: Readonly<
    Record<'cars' | 'fees' | 'collected' | 'uncollected' | 'settled' | 'open', number | null>
  >;
}

/** What `--json` prints. */
export function parseReport({ code, err, lines }: Pick<Ran, 'code' | 'err' | 'lines'>): Report {
  const values = lines.map((line) => JSON.parse(line) as { readonly type: string });
  const of = (type: string): unknown[] => values.filter((value) => value.type === type);
  const [totals] = of('totals') as Report['totals'][];
  const [departures] = of('departures') as Report['departures'][];
  if (!totals || !departures) throw new Error(`the sums are missing: ${lines.at(-1)}`);
  return { code, err, payments: of('payment') as Payment[], totals, letGo: of('letGo') as LetGo[], departures };
}

export async function report(...args: readonly string[]): Promise<Report> {
  const ran = await payments(...args, '--json');
  if (ran.lines.length === 0) throw new Error(`nothing was printed: ${ran.err}`);
  return parseReport(ran);
}

/** CSV as RFC 4180 has it, without the byte order mark. @throws Error where it is none. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const match = cell.exec(text);
    if (!match) throw new Error(`no CSV at ${at}: ${text.slice(at, at + 40)}`);
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

/** A park whose records go to a real folder as they are decided. */
export interface LivingBooks extends Scene {
  /** What the archive holds, on paper: `pay` asks it. */
  readonly shelf: Shelf;
  /** Moves what ended before the moment to the archive, as retention does. */
  archive(before: Instant, now: Instant): Promise<void>;
  snapshot(): Promise<void>;
  /** Removes the journal's files that are older, as retention does; both generations of the snapshot are written. */
  dropBefore(before: Instant): Promise<number>;
  flush(): Promise<void>;
  close(): Promise<void>;
}

export async function livingBooks(dir: string, segmentBytes = 2_048): Promise<LivingBooks> {
  const park = scene();
  const store = await openFolder(dir, segmentBytes);
  const paper = shelf();
  let written = 0;

  async function flush(): Promise<void> {
    for (; written < park.records.length; written += 1)
      await store.journal.append(park.records.slice(written, written + 1));
  }

  async function snapshot(): Promise<void> {
    await flush();
    await store.writeSnapshot(capture(park.state));
  }

  return {
    ...park,
    shelf: paper,
    pay: (order, now, over) => park.pay(order, now, over, paper),
    flush,
    snapshot,
    async archive(before, now) {
      park.send({ type: 'seal', park: P001, closedBefore: before, passagesBefore: before }, now);
      const sealed = park.state.parks.get(P001)?.sealed;
      if (!sealed) return;
      await store.archive.put(P001, sealed);
      paper.put(sealed);
      park.send({ type: 'archived', park: P001, batch: sealed.batch }, now);
    },
    async dropBefore(before) {
      await snapshot();
      await snapshot();
      return store.dropSegmentsBefore(before);
    },
    async close() {
      await flush();
      await store.close();
    },
  };
}

/** The order numbers of the lines that are booked, in order. */
export function bookedOrders({ payments: lines }: Report): string[] {
  return lines.filter(({ status }) => status === 'booked').map(({ orderNo }) => orderNo);
}
