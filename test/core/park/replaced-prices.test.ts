/** Prices that are replaced while cars are in the park: what was quoted or paid before stays, what comes later is by the new ones. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fen } from '../../../src/core/money.ts';
import type { Park } from '../../../src/core/park/model.ts';
import { compilePasses, NO_PASSES } from '../../../src/core/park/pass.ts';
import { zoneOf } from '../../../src/core/time.ts';
import { tariffOf } from '../tariff/sheets.ts';
import { minutes, plate, scene, types } from './scene.ts';

const CAR = plate('粤A12345');
const CHEAP = tariffOf('price: 5 per hour\n');
const DEAR = tariffOf('price: 8 per hour\n');

/** CHEAP until the 90th minute, DEAR from then on; the car came at minute 0. */
function dearer(over: Partial<Park> = {}) {
  const replaced = [{ until: minutes(90), tariff: CHEAP, classes: new Map(), passes: NO_PASSES }];
  const play = scene({ tariff: DEAR, replaced, ...over });
  play.read('in-1', CAR, minutes(0));
  return play;
}

describe('prices that a reload replaces', () => {
  test('the next quote is by the new ones', () => {
    const play = dearer();
    assert.equal(play.info(CAR, minutes(89)).unPayAmount, 1_000);
    assert.equal(play.info(CAR, minutes(90)).unPayAmount, 1_600);
  });

  test('a price that was shown before is honoured for the minutes that any price is', () => {
    const play = dearer();
    const paid = play.pay('O1', minutes(93), { amount: fen(1_000), unPayAmount: fen(1_000) });
    const [booked] = paid.events;
    assert.ok(booked?.type === 'paymentBooked' && booked.settlement);
    assert.deepEqual(booked.flags, []);
    assert.deepEqual(types(play.read('out-1', CAR, minutes(95))), ['left', 'barrierOrdered']);
  });

  test('later than that it is not enough', () => {
    const play = dearer();
    const [booked] = play.pay('O1', minutes(96), { amount: fen(1_000), unPayAmount: fen(1_000) }).events;
    assert.ok(booked?.type === 'paymentBooked' && booked.settlement === null);
    assert.ok(booked.flags.includes('UNDERPAID'));
  });

  test('who has paid leaves within the grace as he would have, and the books say what he paid for', () => {
    const play = dearer();
    play.pay('O1', minutes(85), { amount: fen(1_000), unPayAmount: fen(1_000) });
    assert.equal(play.info(CAR, minutes(95)).unPayAmount, 0);
    const [left] = play.read('out-1', CAR, minutes(95)).events;
    assert.ok(left?.type === 'left');
    assert.deepEqual([left.gross, left.paid, left.uncollected], [1_000, 1_000, 0]);
  });

  test('who stays beyond the grace owes what the new prices ask, less what was paid', () => {
    const play = dearer();
    play.pay('O1', minutes(85), { amount: fen(1_000), unPayAmount: fen(1_000) });
    assert.equal(play.info(CAR, minutes(110)).unPayAmount, 600);
  });

  test('a price that falls is for everybody at once', () => {
    const replaced = [{ until: minutes(90), tariff: DEAR, classes: new Map(), passes: NO_PASSES }];
    const play = scene({ tariff: CHEAP, replaced });
    play.read('in-1', CAR, minutes(0));
    const [booked] = play.pay('O1', minutes(92), { amount: fen(1_000), unPayAmount: fen(1_000) }).events;
    assert.ok(booked?.type === 'paymentBooked' && booked.settlement);
    assert.deepEqual(booked.flags, []);
  });

  test('who was shown that a pass pays, and loses it a minute later, leaves; later the stay is owed', () => {
    assert.ok(CAR.kind === 'plate');
    const row = { plate: CAR.plate, kind: 'free', from: null, until: null } as const;
    const { passes } = compilePasses([row], zoneOf('Asia/Shanghai'));
    const replaced = [{ until: minutes(90), tariff: CHEAP, classes: new Map(), passes }];
    const play = scene({ tariff: CHEAP, replaced });
    play.read('in-1', CAR, minutes(0));
    assert.equal(play.info(CAR, minutes(89)).unPayAmount, 0);
    assert.equal(play.info(CAR, minutes(90)).unPayAmount, 1_000);
  });

  test('of prices that were replaced more than once those of the moment count', () => {
    const replaced = [
      { until: minutes(92), tariff: tariffOf('price: 6 per hour\n'), classes: new Map(), passes: NO_PASSES },
      { until: minutes(90), tariff: CHEAP, classes: new Map(), passes: NO_PASSES },
    ];
    const play = dearer({ replaced });
    const quoted = [89, 91, 92].map((at) => play.info(CAR, minutes(at)).totalAmount);
    assert.deepEqual(quoted, [1_000, 1_200, 1_600]);
  });
});
