/** `gatepost journal replay`: folds a journal and prints the state, so that a bug report is a journal file. */

import { systemClock } from '../clock.ts';
import { add, type Fen, yuan, ZERO } from '../core/money.ts';
import type { JournalRecord } from '../core/park/events.ts';
import { evolve } from '../core/park/evolve.ts';
import { credentialText } from '../core/park/model.ts';
import { capture, restore } from '../core/park/snapshot.ts';
import { emptyState, type ParkState, type State } from '../core/park/state.ts';
import { inWords } from '../core/sentence.ts';
import { formatLocal, type Instant, type Zone } from '../core/time.ts';
import { printable } from '../ops/log.ts';
import { realDisk } from '../store/disk.ts';
import { errorText, StoreError } from '../store/files.ts';
import { SnapshotAdapter } from '../store/snapshot.ts';
import { readAll } from './journal-read.ts';
import { dataFolderOf, namedSource, type Source } from './journal-source.ts';
import { readMoment, readZone } from './options.ts';
import { readArgs, type Terminal } from './terminal.ts';

/** Vehicles and orders named; the others are counted. */
const NAMED = 10;

/** Which records are folded: up to this seq, or up to and with this moment. */
type Until = { readonly seq: number } | { readonly at: Instant } | null;

/** What passed by while folding; the state alone does not keep it. */
interface Passed {
  records: number;
  /** The first seq folded; null before. */
  from: number | null;
  /** Numbers that were missing on the way. */
  missing: number;
  /** Bytes that are no records. */
  badBytes: number;
  readonly money: Money;
}

interface Money {
  booked: number;
  amount: Fen;
  deductions: Fen;
  unmatched: number;
  unmatchedAmount: Fen;
  conflicted: number;
}

export async function replayCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, {
    snapshot: { type: 'boolean', default: false },
    until: { type: 'string' },
    json: { type: 'boolean', default: false },
    zone: { type: 'string' },
  });
  const named = await namedSource(positionals, terminal);
  if (!named) return 1;
  const zone = readZone(values.zone, named.zone);
  const until = values.until === undefined ? null : readUntil(values.until, zone);
  const state = values.snapshot ? await fromSnapshot(named.source, terminal) : emptyState();
  const begun = state.seq;
  if (isPast(state, until)) {
    const at = formatLocal(state.at, zone);
    throw new StoreError(`the snapshot is of record ${begun} (${at}), after --until; leave out --snapshot`);
  }
  const passed = await fold(named.source, state, until);
  if (values.json) terminal.out(`${JSON.stringify(capture(state))}\n`);
  else terminal.out(`${stateText(state, passed, begun, zone).join('\n')}\n`);
  return 0;
}

function readUntil(text: string, zone: Zone): Until {
  if (/^\d{1,15}$/.test(text)) return { seq: Number(text) };
  return { at: readMoment('--until', text, zone, systemClock.now()) };
}

async function fromSnapshot(source: Source, terminal: Terminal): Promise<State> {
  const data = dataFolderOf(source, '--snapshot');
  const adapter = new SnapshotAdapter(realDisk, data, ({ file, reason }) =>
    terminal.err(`gatepost journal: ${file} cannot be used: ${inWords(reason, 'en')}\n`),
  );
  const snapshot = await adapter.read();
  if (snapshot) return restore(snapshot);
  throw new StoreError(`${data} has no snapshot that can be used; without --snapshot the journal is folded from empty`);
}

async function fold(source: Source, state: State, until: Until): Promise<Passed> {
  const money = { booked: 0, amount: ZERO, deductions: ZERO, unmatched: 0, unmatchedAmount: ZERO, conflicted: 0 };
  const passed: Passed = { records: 0, from: null, missing: 0, badBytes: 0, money };
  await readAll(source, (found) => {
    if (found.kind === 'bad') {
      passed.badBytes += found.bytes.length;
      return;
    }
    const { record } = found;
    if (record.seq <= state.seq || isPast(record, until)) return;
    if (passed.from !== null || state.seq > 0) passed.missing += record.seq - state.seq - 1;
    passed.from ??= record.seq;
    passed.records += 1;
    try {
      evolve(state, record);
    } catch (error) {
      const place = `${found.file}, byte ${found.offset}`;
      throw new StoreError(`record ${record.seq} (${place}) cannot be folded: ${errorText(error)}`, { cause: error });
    }
    countMoney(money, record);
  });
  return passed;
}

function isPast(record: { readonly seq: number; readonly at: Instant }, until: Until): boolean {
  if (until === null) return false;
  return 'seq' in until ? record.seq > until.seq : record.at > until.at;
}

function countMoney(money: Money, { events }: JournalRecord): void {
  for (const event of events) {
    if (event.type === 'paymentBooked') {
      money.booked += 1;
      money.amount = add(money.amount, event.notice.amount);
      money.deductions = add(money.deductions, event.notice.deductionAmount);
    } else if (event.type === 'paymentUnmatched') {
      money.unmatched += 1;
      money.unmatchedAmount = add(money.unmatchedAmount, event.notice.amount);
    } else if (event.type === 'paymentConflicted') {
      money.conflicted += 1;
    }
  }
}

function stateText(state: State, passed: Passed, begun: number, zone: Zone): readonly string[] {
  const { records, from, missing, badBytes, money } = passed;
  const start = begun > 0 ? `the snapshot of record ${begun}` : 'empty';
  const incomplete = begun === 0 && from !== null && from > 1;
  return [
    `from ${start}, ${records} record(s) folded; the state at record ${state.seq}, ${formatLocal(state.at, zone)}`,
    ...(incomplete ? [`! the journal begins at record ${from}: what came before is not in this state`] : []),
    ...(missing > 0 ? [`! ${missing} record(s) are missing on the way`] : []),
    ...(badBytes > 0 ? [`! ${badBytes} bytes are no records`] : []),
    `payments in these records: ${money.booked} booked, ${yuan(money.amount)}, deductions ${yuan(money.deductions)}; ` +
      `${money.unmatched} unmatched, ${yuan(money.unmatchedAmount)}; ${money.conflicted} conflicted`,
    ...[...state.parks.values()].flatMap((park) => parkText(park, zone)),
  ];
}

function parkText(park: ParkState, zone: Zone): readonly string[] {
  const { open, closed, ledger, passages, orders } = park;
  const visits = [...open.values()].slice(0, NAMED).map((visit) => {
    const paid = yuan(add(visit.paid, visit.deducted));
    const since = formatLocal(visit.entryAt, zone);
    return `  in the park: ${printable(credentialText(visit.credential))} since ${since}, paid ${paid}, visit ${visit.id}`;
  });
  const pending = [...orders.values()]
    .slice(0, NAMED)
    .map(
      ({ id, lane, deadline }) =>
        `  pending order ${id}: lane ${printable(lane)}, before ${formatLocal(deadline, zone)}`,
    );
  return [
    '',
    `park ${printable(park.id)}: ${open.size} open visit(s), ${closed.size} closed, ${ledger.size} order number(s), ` +
      `${passages.in.length} in, ${passages.out.length} out, ${orders.size} pending order(s)`,
    ...visits,
    ...(open.size > NAMED ? [`  … and ${open.size - NAMED} more`] : []),
    ...pending,
    ...(orders.size > NAMED ? [`  … and ${orders.size - NAMED} more`] : []),
  ];
}
