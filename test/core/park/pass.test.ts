/** Monthly passes and the whitelist at the gate: what they cover of a stay, who leaves by them, what the journal says. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadTariff } from '../../../src/config/tariff/park.ts';
import { fen } from '../../../src/core/money.ts';
import type { Left, ParkEvent, PaymentBooked } from '../../../src/core/park/events.ts';
import { evolve } from '../../../src/core/park/evolve.ts';
import { compilePasses, countPasses, type Passes, type PassRow, passesDiff } from '../../../src/core/park/pass.ts';
import { capture } from '../../../src/core/park/snapshot.ts';
import { emptyState } from '../../../src/core/park/state.ts';
import { normalisePlate, type Plate } from '../../../src/core/plate.ts';
import { chargeSentence } from '../../../src/core/tariff/describe.ts';
import { dayNumber, type Instant, parseLocal, type Zone, zoneOf } from '../../../src/core/time.ts';
import { tariffOf } from '../tariff/sheets.ts';
import { fate, line } from './exits.ts';
import { P001, plate, type Scene, SHEET, scene, ticket, types, ZONE } from './scene.ts';

const TEXT = '粤A12345';
const CAR = plate(TEXT);
const PLATE = plateOf(TEXT);

function plateOf(text: string): Plate {
  return normalisePlate(text) ?? assert.fail(text);
}

function dayOf(text: string): number | null {
  if (text === '') return null;
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  return dayNumber(year, month, day);
}

/** Lines like `粤A12345 2026-11-01..2026-11-30 monthly`. */
function rowsOf(...lines: readonly string[]): readonly PassRow[] {
  return lines.map((text) => {
    const [name = '', days = '', kind] = text.split(' ');
    const [from = '', until = ''] = days.split('..');
    return { plate: plateOf(name), kind: kind === 'free' ? 'free' : 'monthly', from: dayOf(from), until: dayOf(until) };
  });
}

function passes(zone: Zone, ...lines: readonly string[]): Passes {
  return compilePasses(rowsOf(...lines), zone).passes;
}

const at = (text: string, zone: Zone = ZONE): Instant => parseLocal(text, zone) ?? assert.fail(text);

/** A park where that car has these passes. */
const held = (...days: readonly string[]): Scene =>
  scene({ passes: passes(ZONE, ...days.map((each) => `${TEXT} ${each} monthly`)) });

function left(events: readonly ParkEvent[]): Left {
  const found = events.find((event) => event.type === 'left');
  return found ?? assert.fail(JSON.stringify(events));
}

function booked(events: readonly ParkEvent[]): PaymentBooked {
  const found = events.find((event) => event.type === 'paymentBooked');
  return found ?? assert.fail(JSON.stringify(events));
}

describe('what a stay costs whose vehicle has a pass: 15 minutes free, then ¥5 for each hour begun', () => {
  const NOV = '2026-11-01..2026-11-30';
  const CASES: readonly (readonly [what: string, days: readonly string[], from: string, to: string, fee: number])[] = [
    ['wholly within', [NOV], '2026-11-22 10:00', '2026-11-24 18:00', 0],
    ['from the first second to the last', [NOV], '2026-11-01 00:00:00', '2026-12-01 00:00:00', 0],
    ['a second before it begins', [NOV], '2026-10-31 23:59:59', '2026-11-02 10:00', 0],
    ['an hour and a half before it begins', [NOV], '2026-10-31 22:30', '2026-11-02 10:00', 1000],
    ['over its end by a quarter of an hour less a second', [NOV], '2026-11-30 20:00', '2026-12-01 00:14:59', 0],
    ['over its end by a quarter of an hour and a second', [NOV], '2026-11-30 20:00', '2026-12-01 00:15:01', 500],
    ['over its end by an hour and a half', [NOV], '2026-11-30 20:00', '2026-12-01 01:30', 1000],
    ['before it and after it', ['2026-11-22..2026-11-22'], '2026-11-21 23:00', '2026-11-23 02:00', 1500],
    ['wholly before it', [NOV], '2026-10-31 10:00', '2026-10-31 12:00', 1000],
    ['wholly after it', [NOV], '2026-12-01 10:00', '2026-12-01 12:00', 1000],
    [
      'two passes with a day between them',
      ['..2026-11-21', '2026-11-23..'],
      '2026-11-21 10:00',
      '2026-11-23 10:00',
      5000,
    ],
    ['renewed without a gap', [NOV, '2026-12-01..2026-12-31'], '2026-11-30 20:00', '2026-12-02 10:00', 0],
    ['renewed before it ended', [NOV, '2026-11-20..2026-12-19'], '2026-11-30 20:00', '2026-12-02 10:00', 0],
    ['without a beginning', ['..2026-11-30'], '2020-01-01 00:00', '2020-01-02 00:00', 0],
    ['without an end', ['2026-11-01..'], '2036-01-01 00:00', '2036-01-02 00:00', 0],
  ];
  for (const [what, days, from, to, fee] of CASES) {
    test(`${what}: ${from} to ${to} costs ${fee} 分`, () => {
      const s = held(...days);
      s.read('in-1', CAR, at(from));
      const { totalAmount, unPayAmount, deductionAmount } = s.info(CAR, at(to));
      assert.deepEqual([totalAmount, unPayAmount, deductionAmount], [fee, fee, 0]);
      const { events } = s.read('out-1', CAR, at(to));
      assert.deepEqual(
        events.map((event) => event.type),
        fee === 0 ? ['left', 'barrierOrdered'] : ['held'],
      );
    });
  }
});

