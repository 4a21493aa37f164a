/** Money for a car that was let go uncollected: which departure it is for, what it settles, and how it is flagged. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OrderNo, VisitId } from '../../../src/core/ids.ts';
import { fen } from '../../../src/core/money.ts';
import { decide } from '../../../src/core/park/decide.ts';
import type { Decision } from '../../../src/core/park/decision.ts';
import { DAY, instant } from '../../../src/core/time.ts';
import { tariffOf } from '../tariff/sheets.ts';
import { fate, flags, gate, HOLD, letOut, line, openOf, UP_TO_10 } from './exits.ts';
import { minutes, notice, P001, plate, type Scene, TEN, ticket, types } from './scene.ts';
import { shelf } from './shelf.ts';

const CAR = plate('粤A12345');
const PLATE = CAR.kind === 'plate' ? CAR.plate : null;

describe('a notice that comes late', () => {
  /** In at 10:00, the line gone at 10:45, let out owing ¥10 at 11:40. */
  function gone(): Scene {
    const s = gate(UP_TO_10);
    s.read('in-1', CAR, TEN);
    line(s, false, minutes(45));
    assert.equal(fate(s.read('out-1', CAR, minutes(100))), 'left lineDown 1000, arm');
    line(s, true, minutes(110));
    return s;
  }

  const CASES: readonly (readonly [
    name: string,
    money: { readonly amount: number; readonly deduction?: number; readonly paid: number; readonly unPay?: number },
    flags: readonly string[],
    open: number,
  ])[] = [
    ['the whole of it', { amount: 1_000, paid: 98 }, ['SETTLED_LATE'], 0],
    ['the whole of it, by a coupon', { amount: 0, deduction: 1_000, paid: 98 }, ['SETTLED_LATE'], 0],
    ['a coupon worth more', { amount: 0, deduction: 5_000, paid: 98 }, ['SETTLED_LATE'], 0],
    ['too little', { amount: 400, paid: 98 }, ['SETTLED_LATE', 'UNDERPAID'], 600],
    ['too much', { amount: 1_200, paid: 98 }, ['SETTLED_LATE', 'OVERPAID'], 0],
    [
      'paid at 10:58, at the price of that hour, and gone long after its grace',
      { amount: 500, paid: 58 },
      ['SETTLED_LATE', 'UNDERPAID'],
      500,
    ],
    ['paid at 11:26, gone within the grace, as shown', { amount: 1_000, paid: 86, unPay: 1_000 }, ['SETTLED_LATE'], 0],
    [
      'another figure than it was shown',
      { amount: 1_000, paid: 98, unPay: 900 },
      ['SETTLED_LATE', 'FIGURES_DIFFER'],
      0,
    ],
    ['paid after it had left', { amount: 1_000, paid: 115 }, ['SETTLED_LATE'], 0],
  ];
  for (const [name, { amount, deduction = 0, paid, unPay }, wanted, open] of CASES) {
    test(`${name}: ${wanted.join(' ')}, ${open} 分 stay open`, () => {
      const s = gone();
      const late = s.pay('A', minutes(120), {
        amount: fen(amount),
        deductionAmount: fen(deduction),
        payTime: minutes(paid),
        ...(unPay === undefined ? {} : { unPayAmount: fen(unPay) }),
      });
      assert.deepEqual(types(late), ['paymentBooked']);
      assert.deepEqual(flags(late), wanted);
      assert.equal(openOf(s), open);
    });
  }

  test('a price honoured as if the notice had come in time: 58 minutes paid at 11:01, gone at 11:08, owing ¥10', () => {
    const s = gate(UP_TO_10);
    s.read('in-1', CAR, TEN);
    line(s, false, minutes(50));
    assert.equal(fate(s.read('out-1', CAR, minutes(68))), 'left lineDown 1000, arm');
    const late = s.pay('A', minutes(90), { amount: fen(500), unPayAmount: fen(500), payTime: minutes(61) });
    assert.deepEqual(flags(late), ['SETTLED_LATE']);
    assert.equal(openOf(s), 0);
  });

  test('in two parts, and a third for nothing; retries and other content are what they always were', () => {
    const s = gone();
    assert.deepEqual(flags(s.pay('A', minutes(120), { amount: fen(400), payTime: minutes(98) })), [
      'SETTLED_LATE',
      'UNDERPAID',
    ]);
    const again = s.pay('A', minutes(121), { amount: fen(400), payTime: minutes(98) });
    assert.deepEqual(again.events, []);
    assert.deepEqual(again.reply, { type: 'booked', visit: 'V1', repeated: true, flags: [] });
    assert.deepEqual(types(s.pay('A', minutes(121), { amount: fen(500), payTime: minutes(98) })), [
      'paymentConflicted',
    ]);
    assert.deepEqual(flags(s.pay('B', minutes(122), { amount: fen(600), payTime: minutes(98) })), ['SETTLED_LATE']);
    assert.equal(openOf(s), 0);
    assert.deepEqual(flags(s.pay('C', minutes(123), { amount: fen(100), payTime: minutes(98) })), [
      'DEPARTED',
      'OVERPAID',
    ]);
    assert.equal(s.state.parks.get(P001)?.closed.get('V1' as VisitId)?.paid, 1_100);
  });

  test('without a feeId: it finds the departure by the plate', () => {
    const s = gone();
    const late = s.pay('A', minutes(120), { feeId: null, plate: PLATE, amount: fen(1_000), payTime: minutes(98) });
    assert.deepEqual(flags(late), ['FEE_ID_FELL_BACK', 'SETTLED_LATE']);
    assert.equal(openOf(s), 0);
    const more = s.pay('B', minutes(121), { feeId: null, plate: PLATE, amount: fen(1_000), payTime: minutes(98) });
    assert.deepEqual(types(more), ['paymentUnmatched']);
  });

  test('without a feeId, a day after it left: found; a moment later it is for a person to match', () => {
    for (const [after, expected] of [
      [0, ['paymentBooked']],
      [1, ['paymentUnmatched']],
    ] as const) {
      const over = { feeId: null, plate: PLATE, amount: fen(1_000), payTime: minutes(98) };
      assert.deepEqual(types(gone().pay('A', instant(minutes(100) + DAY + after), over)), expected);
    }
  });

  test('without a feeId, of a ticket', () => {
    const s = gate(UP_TO_10);
    s.read('in-1', ticket('0102'), TEN);
    line(s, false, minutes(45));
    s.read('out-1', ticket('0102'), minutes(50));
    const late = s.pay('A', minutes(60), { feeId: null, barcode: '0102', amount: fen(500), payTime: minutes(46) });
    assert.deepEqual(flags(late), ['FEE_ID_FELL_BACK', 'SETTLED_LATE']);
  });

  test('without a feeId, and the car is in the park again: the moment of payment tells which of the two', () => {
    for (const [payTime, visit, expected] of [
      [98, 'V1', ['FEE_ID_FELL_BACK', 'SETTLED_LATE']],
      [190, 'V3', ['FEE_ID_FELL_BACK']],
    ] as const) {
      const s = gone();
      s.read('in-1', CAR, minutes(130));
      const paid = s.pay('A', minutes(190), { feeId: null, plate: PLATE, amount: fen(500), payTime: minutes(payTime) });
      assert.ok(paid.reply.type === 'booked' && paid.reply.visit === visit, `${paid.reply.type} of ${payTime}`);
      assert.deepEqual(flags(paid).slice(0, 2), expected);
    }
  });

  test('without a feeId, of two departures that owe: the last that had begun when the driver paid', () => {
    for (const [payTime, visit] of [
      [98, 'V1'],
      [185, 'V3'],
    ] as const) {
      const s = gone();
      s.read('in-1', CAR, minutes(130));
      line(s, false, minutes(180));
      assert.equal(fate(s.read('out-1', CAR, minutes(190))), 'left lineDown 500, arm');
      const over = { feeId: null, plate: PLATE, amount: fen(500), payTime: minutes(payTime) };
      const { reply } = s.pay('A', minutes(200), over);
      assert.ok(reply.type === 'booked' && reply.visit === visit, visit);
    }
  });

  test('by its feeId though the car is in the park again: it pays for the departure', () => {
    const s = gone();
    s.read('in-1', CAR, minutes(130));
    assert.deepEqual(flags(s.pay('A', minutes(140), { amount: fen(1_000), payTime: minutes(98) })), ['SETTLED_LATE']);
    assert.equal(s.info(CAR, minutes(140)).paidAmount, 0);
  });

  test('for a car that the operator had let out', () => {
    const s = gate(HOLD);
    s.read('in-1', CAR, TEN);
    s.read('out-1', CAR, minutes(50));
    letOut(s, minutes(52));
    assert.deepEqual(flags(s.pay('A', minutes(60), { amount: fen(500), payTime: minutes(51) })), ['SETTLED_LATE']);
  });

  test('for a car that left unseen in a backlog; and not for one that was taken back from it', () => {
    const s = gate(HOLD);
    s.read('in-1', CAR, TEN);
    s.read('out-1', CAR, minutes(60), { history: minutes(50) });
    assert.equal(openOf(s), 500);
    assert.deepEqual(flags(s.pay('A', minutes(61), { amount: fen(500), payTime: minutes(49) })), ['SETTLED_LATE']);
    const t = gate(HOLD);
    t.read('in-1', CAR, TEN);
    t.read('out-1', CAR, minutes(50), { history: minutes(49) });
    assert.deepEqual(types(t.read('out-1', CAR, minutes(51))), ['stayed', 'held']);
    assert.deepEqual(flags(t.pay('A', minutes(52), { amount: fen(500) })), []);
  });

  test('when the visit waits for the archive, and when it is there: recalled, booked once, and archived with the sum', () => {
    const far = minutes(6 * 24 * 60);
    for (const taken of [false, true]) {
      const s = gone();
      const paper = shelf();
      const seal = (): void => {
        s.send({ type: 'seal', park: P001, closedBefore: far, passagesBefore: TEN }, far);
        const sealed = s.state.parks.get(P001)?.sealed;
        assert.ok(sealed);
        paper.put(sealed);
      };
      const archived = (batch: number): Decision => s.send({ type: 'archived', park: P001, batch }, far);
      seal();
      if (taken) archived(1);
      const late = s.pay('A', far, { amount: fen(1_000), payTime: minutes(98) }, paper);
      assert.deepEqual(types(late), ['recalled', 'paymentBooked']);
      assert.deepEqual(flags(late), ['SETTLED_LATE']);
      if (!taken) archived(1);
      seal();
      archived(2);
      const end = paper.visit('V1' as VisitId)?.end;
      assert.deepEqual([end?.uncollected, end?.letOut], [0, { why: 'lineDown', due: 1_000 }]);
      assert.deepEqual(s.pay('A', far, { amount: fen(1_000), payTime: minutes(98) }, paper).events, []);
    }
  });

  test('a sheet that has changed since does not change what was due when it left', () => {
    const s = gone();
    const dearer = { ...s.park, tariff: tariffOf('price: 50 per hour\ngrace: none') };
    const paid = notice({ orderNo: 'A' as OrderNo, feeId: 'V1', payTime: minutes(98), amount: fen(1_000) });
    const command = { type: 'pay', park: P001, notice: paid, digest: 'A' } as const;
    const late = decide({ parks: new Map([[P001, dearer]]) }, s.state, command, minutes(120));
    assert.deepEqual(flags(late), ['SETTLED_LATE']);
    assert.ok(late.events[0]?.type === 'paymentBooked' && late.events[0].uncollected === 0);
  });
});
