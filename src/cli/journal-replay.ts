/** `gatepost journal replay`: folds a journal and prints the state, so that a bug report is a journal file. */

import { systemClock } from '../clock.ts';
import type { Sentence } from '../core/errors.ts';
import { add, type Fen, yuan, ZERO } from '../core/money.ts';
import type { JournalRecord } from '../core/park/events.ts';
import { evolve } from '../core/park/evolve.ts';
import { credentialText } from '../core/park/model.ts';
import { capture, restore } from '../core/park/snapshot.ts';
import { emptyState, type ParkState, type State } from '../core/park/state.ts';
import { fill } from '../core/sentence.ts';
import { formatLocal, type Instant, type Zone } from '../core/time.ts';
import { printable } from '../ops/log.ts';
import { realDisk } from '../store/disk.ts';
import { errorSaid, StoreError } from '../store/files.ts';
import { SnapshotAdapter } from '../store/snapshot.ts';
import { readAll } from './journal-read.ts';
import { dataFolderOf, namedSource, type Source } from './journal-source.ts';
import { readMoment, readZone } from './options.ts';
import { readArgs, say, type Terminal } from './terminal.ts';

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
    throw new StoreError({
      zh: `快照是记录 ${begun}（${at}）时的，晚于 --until；请去掉 --snapshot`,
      en: `the snapshot is of record ${begun} (${at}), after --until; leave out --snapshot`,
    });
  }
  const passed = await fold(named.source, state, until);
  if (values.json) terminal.out(`${JSON.stringify(capture(state))}\n`);
  else
    terminal.out(
      `${stateText(state, passed, begun, zone)
        .map((said) => say(terminal, said))
        .join('\n')}\n`,
    );
  return 0;
}

function readUntil(text: string, zone: Zone): Until {
  if (/^\d{1,15}$/.test(text)) return { seq: Number(text) };
  return { at: readMoment('--until', text, zone, systemClock.now()) };
}

const UNUSABLE: Sentence = {
  zh: '{file} 无法使用：{reason}',
  en: '{file} cannot be used: {reason}',
};
const UNFOLDED: Sentence = {
  zh: '记录 {seq}（{file}，第 {byte} 字节）无法计入："{why}"',
  en: 'record {seq} ({file}, byte {byte}) cannot be folded: {why}',
};

async function fromSnapshot(source: Source, terminal: Terminal): Promise<State> {
  const data = dataFolderOf(source, '--snapshot');
  const adapter = new SnapshotAdapter(realDisk, data, ({ file, reason }) =>
    terminal.err(`gatepost journal: ${say(terminal, fill(UNUSABLE, { file, reason }))}\n`),
  );
  const snapshot = await adapter.read();
  if (snapshot) return restore(snapshot);
  throw new StoreError({
    zh: `${data} 中没有可用的快照；去掉 --snapshot 则从空的状态推算`,
    en: `${data} has no snapshot that can be used; without --snapshot the journal is folded from empty`,
  });
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
      const place = { seq: String(record.seq), file: found.file, byte: String(found.offset) };
      throw new StoreError(fill(UNFOLDED, { ...place, why: errorSaid(error) }), { cause: error });
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

function stateText(state: State, passed: Passed, begun: number, zone: Zone): readonly Sentence[] {
  const { records, from, missing, badBytes, money } = passed;
  const at = formatLocal(state.at, zone);
  const start =
    begun > 0 ? { zh: `记录 ${begun} 的快照`, en: `the snapshot of record ${begun}` } : { zh: '空', en: 'empty' };
  const incomplete = begun === 0 && from !== null && from > 1;
  const { booked, unmatched, conflicted } = money;
  const [amount, deductions, unmatchedAmount] = [money.amount, money.deductions, money.unmatchedAmount].map(yuan);
  const warnings: readonly (false | Sentence)[] = [
    incomplete && {
      zh: `! 日志账本从记录 ${from} 开始：此前的不在这个状态里`,
      en: `! the journal begins at record ${from}: what came before is not in this state`,
    },
    missing > 0 && { zh: `! 中间缺少 ${missing} 条记录`, en: `! ${missing} record(s) are missing on the way` },
    badBytes > 0 && { zh: `! 有 ${badBytes} 字节不是记录`, en: `! ${badBytes} bytes are no records` },
  ];
  return [
    {
      zh: `从${start.zh}开始，计入 ${records} 条记录；以下是记录 ${state.seq}（${at}）时的状态`,
      en: `from ${start.en}, ${records} record(s) folded; the state at record ${state.seq}, ${at}`,
    },
    ...warnings.filter((warning) => warning !== false),
    {
      zh: `这些记录中的付款：入账 ${booked} 笔 ${amount}，优惠 ${deductions}；无对应车辆 ${unmatched} 笔 ${unmatchedAmount}；内容冲突 ${conflicted} 笔`,
      en:
        `payments in these records: ${booked} booked, ${amount}, deductions ${deductions}; ` +
        `${unmatched} unmatched, ${unmatchedAmount}; ${conflicted} conflicted`,
    },
    ...[...state.parks.values()].flatMap((park) => parkText(park, zone)),
  ];
}

function parkText(park: ParkState, zone: Zone): readonly Sentence[] {
  const { open, closed, ledger, passages, orders } = park;
  const id = printable(park.id);
  const visits = [...open.values()].slice(0, NAMED).map((visit) => {
    const paid = yuan(add(visit.paid, visit.deducted));
    const since = formatLocal(visit.entryAt, zone);
    const vehicle = printable(credentialText(visit.credential));
    return {
      zh: `  在场：${vehicle}，自 ${since}，已付 ${paid}，停车 ${visit.id}`,
      en: `  in the park: ${vehicle} since ${since}, paid ${paid}, visit ${visit.id}`,
    };
  });
  const pending = [...orders.values()].slice(0, NAMED).map((order) => {
    const [lane, before] = [printable(order.lane), formatLocal(order.deadline, zone)];
    return {
      zh: `  未完成的抬杆指令 ${order.id}：车道 ${lane}，早于 ${before}`,
      en: `  pending order ${order.id}: lane ${lane}, before ${before}`,
    };
  });
  const more = (size: number): readonly Sentence[] =>
    size > NAMED ? [{ zh: `  … 另有 ${size - NAMED} 个`, en: `  … and ${size - NAMED} more` }] : [];
  const { in: entries, out: exits } = passages;
  return [
    { zh: '', en: '' },
    {
      zh: `停车场 ${id}：在场 ${open.size}，已结束 ${closed.size}，订单 ${ledger.size}，进 ${entries.length}，出 ${exits.length}，未完成的抬杆指令 ${orders.size}`,
      en:
        `park ${id}: ${open.size} open visit(s), ${closed.size} closed, ${ledger.size} order number(s), ` +
        `${entries.length} in, ${exits.length} out, ${orders.size} pending order(s)`,
    },
    ...visits,
    ...more(open.size),
    ...pending,
    ...more(orders.size),
  ];
}