describe('a day of a pass is a day of the park’s clock', () => {
  const CASES: readonly (readonly [zone: string, day: string, from: string, to: string, hours: number])[] = [
    // 25 hours long; the pass covers them all.
    ['Europe/Berlin', '2026-10-25', '2026-10-25 00:00', '2026-10-26 00:00', 0],
    ['Europe/Berlin', '2026-10-25', '2026-10-25 00:00', '2026-10-26 02:00', 2],
    // 23 hours long.
    ['Europe/Berlin', '2026-03-29', '2026-03-28 22:00', '2026-03-30 00:00', 2],
    // There is no midnight: the day before ends as the clock jumps to 01:00.
    ['Africa/Cairo', '2026-04-23', '2026-04-23 12:00', '2026-04-24 01:00', 0],
    ['Africa/Cairo', '2026-04-23', '2026-04-23 12:00', '2026-04-24 03:00', 2],
    ['Africa/Cairo', '2026-04-24', '2026-04-23 23:00', '2026-04-24 12:00', 1],
  ];
  for (const [name, day, from, to, hours] of CASES) {
    test(`${name}: ${day} leaves ${hours} hours of ${from} to ${to}`, () => {
      const zone = zoneOf(name);
      const tariff = tariffOf('price: 1 per hour', zone);
      const s = scene({ zone, tariff, passes: passes(zone, `${TEXT} ${day}..${day} monthly`) });
      s.read('in-1', CAR, at(from, zone));
      assert.equal(s.info(CAR, at(to, zone)).totalAmount, hours * 100);
    });
  }
});

test('a pass never makes a stay dearer: what is a cap for the whole of it is one for its parts', () => {
  const days = passes(ZONE, `${TEXT} 2026-11-23..2026-11-23 monthly`);
  const s = scene({ tariff: tariffOf('price: 10 once\n'), passes: days });
  s.read('in-1', CAR, at('2026-11-22 20:00'));
  s.read('in-1', plate('粤A54321'), at('2026-11-22 20:00'));
  const now = at('2026-11-24 10:00');
  assert.deepEqual([s.info(CAR, now).totalAmount, s.info(plate('粤A54321'), now).totalAmount], [1000, 1000]);
  const payment = booked(s.pay('A', now, { amount: fen(1000) }).events);
  assert.equal(
    chargeSentence(payment.tariff, 'en'),
    'sheet test 1; parking 2 × ¥10.00 ¥20.00; pass monthly until 2026-11-23 ¥0.00; no more than without the pass -¥10.00',
  );
});

test('who has a pass leaves without a payment, also while the line is down; who had one is held', () => {
  for (const up of [true, false]) {
    const s = held('2026-11-01..2026-11-30');
    s.read('in-1', CAR, at('2026-11-22 10:00'));
    if (!up) line(s, false, at('2026-11-22 11:00'));
    const { letOut, gross, uncollected } = left(s.read('out-1', CAR, at('2026-11-22 18:00')).events);
    assert.deepEqual([letOut, gross, uncollected], [undefined, 0, 0]);
    s.read('in-1', CAR, at('2026-12-22 10:00'));
    assert.match(fate(s.read('out-1', CAR, at('2026-12-22 18:00'))), /^held unpaid 4000/);
  }
});

