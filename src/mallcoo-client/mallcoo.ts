/**
 * A Mallcoo of our own: it asks what a car owes, offers coupons, takes the driver's money and tells the car park, as often
 * as its schedule says. Time, waiting and the wire are brought by the caller. What the car park tells Mallcoo (1.4) comes
 * to `receiver.ts`; nothing here listens.
 */
import type { Said } from '../core/errors.ts';
import { type Fen, fen } from '../core/money.ts';
import { fill, joined } from '../core/sentence.ts';
import { formatLocal, type Instant, type Zone } from '../core/time.ts';
import { shown, successProblems } from './answers.ts';
import { type CallName, type Fields, type Proof, prove, requestOf } from './request.ts';
import { type Delivery, deliver, losingAnswers, type Schedule } from './schedule.ts';
import type { Outcome, Send } from './wire.ts';

/** What the driver typed or scanned: one of the two, an empty text for the other. */
export interface Car {
  readonly plateNo: string;
  readonly barcode: string;
}

/** What the driver wants to use: free minutes, and money off in 分. */
export interface Coupon {
  readonly minutes: number;
  readonly amount: Fen;
}

export const NO_COUPON: Coupon = { minutes: 0, amount: fen(0) };

/** An answered query (1.1), and what was asked. Amounts in 分. */
export interface Quote {
  readonly car: Car;
  readonly coupon: Coupon;
  readonly feeId: string;
  /** Local time of the park, as it was answered. */
  readonly entryTime: string;
  readonly parkingMinutes: number;
  readonly total: Fen;
  readonly due: Fen;
  readonly paid: Fen;
  /** What the coupon is worth; may be more than is due. */
  readonly deduction: Fen;
}

export type Asked =
  | { readonly type: 'quoted'; readonly quote: Quote; readonly outcome: Outcome }
  /** Refused by the car park, not understood, or lost; the message says which. */
  | { readonly type: 'failed'; readonly message: Said; readonly outcome: Outcome };

/** How an order is paid and told. */
export interface PayOptions {
  /** 1 支付宝, 2 银联, 3 微信 (1.2); 0 元支付 is chosen where nothing is left to pay. */
  readonly payType: number;
  readonly schedule: Schedule;
  readonly copies: 1 | 2;
  /** Of the first so many sendings the answer is lost. */
  readonly loseAnswers: number;
}

export interface Order {
  readonly orderNo: string;
  /** Paid in money, and by the coupon, in 分. */
  readonly amount: Fen;
  readonly deduction: Fen;
  /** The notice as it was sent. */
  readonly notice: Fields;
  readonly delivery: Delivery;
}

export interface Mallcoo {
  ask(car: Car, coupon?: Coupon): Promise<Asked>;
  /** Pays what a quote says, and tells the car park until it acknowledges or the schedule ends. */
  pay(quote: Quote, options: PayOptions): Promise<Order>;
  /** Sends a notice of the caller's making once: the same again, or the same order with other content. */
  notify(notice: Fields): Promise<Outcome>;
}

export interface MallcooParts {
  readonly send: Send;
  readonly proof: Proof;
  readonly parkId: string;
  readonly zone: Zone;
  readonly clock: { now(): Instant };
  readonly wait: (ms: number) => Promise<void>;
  /** A number that no order had before. */
  readonly newOrderNo: () => string;
}

export function createMallcoo(parts: MallcooParts): Mallcoo {
  const { send, proof, parkId, zone, clock, wait, newOrderNo } = parts;
  const call = (name: CallName, fields: Fields): Promise<Outcome> =>
    send(prove(requestOf(name, fields, 'json'), proof, clock.now()));
  const notify = (notice: Fields): Promise<Outcome> => call('PayParkingFee', notice);
  return {
    notify,
    async ask(car, coupon = NO_COUPON) {
      const fields = { parkId, ...car, freeMinutes: coupon.minutes, freeAmount: coupon.amount };
      return read(await call('GetParkingPaymentInfo', fields), car, coupon);
    },
    async pay(quote, { payType, schedule, copies, loseAnswers }) {
      const orderNo = newOrderNo();
      const payTime = formatLocal(clock.now(), zone);
      const notice = noticeOf(quote, { parkId, orderNo, payTime, payType });
      const once = losingAnswers(() => notify(notice), loseAnswers);
      const delivery = await deliver({ send: once, schedule, copies, wait });
      return { orderNo, ...sharesOf(quote), notice, delivery };
    },
  };
}

function read(outcome: Outcome, car: Car, coupon: Coupon): Asked {
  if (outcome.type === 'lost') return { type: 'failed', message: outcome.reason, outcome };
  const json = outcome.json ?? {};
  const { resCode, resMsg, feeId, entryTime } = json;
  if (resCode === 1 && typeof resMsg === 'string') return { type: 'failed', message: resMsg, outcome };
  const problems = successProblems('GetParkingPaymentInfo', outcome);
  if (problems.length > 0) return { type: 'failed', message: joined(problems, { zh: '；', en: '; ' }), outcome };
  const amount = (name: string): Fen => fen(Number(json[name]));
  const quote: Quote = {
    car,
    coupon,
    feeId: String(feeId),
    entryTime: String(entryTime),
    parkingMinutes: Number(json['parkingMinutes']),
    total: amount('totalAmount'),
    due: amount('unPayAmount'),
    paid: amount('paidAmount'),
    deduction: amount('deductionAmount'),
  };
  return { type: 'quoted', quote, outcome };
}

/** What the driver pays of a quote, and what the coupon does: never more than is due. In 分. */
export function sharesOf({ due, deduction }: Pick<Quote, 'due' | 'deduction'>): {
  readonly amount: Fen;
  readonly deduction: Fen;
} {
  const used = deduction > due ? due : deduction;
  return { amount: fen(due - used), deduction: used };
}

export interface NoticeOptions {
  readonly parkId: string;
  readonly orderNo: string;
  /** Local time of the park. */
  readonly payTime: string;
  readonly payType: number;
}

/** The notice (1.2) of a quote that was paid. */
export function noticeOf(quote: Quote, { parkId, orderNo, payTime, payType }: NoticeOptions): Fields {
  const { car, coupon, feeId, due } = quote;
  const { amount, deduction } = sharesOf(quote);
  const free = amount === 0;
  return {
    parkId,
    feeId,
    orderNo,
    // 0 元支付为空.
    thirdTradeNo: free ? '' : `TRADE${orderNo}`,
    ...car,
    payTime,
    unPayAmount: due,
    amount,
    deductionAmount: deduction,
    deductionDetails:
      deduction === 0 ? [] : [{ Type: 2, Identify: `COUPON${orderNo}`, Minutes: coupon.minutes, Amount: deduction }],
    payChannel: 0,
    payType: free ? 0 : payType,
    memberInfo: null,
  };
}

/** A refusal's own words, or what else came of a call; for people. */
export function outcomeSaid(outcome: Outcome): Said {
  if (outcome.type === 'lost') return outcome.reason;
  const { resCode, resMsg } = outcome.json ?? {};
  if (resCode === 0) return 'resCode 0';
  if (typeof resMsg === 'string') return resMsg;
  const what = { status: String(outcome.status), text: shown(outcome.text) };
  return fill({ zh: 'HTTP {status}：{text}', en: 'HTTP {status}: {text}' }, what);
}
