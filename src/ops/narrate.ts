/** Committed records as lines for the log: what happened at which lane to which vehicle, and how long it took. */
import { assertNever, type FaultCode, type Language, type Sentence } from '../core/errors.ts';
import type { LaneId, ParkId, VisitId } from '../core/ids.ts';
import { yuan } from '../core/money.ts';
import type {
  Entered,
  Held,
  Left,
  NoticeDone,
  ParkEvent,
  PaymentBooked,
  PaymentConflicted,
  PaymentUnmatched,
} from '../core/park/events.ts';
import { credentialText, type Reading } from '../core/park/model.ts';
import type { PassNote } from '../core/park/pass.ts';
import { credentialOf, type State, visitOf } from '../core/park/state.ts';
import { fill } from '../core/sentence.ts';
import { chargeSentence } from '../core/tariff/describe.ts';
import { passText } from '../core/tariff/pass.ts';
import { DAY, formatLocal, type Instant, MINUTE, type Zone } from '../core/time.ts';
import type { Committed } from '../gateway/ports.ts';
import type { Line } from './log.ts';
import {
  CONFLICTED,
  ENTERED,
  ENTERED_THEN,
  HELP,
  HOLDS,
  LEFT,
  LEFT_THEN,
  LET_OUTS,
  LET_THROUGH,
  LINE_DOWN,
  LINE_UP,
  NOTICE_DEAD,
  NOTICE_DROPPED,
  PAID,
  PASSED,
  RETRIED,
  STAYED,
  STRANGE,
  UNMATCHED,
} from './narrate-words.ts';

/** How the lines are written: the zone of their times, the language in which fees are explained. */
export interface Telling {
  readonly zone: Zone;
  readonly language: Language;
}

/** The lines of one record. `state` is the committed state, with this record folded in. */
export function narrate({ record, ms }: Committed, state: State, telling: Telling): readonly Line[] {
  return record.events.flatMap((event) => {
    const line = describe(event, state, record.at, telling);
    return line ? [{ ...line, fields: { ...line.fields, ms } }] : [];
  });
}

function describe(event: ParkEvent, state: State, now: Instant, telling: Telling): Line | null {
  const { zone, language } = telling;
  switch (event.type) {
    case 'entered':
      return entered(event, telling);
    case 'left':
      return left(event, state, telling);
    case 'held':
      return held(event);
    case 'letThrough': {
      const { lane, credential, reason, by } = event;
      const fields = { lane, vehicle: credentialText(credential), reason, by };
      return { level: 'warn', message: LET_THROUGH, fields };
    }
    case 'lineChanged':
      return event.up ? { level: 'info', message: LINE_UP } : { level: 'warn', message: LINE_DOWN };
    case 'corrected':
      return {
        level: 'info',
        message: { zh: '车牌更正', en: 'plate read better' },
        fields: { ...at(event.lane, event.reading), ...passOf(event, now) },
      };
    case 'passageNoted': {
      const message = fill(PASSED[event.direction], { at: formatLocal(event.at, zone) });
      return { level: 'info', message, fields: at(event.lane, event.reading) };
    }
    case 'superseded': {
      const vehicle = vehicleOf(state, event.park, event.visit);
      const message = { zh: '再次进场，上次没有离场记录', en: 'entered again without having been seen to leave' };
      return { level: 'warn', code: 'VISIT_SUPERSEDED', message, fields: { vehicle } };
    }
    case 'paymentBooked':
      return booked(event, state, language);
    case 'paymentUnmatched':
      return moneyAlarm('PAYMENT_UNMATCHED', UNMATCHED, event);
    case 'paymentConflicted':
      return moneyAlarm('PAYMENT_CONFLICT', CONFLICTED, event);
    case 'stayed': {
      const vehicle = vehicleOf(state, event.park, event.visit);
      return { level: 'info', message: STAYED, fields: { vehicle } };
    }
    case 'noticeDone':
      return noticeDone(event);
    case 'noticeRetried':
      return { level: 'info', message: RETRIED, fields: { notice: event.noticeId } };
    case 'noticeQueued':
    case 'barrierOrdered':
    case 'barrierDone':
    case 'sealed':
    case 'archived':
    case 'recalled':
    case 'swept':
      // The order's outcome has a line of its own, written when it is known; so has the archive's work.
      return null;
    default:
      return assertNever(event);
  }
}

function at(lane: LaneId, reading: Reading): { lane: LaneId; vehicle: string } {
  return { lane, vehicle: credentialText(reading.credential) };
}

function entered(event: Entered, { zone }: Telling): Line {
  const strange = event.plateKind === 'unrecognised';
  return {
    level: strange ? 'warn' : 'info',
    message: event.backlog ? fill(ENTERED_THEN, { at: formatLocal(event.at, zone) }) : ENTERED,
    fields: {
      ...at(event.lane, event.reading),
      visit: event.visit,
      ...(strange ? { plate: STRANGE } : {}),
      ...passOf(event, event.at),
    },
  };
}