test('the journal says by which pass a stay cost nothing, in both languages', () => {
  const s = held('2026-11-01..2026-12-31');
  const [entered] = s.read('in-1', CAR, at('2026-11-22 10:00')).events;
  assert.deepEqual(entered?.type === 'entered' && entered.pass, {
    kind: 'monthly',
    until: '2026-12-31',
    to: at('2027-01-01 00:00'),
  });
  const { tariff } = left(s.read('out-1', CAR, at('2026-11-22 18:00')).events);
  assert.equal(chargeSentence(tariff, 'en'), 'sheet test 1; pass monthly until 2026-12-31 ¥0.00');
  assert.equal(chargeSentence(tariff, 'zh'), '价格表 test 1；月卡 有效至 2026-12-31 ¥0.00');
  const open = scene({ passes: passes(ZONE, `${TEXT} .. free`) });
  open.read('in-1', CAR, at('2026-11-22 10:00'));
  const free = left(open.read('out-1', CAR, at('2026-11-22 18:00')).events);
  assert.equal(chargeSentence(free.tariff, 'en'), 'sheet test 1; pass free ¥0.00');
  assert.equal(chargeSentence(free.tariff, 'zh'), '价格表 test 1；白名单 ¥0.00');
});

test('a part of a stay is priced by the sheet that is in force as the part begins, and is explained by it', () => {
  const sheet = (rest: string) => ({ file: 'mall.yaml', text: `name: Mall\n${rest}` });
  const old = sheet('version: old\nprice: 5 per hour\n');
  const { tariff } = loadTariff([old, sheet('version: new\nstarts: 2026-12-01\nprice: 8 per hour\n')], null, ZONE);
  assert.ok(tariff);
  const s = scene({ tariff, passes: passes(ZONE, `${TEXT} 2026-11-01..2026-12-01 monthly`) });
  s.read('in-1', CAR, at('2026-11-30 10:00'));
  const payment = booked(s.pay('A', at('2026-12-02 01:00'), { amount: fen(800) }).events);
  assert.deepEqual([payment.gross, payment.tariff?.version], [800, 'new']);
});

test('money for a vehicle that owes nothing is booked as ever, and flagged', () => {
  const s = held('2026-11-01..2026-11-30');
  s.read('in-1', CAR, at('2026-11-22 10:00'));
  const { reply, events } = s.pay('A', at('2026-11-22 12:00'), { amount: fen(500), unPayAmount: fen(500) });
  assert.deepEqual(reply, { type: 'booked', visit: 'V1', repeated: false, flags: ['FIGURES_DIFFER', 'OVERPAID'] });
  assert.equal(booked(events).gross, 0);
  assert.equal(s.info(CAR, at('2026-11-22 12:01')).paidAmount, 500);
});

test('a settlement of what came before the pass leaves nothing due when the pass covers the rest', () => {
  const s = scene({
    tariff: tariffOf(`${SHEET}afterPayment: restart`),
    passes: passes(ZONE, `${TEXT} 2026-11-23.. monthly`),
  });
  s.read('in-1', CAR, at('2026-11-22 22:30'));
  s.pay('A', at('2026-11-22 23:00'), { amount: fen(500) });
  // From 23:00 on a new stay runs; its last part is the pass's.
  assert.equal(s.info(CAR, at('2026-11-23 10:00')).unPayAmount, 500);
  s.pay('B', at('2026-11-23 10:00'), { amount: fen(500) });
  assert.deepEqual(types(s.read('out-1', CAR, at('2026-11-23 20:00'))), ['left', 'barrierOrdered']);
});

test('the plate that counts is the one that the visit has when it is priced', () => {
  const s = held('2026-11-01..2026-11-30');
  s.read('in-1', plate('粤A1234S'), at('2026-11-22 10:00'), { identity: 'x', confidence: 0.5 });
  const [event] = s.read('in-1', CAR, at('2026-11-22 10:00:01'), { identity: 'x', confidence: 0.9 }).events;
  assert.equal(event?.type === 'corrected' && event.pass?.until, '2026-11-30');
  assert.equal(s.info(CAR, at('2026-11-22 18:00')).totalAmount, 0);
});

test('a ticket has no pass, whatever is printed on it', () => {
  const s = held('2026-11-01..2026-11-30');
  s.read('in-1', ticket(TEXT), at('2026-11-22 10:00'));
  assert.equal(s.info(ticket(TEXT), at('2026-11-22 12:00')).totalAmount, 1000);
});

test('a car that comes back is charged for what no pass covered of its stays', () => {
  const tariff = tariffOf('free: 15 min\nprice: 5 per hour\nreentry: { within: 30 min, keeps: entry }');
  const s = scene({ tariff, passes: passes(ZONE, `${TEXT} 2026-11-01..2026-11-22 monthly`) });
  s.read('in-1', CAR, at('2026-11-22 20:00'));
  assert.equal(left(s.read('out-1', CAR, at('2026-11-22 23:50')).events).gross, 0);
  s.read('in-1', CAR, at('2026-11-23 00:05'));
  // One stay since 20:00, of which the pass covers four hours: an hour and a half is left since midnight.
  assert.equal(s.info(CAR, at('2026-11-23 01:30')).totalAmount, 1000);
});

