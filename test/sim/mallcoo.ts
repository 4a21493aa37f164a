/**
 * Mallcoo's side of the calls: it asks for the price, takes the driver's money, and tells the gate until it is
 * acknowledged, on a line that loses both requests and answers. It judges every answer by the standard alone, and by the
 * books of what was committed.
 */
import { explain } from '../../src/core/errors.ts';
import type { VisitId } from '../../src/core/ids.ts';
import { CLOCK_SKEW } from '../../src/core/park/late.ts';
import { after, formatLocal, type Instant, SECOND } from '../../src/core/time.ts';
import { park, ZONE } from '../core/park/scene.ts';
import type { WireAnswer } from './gate-port.ts';
import { type Order, orderOf, type Price, SCHEDULES } from './order.ts';
import type { LineFault, Payment, Trip } from './plan.ts';
import { gateTime, type Site, trueTime } from './site.ts';

/** What the app shows a driver; null when it could not be had, `unknown` when the gate does not know the vehicle. */
export type Shown = Price | 'unknown' | null;

export interface Mallcoo {
  ask(vehicle: Trip['vehicle'], freeMinutes: number, then: (shown: Shown) => void): void;
  /** Asks, lets the driver think, and pays what was shown. */
  pay(vehicle: Trip['vehicle'], payment: Payment, think: number): void;
  /** The passages of a day, held against the books. */
  askTraffic(from: Instant, to: Instant): void;
  /** Sends every acknowledged notice once more: it gets its first answer, however old it is. */
  remind(): void;
  /** The gate's time until which a visit has been paid for, by the notes' promise; 0 if it was not. */
  freeUntil(visit: VisitId): number;
}

/** A caller that waits for an answer no longer. */
const TIMEOUT = 10 * SECOND;

