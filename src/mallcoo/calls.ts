/** The three calls, free of HTTP: fields in, answer out. */
import type { Language, Sentence } from '../core/errors.ts';
import { ZERO } from '../core/money.ts';
import type { Park } from '../core/park/model.ts';
import { paymentInfo, traffic } from '../core/park/queries.ts';
import { formatLocal, type Instant } from '../core/time.ts';
import {
  type Archive,
  type Clock,
  type Faults,
  type Gateway,
  GatewayBusy,
  GatewayFull,
  GatewayStopped,
  type Log,
} from '../gateway/ports.ts';
import { type Answer, type Concerning, refuse, refuseField, refuseValue, SUCCESS, succeed } from './answers.ts';
import { type Fields, readAmount, readMinutes, readPlate, readText, readTime } from './fields.ts';
import { digestOf, readPayment } from './payment.ts';

export interface CallContext {
  readonly gateway: Gateway;
  readonly archive: Pick<Archive, 'traffic'>;
  readonly clock: Clock;
  readonly language: Language;
  /** Told of money that needs a person: a conflicting order, a payment for nobody. */
  readonly faults?: Faults;
  readonly log: Log;
}

interface Named<Kind, Result> {
  /** As the standard calls it. */
  readonly name: string;
  readonly kind: Kind;
  readonly run: (context: CallContext, park: Park, fields: Fields) => Result;
}

/** A query answers at once and changes nothing; a payment waits for the disk. */
export type Call = Named<'query', Answer> | Named<'payment', Promise<Answer>>;

/** The moment for which a query is answered: while the clock is behind the journal, that of the last record. */
function moment({ gateway, clock }: CallContext): Instant {
  return Math.max(clock.now(), gateway.state().at) as Instant;
}

/**
 * 1.1: what a visit costs now. No side effects, no waiting. A fraction of a 分 in `freeAmount` is rounded half up.
 */
function info(context: CallContext, park: Park, fields: Fields): Answer {
  const { gateway, language } = context;
  const plate = readPlate(fields, 'plateNo');
  const barcode = readText(fields, 'barcode');
  const freeMinutes = readMinutes(fields, 'freeMinutes') ?? 0;
  const freeAmount = readAmount(fields, 'freeAmount')?.fen ?? ZERO;
  const concerning: Concerning = { park: park.id, plate };
  const [problem] = fields.problems;
  if (problem) return refuseField(problem, language, concerning);
  const request = { plate, barcode, freeMinutes, freeAmount };
  const found = paymentInfo(park, gateway.state().parks.get(park.id), request, moment(context));
  if (found.type === 'refused') return refuseValue(found.code, language, concerning, found.value);
  const { visit, parkingMinutes, totalAmount, unPayAmount, deductionAmount, paidAmount } = found;
  return succeed(
    {
      resCode: SUCCESS.resCode,
      resMsg: SUCCESS.resMsg,
      feeId: visit.id,
      entryTime: formatLocal(visit.entryAt, park.zone),
      parkingMinutes,
      totalAmount,
      unPayAmount,
      deductionAmount,
      paidAmount,
      offlineDeduction: '',
    },
    concerning,
  );
}

const DROPPED: Sentence = {
  zh: '缴费通知中有字段无法解析，按缺失处理',
  en: 'payment fields could not be read and were kept as absent',
};

/** 1.2: the driver has paid. The answer waits until the payment is on disk. */
async function pay(context: CallContext, park: Park, fields: Fields): Promise<Answer> {
  const { gateway, language, log } = context;
  const read = readPayment(fields, park.zone);
  if (read.type === 'invalid') return refuseField(read.problem, language, { park: park.id, plate: null });
  if (read.type === 'missing') {
    return refuse('FIELD_REQUIRED', language, { park: park.id, plate: null }, { field: read.field });
  }
  const { notice, dropped } = read;
  const concerning: Concerning = { park: park.id, plate: notice.plate };
  if (dropped.length > 0) {
    const names = dropped.map(({ field }) => field).join(' ');
    log.info(DROPPED, {
      park: park.id,
      order: notice.orderNo,
      fields: names,
    });
  }
  try {
    const reply = await gateway.submit({ type: 'pay', park: park.id, notice, digest: digestOf(notice) });
    if (reply.type === 'booked') return succeed(SUCCESS, concerning);
    if (reply.type !== 'refused') throw new Error(`a payment was answered with "${reply.type}"`);
    if (reply.code === 'ORDER_CONFLICT') context.faults?.raise('PAYMENT_CONFLICT', park.id, notice.orderNo);
    if (reply.code === 'FEE_ID_UNKNOWN') context.faults?.raise('PAYMENT_UNMATCHED', park.id, notice.orderNo);
    return refuseValue(reply.code, language, concerning, reply.value);
  } catch (error) {
    // Nothing was taken; `resCode` 1 makes Mallcoo send it again.
    if (error instanceof GatewayBusy) return refuse('BUSY', language, concerning);
    if (error instanceof GatewayFull) return refuse('NO_ROOM', language, concerning);
    if (error instanceof GatewayStopped) return refuse('STOPPING', language, concerning);
    throw error;
  }
}

/** 1.3: passages during `[startTime, endTime)`, local time of the park. */
function countTraffic(context: CallContext, park: Park, fields: Fields): Answer {
  const { gateway, archive, language } = context;
  const concerning: Concerning = { park: park.id, plate: null };
  const from = readTime(fields, 'startTime', park.zone);
  const to = readTime(fields, 'endTime', park.zone);
  const [problem] = fields.problems;
  if (problem) return refuseField(problem, language, concerning);
  if (from === null) return refuse('FIELD_REQUIRED', language, concerning, { field: 'startTime' });
  if (to === null) return refuse('FIELD_REQUIRED', language, concerning, { field: 'endTime' });
  if (to < from) return refuse('RANGE_INVERTED', language, concerning);
  const state = gateway.state().parks.get(park.id);
  const here = traffic(state, from, to);
  const archived = archive.traffic(park.id, from, to, state?.archivedThrough ?? 0);
  const inNum = here.inNum + archived.inNum;
  return succeed({ ...SUCCESS, inNum, outNum: here.outNum + archived.outNum }, concerning);
}

export const getParkingPaymentInfo: Call = { name: 'GetParkingPaymentInfo', kind: 'query', run: info };
export const payParkingFee: Call = { name: 'PayParkingFee', kind: 'payment', run: pay };
export const getTraffic: Call = { name: 'GetTraffic', kind: 'query', run: countTraffic };