test('a stay that a pass covers costs nothing, whatever stay before it the sheet ties to it', () => {
  const tariff = tariffOf('price: 5 per hour\nreentry: { within: 30 min, keeps: entry }');
  const s = scene({ tariff, passes: passes(ZONE, `${TEXT} 2026-11-23.. monthly`) });
  s.read('in-1', CAR, at('2026-11-22 22:50'));
  s.pay('A', at('2026-11-22 23:45'), { amount: fen(500) });
  assert.equal(left(s.read('out-1', CAR, at('2026-11-22 23:49')).events).gross, 500);
  s.read('in-1', CAR, at('2026-11-23 00:05'));
  // Had it never left, the second hour would have begun ten minutes before the pass.
  const { tariff: why, gross } = left(s.read('out-1', CAR, at('2026-11-23 08:00')).events);
  assert.deepEqual([gross, chargeSentence(why, 'en')], [0, 'sheet test 1; pass monthly ¥0.00']);
});

test('the class of a vehicle and its coupons count for what the pass leaves', () => {
  const tariff = tariffOf('price: 5 per hour\nclasses: { electric: { pays: 50% } }');
  const days = passes(ZONE, '粤AD12345 2026-11-01..2026-11-30 monthly');
  const s = scene({ tariff, classes: new Map([['green', 'electric']]), passes: days });
  const green = plate('粤AD12345');
  s.read('in-1', green, at('2026-11-30 20:00'));
  const { totalAmount, deductionAmount } = s.info(green, at('2026-12-01 04:00'), 60, 100);
  assert.deepEqual([totalAmount, deductionAmount], [1000, 350]);
});

test('the state is the same whether the journal speaks of passes or not', () => {
  const s = held('2026-11-01..2026-11-30');
  s.read('in-1', CAR, at('2026-11-22 10:00'), { identity: 'x', confidence: 0.5 });
  s.pay('A', at('2026-11-22 11:00'), { amount: fen(500) });
  s.read('out-1', CAR, at('2026-11-22 12:00'));
  const old = emptyState();
  for (const record of s.records) {
    const events = record.events.map((event) => {
      if (event.type === 'entered') return { ...event, pass: undefined };
      return event.type === 'left' ? { ...event, tariff: { name: 'test', version: '1' } } : event;
    });
    // As an older Gatepost would have written it.
    evolve(old, JSON.parse(JSON.stringify({ ...record, events })));
  }
  assert.deepEqual(capture(old), capture(s.state));
  assert.equal(s.state.parks.get(P001)?.closed.size, 1);
});

test('lines of one plate are put together; those with days in common are told', () => {
  const rows = rowsOf(
    '粤A12345 2026-12-01..2026-12-31 monthly',
    '粤A12345 2026-11-01..2026-11-30 monthly',
    '粤A12345 2027-03-01..2027-03-31 monthly',
    '粤A12345 2026-12-15..2027-01-14 free',
    '粤B54321 .. free',
    '粤B54321 2026-11-01..2026-11-30 monthly',
  );
  const compiled = compilePasses(rows, ZONE);
  assert.deepEqual(
    [...compiled.passes].map(([name, periods]) => [name, periods.map(({ kind, until }) => `${kind} ${until}`)]),
    [
      ['粤A12345', ['free 2027-01-14', 'monthly 2027-03-31']],
      ['粤B54321', ['free null']],
    ],
  );
  assert.deepEqual(
    compiled.overlaps.map(({ row, other }) => [rows.indexOf(row), rows.indexOf(other)]),
    [
      [3, 0],
      [5, 4],
    ],
  );
  const now = at('2027-02-01 00:00');
  assert.deepEqual(countPasses(compiled.passes, now), { passes: 3, expired: 1, later: 1 });
});

test('a reload is told by what changed for whom', () => {
  const before = passes(
    ZONE,
    '粤A12345 2026-11-01..2026-11-30 monthly',
    '粤B12345 .. free',
    ...Array.from({ length: 9 }, (_, index) => `粤C1234${index} .. free`),
  );
  const now = passes(ZONE, '粤A12345 2026-11-01..2026-12-31 monthly', '粤B12345 .. free', '粤D12345 .. free');
  assert.deepEqual(passesDiff(before, now), {
    added: { count: 1, plates: ['粤D12345'] },
    removed: { count: 9, plates: ['粤C12340', '粤C12341', '粤C12342', '粤C12343', '粤C12344'] },
    changed: { count: 1, plates: [PLATE] },
  });
  assert.deepEqual(passesDiff(now, now), {
    added: { count: 0, plates: [] },
    removed: { count: 0, plates: [] },
    changed: { count: 0, plates: [] },
  });
});
