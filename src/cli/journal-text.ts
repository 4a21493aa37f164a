/** The journal's events as lines for a person: local time, seq, lane, vehicle, what happened, how much. */
import type { Language } from '../core/errors.ts';
import { type Fen, yuan } from '../core/money.ts';
import type { BarrierOutcome, PaymentNotice } from '../core/park/commands.ts';
import {
  barrierOrderId,
  type HoldReason,
  type JournalRecord,
  type Left,
  type NoticeDone,
  type ParkEvent,
  type PaymentBooked,
  placeOf,
} from '../core/park/events.ts';
import { credentialText, type Direction } from '../core/park/model.ts';
import type { NoticeKind } from '../core/park/notice.ts';
import type { PassNote } from '../core/park/pass.ts';
import { chargeSentence } from '../core/tariff/describe.ts';
import { passText } from '../core/tariff/pass.ts';
import { formatLocal, type Instant, SECOND, type Zone } from '../core/time.ts';
import { printable } from '../ops/log.ts';
import { type EventType, laneOf, visitOf } from './journal-filter.ts';

type Phrase = Readonly<Record<Language, string>>;

/** What each event is called; also the list of all there are. */
export const EVENT_NAMES: Readonly<Record<EventType, Phrase>> = {
  entered: { en: 'entered', zh: '进场' },
  superseded: { en: 'visit ended: entered again without having been seen to leave', zh: '未见离场又进场，旧记录结束' },
  left: { en: 'left', zh: '离场' },
  held: { en: 'held', zh: '拦停' },
  corrected: { en: 'plate read better', zh: '车牌更正' },
  passageNoted: { en: 'passed, no visit fits', zh: '过车补录，无对应记录' },
  barrierOrdered: { en: 'arm ordered up', zh: '开闸指令' },
  barrierDone: { en: 'arm', zh: '道闸' },
  paymentBooked: { en: 'paid', zh: '缴费入账' },
  paymentUnmatched: { en: 'paid for a visit nobody knows; kept', zh: '缴费无对应车辆，已留存' },
  paymentConflicted: { en: 'came again with other content; not booked', zh: '订单内容冲突，未入账' },
  sealed: { en: 'old visits and passages put together for the archive', zh: '过期记录待归档' },
  archived: { en: 'in the archive', zh: '已归档' },
  recalled: { en: 'back from the archive', zh: '从归档取回' },
  stayed: { en: 'still stands at the exit: its visit goes on', zh: '车辆仍在出口，停车继续' },
  letThrough: { en: 'let through by the operator, no visit is known', zh: '人工放行，无进场记录' },
  lineChanged: { en: 'line', zh: '线路' },
  swept: { en: 'old visits and passages let go', zh: '过期记录清理' },
  noticeQueued: { en: 'to be told to Mallcoo', zh: '待通知猫酷' },
  noticeDone: { en: 'notice', zh: '通知' },
  noticeRetried: { en: 'notice to be sent again', zh: '通知重新发送' },
};

export const EVENT_TYPES = Object.keys(EVENT_NAMES) as readonly EventType[];

const HOLDS: Readonly<Record<HoldReason, Phrase>> = {
  unpaid: { en: 'not paid', zh: '未缴费' },
  lineDown: { en: 'no payment has come, and the line is down or was', zh: '未收到缴费，线路中断或刚恢复' },
  unknownVehicle: { en: 'no visit of this vehicle is known', zh: '无进场记录' },
  unplated: { en: 'no readable plate', zh: '无牌' },
};

const LET_OUTS: Readonly<Record<NonNullable<Left['letOut']>, Phrase>> = {
  lineDown: { en: 'let out: the line was down', zh: '线路中断，按规则放行' },
  operator: { en: 'let out by the operator', zh: '人工放行' },
};

const OUTCOMES: Readonly<Record<BarrierOutcome, Phrase>> = {
  confirmed: { en: 'confirmed', zh: '已确认' },
  sent: { en: 'sent', zh: '已发送' },
  refused: { en: 'refused', zh: '被拒绝' },
  uncertain: { en: 'uncertain: no answer', zh: '不确定：无应答' },
  expired: { en: 'expired, not sent', zh: '已过期，未发送' },
};