export function createMallcoo(site: Site): Mallcoo {
  const { agenda, auditor, fail, trace, stats } = site;
  const { quoteValidityMs } = park();
  const graceMs = site.plan.grace;
  const free = new Map<VisitId, number>();
  const acknowledged = new Set<Order>();
  /** Where a clock is off, the moment of a payment may not be believed. */
  const oddClocks = site.plan.happenings.some(({ kind }) => kind === 'clockBack' || kind === 'clockAhead');
  let orders = 0;

  function call(
    name: string,
    body: Readonly<Record<string, unknown>>,
    form: boolean,
    then: (answer: WireAnswer, lost: boolean) => void,
  ): boolean {
    const gate = site.gate();
    const carried = site.way.carry();
    if (!gate || carried === 'requestLost') return false;
    stats.calls += 1;
    void gate.call(name, body, form ? 'form' : 'json').then((answer) => {
      site.witness(`${name} ${answer.status} ${answer.text}`);
      if (answer.status !== 200) fail('no internal error', `${name} was answered ${answer.status} ${answer.text}`);
      then(answer, carried === 'answerLost');
    });
    return true;
  }

  function ask(vehicle: Trip['vehicle'], freeMinutes: number, then: (shown: Shown) => void): void {
    const name = vehicle.kind === 'plate' ? { plateNo: vehicle.text } : { barcode: vehicle.text };
    const asked = call('GetParkingPaymentInfo', { ...name, freeMinutes }, false, (answer, lost) => {
      if (lost) return then(null);
      trace(`Mallcoo asks for ${vehicle.text}: ${answer.text}`);
      if (answer.json['resCode'] !== 0) return then('unknown');
      then(judgePrice(vehicle.text, answer));
    });
    if (!asked) then(null);
  }

  function judgePrice(name: string, { json, text }: WireAnswer): Price {
    const feeId = String(json['feeId']);
    const [total, paid, unPay, deduction] = ['totalAmount', 'paidAmount', 'unPayAmount', 'deductionAmount'].map(
      (field) => Number(json[field]),
    );
    if (![total, paid, unPay, deduction].every((figure) => Number.isSafeInteger(figure) && (figure ?? -1) >= 0))
      fail('figures are whole', text);
    if (unPay !== Math.max(0, (total ?? 0) - (paid ?? 0))) fail('unPay = max(0, total − paid)', text);
    const visit = auditor.visits.get(feeId as VisitId);
    if (!visit?.open) fail('nothing is shown before the disk has it', `${feeId} is not an open visit: ${text}`);
    else if (visit.key?.replace('ticket:', '') !== name) fail('the visit asked for', `${name} was shown ${visit.key}`);
    else if (visit.credit !== paid) fail('money in is money booked', `${visit.credit} 分 were booked: ${text}`);
    return { feeId, unPay: unPay ?? 0, deduction: deduction ?? 0 };
  }

  function judgePayment(
    order: Pick<Order, 'orderNo' | 'feeId' | 'amount' | 'deduction'>,
    { json, text }: WireAnswer,
  ): boolean {
    const booked = auditor.orders.get(order.orderNo);
    const same = booked?.amount === order.amount && booked.deduction === order.deduction;
    if (json['resCode'] === 0) {
      if (!booked) fail('nothing is acknowledged before the disk has it', `${order.orderNo} is not booked`);
      else if (!same)
        fail('other content is no retry', `${order.orderNo}: ${order.amount} 分, booked ${booked.amount}`);
      return true;
    }
    const conflict = json['resMsg'] === explain('ORDER_CONFLICT', 'en', { value: order.orderNo });
    const unknown = String(json['resMsg']).startsWith('no such feeId');
    if (booked && (unknown || (conflict && same))) fail('a retry gets the first answer', `${order.orderNo}: ${text}`);
    if (unknown && auditor.visits.has(order.feeId as VisitId))
      fail('money is never turned away', `${order.orderNo} names ${order.feeId}: ${text}`);
    if (conflict && !booked) fail('a retry gets the first answer', `${order.orderNo} is not booked: ${text}`);
    return false;
  }

  /** Who paid the whole of a price in time, and left within the grace, owes nothing, however late the gate hears of it. */
  function judgeSettled({ orderNo, settles }: Order): void {
    if (!settles || oddClocks) return;
    const gone = site.money.departure(settles.visit);
    if (!gone || gone.at > settles.payTime + graceMs || gone.open === 0) return;
    fail('late money settles', `${orderNo} was paid before ${settles.visit} left, and ${gone.open} 分 are open`);
  }

  function notify(order: Order): void {
    if (order.done) return;
    const fault = order.line[order.attempts] ?? 'ok';
    if (order.attempts > 0) stats.retries += 1;
    order.attempts += 1;
    if (fault === 'requestLost') {
      trace(`Mallcoo's notice ${order.orderNo} is lost`);
      return;
    }
    // Every other notice comes as a form, with texts for numbers: it is the same notice.
    const form = order.attempts % 2 === 0;
    agenda.later(fault === 'slow' ? 9 * SECOND : 0, () => deliver(order, form, fault));
  }

  function deliver(order: Order, form: boolean, fault: LineFault): void {
    const gate = site.gate();
    if (!gate || site.way.carry() === 'requestLost') {
      trace(`Mallcoo's notice ${order.orderNo} finds ${gate ? 'no way' : 'nobody'}`);
      return;
    }
    order.firstAt ??= gateTime(site, gate);
    const sentAt = agenda.now();
    call('PayParkingFee', order.body, form, (answer, cut) => {
      const lost = cut || fault === 'answerLost' || agenda.now() - sentAt > TIMEOUT;
      trace(`Mallcoo's notice ${order.orderNo}: ${answer.text}${lost ? ' (the answer is lost)' : ''}`);
      if (!judgePayment(order, answer)) return;
      if (order.settles && order.firstAt !== null) {
        const { visit, payTime } = order.settles;
        free.set(visit, Math.max(free.get(visit) ?? 0, after(Math.min(payTime, order.firstAt) as Instant, graceMs)));
      }
      judgeSettled(order);
      acknowledged.add(order);
      if (!lost) order.done = true;
    });
  }

  function conflict(order: Order, delay: number): void {
    const changed = { ...order, amount: order.amount + 1, body: { ...order.body, amount: order.amount + 1 } };
    agenda.later(delay, () => {
      call('PayParkingFee', changed.body, false, (answer) => {
        trace(`Mallcoo's notice ${order.orderNo} with another amount: ${answer.text}`);
        judgePayment(changed, answer);
      });
    });
  }

  function place(vehicle: Trip['vehicle'], payment: Payment, price: Price, askedAt: Instant): void {
    orders += 1;
    const payTime = (Math.floor(trueTime(site) / SECOND) * SECOND) as Instant;
    const inTime = payTime <= askedAt + quoteValidityMs && payTime >= askedAt - CLOCK_SKEW;
    const order = orderOf(orders, vehicle, payment, price, payTime, inTime);
    trace(
      `${vehicle.text} pays ${order.amount} + ${order.deduction} 分 as ${order.orderNo} (${payment.style}, ${payment.schedule})`,
    );
    for (const delay of SCHEDULES[payment.schedule]) agenda.later(delay, () => notify(order));
    if (payment.conflict !== null) conflict(order, payment.conflict);
  }

  return {
    ask,
    pay(vehicle, payment, think) {
      const coupon = payment.style === 'coupon' ? 60 : 0;
      const gate = site.gate();
      if (!gate) return;
      const askedAt = gateTime(site, gate);
      ask(vehicle, coupon, (price) => {
        if (price === null || price === 'unknown' || price.unPay === 0) return;
        agenda.later(think, () => place(vehicle, payment, price, askedAt));
      });
    },
    askTraffic(from, to) {
      const body = { startTime: formatLocal(from, ZONE), endTime: formatLocal(to, ZONE) };
      call('GetTraffic', body, false, ({ json, text }) => {
        const counted = auditor.passages(from, to);
        if (json['inNum'] !== counted.in || json['outNum'] !== counted.out)
          fail('traffic', `${counted.in} in and ${counted.out} out are in the journal: ${text}`);
      });
    },
    remind() {
      for (const [index, order] of [...acknowledged].entries())
        agenda.later(index * SECOND, () =>
          call('PayParkingFee', order.body, true, (answer) => {
            if (!judgePayment(order, answer)) fail('a retry gets the first answer', `${order.orderNo}: ${answer.text}`);
          }),
        );
    },
    freeUntil: (visit) => free.get(visit) ?? 0,
  };
}