/** What is said of it. */
const ENDING: Sentence = { zh: '{text}（还有 {n} 天）', en: '{text} (ends in {n} day{s})' };
/** A pass that ends within so many ms is worth a word to its driver. */
const ENDS_SOON = 7 * DAY;

/** The pass that a vehicle came with, and whether it ends soon. */
function passOf({ pass }: { readonly pass?: PassNote }, now: Instant): { pass?: Sentence } {
  if (!pass) return {};
  const text = {
    zh: passText(pass.kind, pass.until, 'zh'),
    en: passText(pass.kind, pass.until, 'en'),
  };
  if (pass.to === null || pass.to - now > ENDS_SOON) return { pass: text };
  const days = Math.ceil((pass.to - now) / DAY);
  return { pass: fill(ENDING, { text, n: String(days), s: days === 1 ? '' : 's' }) };
}

function left(event: Left, state: State, { zone, language }: Telling): Line {
  const { lane, park, visit, gross, paid, uncollected, tariff, letOut, reason, by } = event;
  const lost = uncollected > 0;
  const message = letOut === undefined ? LEFT : LET_OUTS[letOut];
  return {
    level: lost || letOut !== undefined ? 'warn' : 'info',
    message: event.backlog ? fill(LEFT_THEN, { at: formatLocal(event.at, zone) }) : message,
    fields: {
      lane,
      vehicle: vehicleOf(state, park, visit),
      fee: yuan(gross),
      paid: yuan(paid),
      ...(lost ? { uncollected: yuan(uncollected) } : {}),
      ...(reason === undefined ? {} : { reason }),
      ...(by == null ? {} : { by }),
      ...stayOf(state, park, visit),
      ...because(tariff, language),
    },
  };
}

function booked(event: PaymentBooked, state: State, language: Language): Line {
  const { park, visit, notice, flags, settlement, gross, tariff, uncollected } = event;
  const { amount, deductionAmount, orderNo } = notice;
  const late = uncollected === 0 ? PAID.lateSettled : PAID.late;
  return {
    level: flags.some((flag) => flag !== 'SETTLED_LATE') ? 'warn' : 'info',
    message: flags.includes('SETTLED_LATE') ? late : settlement ? PAID.settled : PAID.plain,
    fields: {
      vehicle: vehicleOf(state, park, visit),
      amount: yuan(amount),
      ...(deductionAmount > 0 ? { deduction: yuan(deductionAmount) } : {}),
      order: orderNo,
      ...(uncollected === undefined || uncollected === 0 ? {} : { uncollected: yuan(uncollected) }),
      ...(flags.length > 0 ? { flags: flags.join(',') } : {}),
      ...(gross === undefined ? {} : { fee: yuan(gross) }),
      ...because(tariff, language),
    },
  };
}

/** Why a fee is what it is, in one sentence. */
function because(tariff: Left['tariff'] | undefined, language: Language): { why?: string } {
  const why = chargeSentence(tariff, language);
  return why === '' ? {} : { why };
}

function noticeDone(event: NoticeDone): Line | null {
  const { noticeId: notice } = event;
  switch (event.outcome) {
    case 'confirmed':
      // Its line is written by the sender, which knows how long it took.
      return null;
    case 'dead': {
      const { code, message } = event;
      return { level: 'error', message: NOTICE_DEAD, fields: { notice, code, message } };
    }
    case 'dropped':
      return { level: 'warn', message: NOTICE_DROPPED, fields: { notice, reason: event.reason } };
  }
}

function moneyAlarm(code: FaultCode, message: Sentence, { notice }: PaymentUnmatched | PaymentConflicted): Line {
  const { orderNo, amount } = notice;
  return { level: 'error', code, message, fields: { order: orderNo, amount: yuan(amount) } };
}

function held({ lane, reading, reason, due }: Held): Line {
  const help = reason === 'lineDown' ? { help: fill(HELP, { lane }) } : {};
  const fields = { ...at(lane, reading), ...(due > 0 ? { due: yuan(due) } : {}), ...help };
  return { level: 'warn', message: HOLDS[reason], fields };
}

function vehicleOf(state: State, park: ParkId, visit: VisitId): string {
  const credential = credentialOf(state, park, visit);
  return credential ? credentialText(credential) : visit;
}

function stayOf(state: State, park: ParkId, id: VisitId): { stay?: string } {
  const parkState = state.parks.get(park);
  const visit = parkState && visitOf(parkState, id);
  if (!visit?.end) return {};
  const minutes = Math.floor((visit.end.at - visit.entryAt) / MINUTE);
  return { stay: `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, '0')}` };
}