/** What a notice tells Mallcoo of. */
export const NOTICE_KINDS: Readonly<Record<NoticeKind, Phrase>> = {
  entry: { en: 'entry', zh: '进场' },
  exit: { en: 'exit', zh: '离场' },
};

const NOTICE_OUTCOMES: Readonly<Record<NoticeDone['outcome'], Phrase>> = {
  confirmed: { en: 'confirmed', zh: '已确认' },
  dead: { en: 'will not be sent again', zh: '不再发送' },
  dropped: { en: 'dropped', zh: '已放弃' },
};

const DIRECTIONS: Readonly<Record<Direction, Phrase>> = { in: { en: 'in', zh: '进' }, out: { en: 'out', zh: '出' } };

const WORDS = {
  backlog: { en: 'backlog, at', zh: '补传，时间' },
  settled: { en: 'settled', zh: '已结清' },
  fee: { en: 'fee', zh: '应收' },
  paid: { en: 'paid', zh: '已付' },
  order: { en: 'order', zh: '订单' },
  due: { en: 'due', zh: '待付' },
  deduction: { en: 'deduction', zh: '优惠' },
  uncollected: { en: 'uncollected', zh: '未收' },
  before: { en: 'before', zh: '早于' },
  batch: { en: 'batch', zh: '批次' },
  pass: { en: 'pass ', zh: '' },
  up: { en: 'back: payments can reach the gate', zh: '恢复' },
  down: { en: 'down: payments cannot reach the gate', zh: '中断，收不到缴费' },
} as const satisfies Readonly<Record<string, Phrase>>;

/** Vehicles remembered by their visit: enough for all that a car park holds, and bounded. */
const MOST_VEHICLES = 200_000;

/** Which vehicle a visit or an order was of, learnt from the records as they pass. The oldest are forgotten. */
export class Vehicles {
  readonly #names = new Map<string, string>();

  learn(record: JournalRecord): void {
    for (const [index, event] of record.events.entries()) {
      if (event.type === 'entered') this.#set(event.visit, credentialText(event.reading.credential));
      if (event.type === 'recalled' && event.visit) this.#set(event.visit.id, credentialText(event.visit.credential));
      if (event.type === 'corrected') this.#set(event.visit, event.plate);
      if (event.type === 'barrierOrdered') this.#set(barrierOrderId(record.seq, index), this.#of(event.visit));
      if (event.type === 'noticeQueued') this.#set(placeOf(record.seq, index), event.plate ?? this.#of(event.visit));
    }
  }

  /** The vehicle of an event, or `-`. */
  of(event: ParkEvent): string {
    if ('reading' in event) return credentialText(event.reading.credential);
    if ('credential' in event && event.credential) return credentialText(event.credential);
    if (event.type === 'barrierDone') return this.#of(event.order);
    if (event.type === 'noticeDone' || event.type === 'noticeRetried') return this.#of(event.noticeId);
    const known = this.#of(visitOf(event));
    if (known !== '-' || !('notice' in event)) return known;
    return event.notice.plate ?? event.notice.barcode ?? known;
  }

  #of(id: string | null): string {
    return (id === null ? undefined : this.#names.get(id)) ?? '-';
  }

  #set(id: string, name: string): void {
    this.#names.set(id, name);
    if (this.#names.size <= MOST_VEHICLES) return;
    const oldest = this.#names.keys().next();
    if (!oldest.done) this.#names.delete(oldest.value);
  }
}

export interface LineOptions {
  readonly zone: Zone;
  readonly language: Language;
  readonly vehicles: Vehicles;
}

/** One event as one line, without a newline. Nothing in it draws on the terminal, and phone numbers are masked. */
export function eventLine(record: JournalRecord, event: ParkEvent, options: LineOptions): string {
  const { zone, language, vehicles } = options;
  const parts = [
    `${formatLocal(record.at, zone)}.${String(record.at % SECOND).padStart(3, '0')}`,
    String(record.seq).padStart(7),
    printable(laneOf(event) ?? '-').padEnd(6),
    printable(vehicles.of(event)).padEnd(8),
    [EVENT_NAMES[event.type][language], ...detailsOf(event, zone, language)].join(language === 'zh' ? '，' : ', '),
  ];
  const visit = visitOf(event);
  if (visit !== null) parts.push(`visit=${printable(visit)}`);
  if ('park' in event) parts.push(`park=${printable(event.park)}`);
  return parts.join(' ');
}

