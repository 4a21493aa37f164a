/** What holds between the figures of GetParkingPaymentInfo, whatever is paid, offered and waited for, over real HTTP. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Park } from '../../src/core/park/model.ts';
import { after, formatLocal, MINUTE } from '../../src/core/time.ts';
import { park, ZONE } from '../core/park/scene.ts';
import { tariffOf } from '../core/tariff/sheets.ts';
import { plate, type Site, site } from './site.ts';

const ORDER =
  'resCode,resMsg,feeId,entryTime,parkingMinutes,totalAmount,unPayAmount,deductionAmount,paidAmount,offlineDeduction';

interface Figures {
  readonly feeId: string;
  readonly parkingMinutes: number;
  readonly totalAmount: number;
  readonly unPayAmount: number;
  readonly deductionAmount: number;
  readonly paidAmount: number;
}

/** Asks, and holds the answer against all that must be true of any. */
async function ask(s: Site, plateNo: string, freeMinutes = 0, freeAmount = 0): Promise<Figures> {
  const { status, json } = await s.post('GetParkingPaymentInfo', { plateNo, freeMinutes, freeAmount });
  assert.equal(status, 200);
  assert.equal(Object.keys(json).join(), ORDER);
  const figure = (name: string): number => {
    const value = json[name];
    assert.ok(typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0), name);
    return value;
  };
  const [totalAmount, paidAmount, unPayAmount] = [figure('totalAmount'), figure('paidAmount'), figure('unPayAmount')];
  const deductionAmount = figure('deductionAmount');
  assert.equal(unPayAmount, Math.max(0, totalAmount - paidAmount));
  assert.ok(deductionAmount >= freeAmount && deductionAmount <= freeAmount + totalAmount);
  return {
    feeId: String(json['feeId']),
    parkingMinutes: figure('parkingMinutes'),
    totalAmount,
    unPayAmount,
    deductionAmount,
    paidAmount,
  };
}

const STEP = fc.record({
  waitMinutes: fc.integer({ min: 0, max: 700 }),
  freeMinutes: fc.integer({ min: 0, max: 400 }),
  freeAmount: fc.integer({ min: 0, max: 3_000 }),
  // What is paid of what is due, in percent, and how much of that is deductions.
  paysPercent: fc.constantFrom(0, 0, 50, 100, 130),
  deductedPercent: fc.constantFrom(0, 30, 100),
});
type Step = typeof STEP extends fc.Arbitrary<infer T> ? T : never;

async function pay(s: Site, plateNo: string, orderNo: string, due: number, step: Step): Promise<number> {
  const credit = Math.round((due * step.paysPercent) / 100);
  const deductionAmount = Math.round((credit * step.deductedPercent) / 100);
  const payTime = formatLocal(s.clock.at, ZONE);
  const notice = { orderNo, plateNo, payTime, unPayAmount: due, amount: credit - deductionAmount, deductionAmount };
  const { json } = await s.post('PayParkingFee', { ...notice, payType: credit === deductionAmount ? 0 : 3 });
  assert.deepEqual(json, { resCode: 0, resMsg: '' });
  return credit;
}

/** Plays one stay, and asks at every step with and without what is offered. */
async function play(s: Site, name: number, steps: readonly Step[]): Promise<void> {
  const plateNo = `沪A${String(name).padStart(5, '0')}`;
  const entered = s.clock.at;
  const feeId = await s.enter(plate(plateNo));
  let credited = 0;
  let total = 0;
  for (const [index, step] of steps.entries()) {
    s.clock.at = after(s.clock.at, step.waitMinutes * MINUTE);
    const plain = await ask(s, plateNo);
    assert.equal(plain.feeId, feeId);
    assert.equal(plain.parkingMinutes, Math.floor((s.clock.at - entered) / MINUTE));
    assert.equal(plain.paidAmount, credited);
    assert.equal(plain.deductionAmount, 0, 'nothing offered, nothing deducted');
    assert.ok(plain.totalAmount >= total, 'without a payment a fee never falls as a stay goes on');
    const offered = await ask(s, plateNo, step.freeMinutes, step.freeAmount);
    assert.deepEqual({ ...offered, deductionAmount: 0 }, plain, 'what is offered changes nothing but its own worth');
    const minutesOnly = await ask(s, plateNo, step.freeMinutes);
    assert.equal(offered.deductionAmount, step.freeAmount + minutesOnly.deductionAmount);
    total = plain.totalAmount;
    if (step.paysPercent > 0) {
      credited += await pay(s, plateNo, `${plateNo}-${index}`, plain.unPayAmount, step);
      // It may have been enough for a price of some minutes ago, at which the total then stands still.
      total = 0;
    }
    const paid = await ask(s, plateNo);
    assert.equal(paid.paidAmount, credited);
    if (step.paysPercent >= 100) assert.equal(paid.unPayAmount, 0, 'what was asked was paid');
  }
}

const PARKS: readonly (readonly [string, Park])[] = [
  ['that goes on after a payment', park()],
  ['that begins anew after a payment', park({ tariff: tariffOf('price: 5 per hour\nafterPayment: restart\n') })],
];

for (const [name, thePark] of PARKS) {
  test(`the figures always agree with each other, in a park ${name}`, async (t) => {
    const s = await site(t, { parks: [thePark] });
    let stays = 0;
    const steps = fc.array(STEP, { minLength: 1, maxLength: 5 });
    const property = fc.asyncProperty(steps, async (some) => {
      stays += 1;
      await play(s, stays, some);
    });
    await fc.assert(property, { numRuns: 40 });
  });
}