function detailsOf(event: ParkEvent, zone: Zone, language: Language): readonly string[] {
  const word = (name: keyof typeof WORDS): string => WORDS[name][language];
  const since = (at: Instant): string => `${word('backlog')} ${formatLocal(at, zone)}`;
  const why = ({ tariff }: Left | PaymentBooked): readonly string[] => {
    const sentence = chargeSentence(tariff, language);
    return sentence === '' ? [] : [`(${printable(sentence)})`];
  };
  switch (event.type) {
    case 'entered':
      return [...(event.backlog ? [since(event.at)] : []), ...passOf(event, language)];
    case 'corrected':
      return passOf(event, language);
    case 'left':
      return [
        ...(event.backlog ? [since(event.at)] : []),
        ...(event.letOut === undefined ? [] : [LET_OUTS[event.letOut][language]]),
        ...reasonOf(event),
        ...feeOf(event, language),
        ...why(event),
      ];
    case 'letThrough':
      return reasonOf(event);
    case 'lineChanged':
      return [word(event.up ? 'up' : 'down')];
    case 'held':
      return [HOLDS[event.reason][language], ...(event.due > 0 ? [`${word('due')} ${yuan(event.due)}`] : [])];
    case 'passageNoted':
      return [DIRECTIONS[event.direction][language], since(event.at)];
    case 'barrierOrdered':
      return [`${word('before')} ${formatLocal(event.deadline, zone).slice(-8)}`];
    case 'barrierDone':
      return [OUTCOMES[event.outcome][language]];
    case 'paymentBooked':
      return [
        ...moneyOf(event.notice, language),
        ...(event.settlement ? [word('settled')] : []),
        ...(event.uncollected ? [`${word('uncollected')} ${yuan(event.uncollected)}`] : []),
        ...(event.flags.length > 0 ? [`[${event.flags.join(' ')}]`] : []),
        ...why(event),
      ];
    case 'paymentUnmatched':
    case 'paymentConflicted':
      return moneyOf(event.notice, language);
    case 'superseded':
      return [`→ ${printable(event.by)}`];
    case 'swept':
      return [`${word('before')} ${formatLocal(event.closedBefore, zone)}`];
    case 'sealed':
      return [`${word('batch')} ${event.batch}`, `${word('before')} ${formatLocal(event.closedBefore, zone)}`];
    case 'archived':
      return [`${word('batch')} ${event.batch}`];
    case 'noticeQueued':
      return [NOTICE_KINDS[event.kind][language]];
    case 'noticeDone':
      return [NOTICE_OUTCOMES[event.outcome][language], ...noticeReason(event)];
    case 'noticeRetried':
    case 'recalled':
    case 'stayed':
      return [];
  }
}

function passOf({ pass }: { readonly pass?: PassNote }, language: Language): readonly string[] {
  return pass ? [`${WORDS.pass[language]}${passText(pass.kind, pass.until, language)}`] : [];
}

function noticeReason(event: NoticeDone): readonly string[] {
  if (event.outcome === 'confirmed') return [];
  return [printable(event.outcome === 'dead' ? `${event.code} ${event.message}` : event.reason)];
}

/** What the operator gave as reason, and who it was. */
function reasonOf({ reason, by }: Pick<Left, 'reason' | 'by'>): readonly string[] {
  return reason === undefined ? [] : [`"${printable(reason)}"${by == null ? '' : ` (${printable(by)})`}`];
}

function feeOf({ gross, paid, uncollected }: Left, language: Language): readonly string[] {
  const amount = (name: 'fee' | 'paid' | 'uncollected', fen: Fen): string => `${WORDS[name][language]} ${yuan(fen)}`;
  return [amount('fee', gross), amount('paid', paid), ...(uncollected > 0 ? [amount('uncollected', uncollected)] : [])];
}

function moneyOf({ amount, deductionAmount, orderNo }: PaymentNotice, language: Language): readonly string[] {
  const deduction = deductionAmount > 0 ? [`${WORDS.deduction[language]} ${yuan(deductionAmount)}`] : [];
  return [yuan(amount), ...deduction, `${WORDS.order[language]} ${printable(orderNo)}`];
}
