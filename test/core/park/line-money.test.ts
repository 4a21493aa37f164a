/** Properties over random days of cars, payments and a line that comes and goes: every 分 is where the books say it is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LaneId, VisitId } from '../../../src/core/ids.ts';
import { fen } from '../../../src/core/money.ts';
import type { Visit } from '../../../src/core/park/visit.ts';
import { instant, SECOND } from '../../../src/core/time.ts';
import { lane, P001, plate, type Scene, scene, TEN } from './scene.ts';
import { type Shelf, shelf } from './shelf.ts';

const CARS = ['粤A00001', '粤A00002'].map(plate);

const step = fc.record({
  wait: fc.integer({ min: 0, max: 2_400 }),
  what: fc.constantFrom(
    'in',
    'in',
    'out',
    'out',
    'out',
    'pay',
    'pay',
    'pay',
    'pay',
    'line',
    'let-out',
    'backlog',
    'seal',
  ),
  car: fc.integer({ min: 0, max: CARS.length - 1 }),
  number: fc.integer({ min: 0, max: 29 }),
});

const days = fc.array(step, { minLength: 30, maxLength: 80 });

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Day {
  readonly day: Scene;
  readonly archive: Shelf;
}

function play(steps: readonly Step[]): Day {
  const exits = [lane('out-1', 'out', { whenLineDown: { type: 'letOut', upTo: fen(1_500) } }), lane('out-2', 'out')];
  const day = scene({ lanes: new Map([lane('in-1', 'in'), ...exits].map((entry) => [entry.id, entry])) });
  const archive = shelf();
  let now = TEN;
  for (const { wait, what, car, number } of steps) {
    now = instant(now + wait * SECOND);
    const credential = CARS[car] ?? plate('_无_');
    const exit = number > 9 ? 'out-1' : 'out-2';
    if (what === 'in') day.read('in-1', credential, now);
    else if (what === 'out') day.read(exit, credential, now);
    else if (what === 'backlog') day.read(exit, credential, now, { history: instant(now - number * 60 * SECOND) });
    else if (what === 'line') day.send({ type: 'line', up: number < 10 }, now);
    else if (what === 'let-out') {
      day.send({ type: 'letOut', park: P001, lane: exit as LaneId, reason: 'he showed it', by: null }, now);
    } else if (what === 'seal') {
      const before = instant(now - 3_600 * SECOND);
      day.send({ type: 'seal', park: P001, closedBefore: before, passagesBefore: before }, now);
      const sealed = day.state.parks.get(P001)?.sealed;
      if (sealed) archive.put(sealed);
      // Sometimes it waits for the archive a while.
      if (sealed && number > 9) day.send({ type: 'archived', park: P001, batch: sealed.batch }, now);
    } else {
      const feeId = number % 3 === 0 ? null : (lastVisitOf(day, car) ?? null);
      const thePlate = credential.kind === 'plate' ? credential.plate : null;
      const payTime = instant(now - (wait % 4) * 600 * SECOND);
      const money = { amount: fen((wait % 5) * 500), deductionAmount: fen(number > 25 ? 300 : 0) };
      day.pay(`order-${number}`, now, { feeId, plate: thePlate, payTime, ...money }, archive);
    }
  }
  return { day, archive };
}

function lastVisitOf({ records }: Scene, car: number): string | undefined {
  const mine = CARS[car];
  const events = records.flatMap((record) => record.events);
  const entry = events.findLast(
    (event) => event.type === 'entered' && JSON.stringify(event.reading.credential) === JSON.stringify(mine),
  );
  return entry?.type === 'entered' ? entry.visit : undefined;
}

/** Every visit as it is known last. */
function visitsOf({ day, archive }: Day): ReadonlyMap<VisitId, Visit> {
  const park = day.state.parks.get(P001);
  return new Map([
    ...archive.visits(),
    ...(park?.sealed?.visits ?? []),
    ...(park?.closed ?? []),
    ...(park?.open ?? []),
  ]);
}

test('money in is money booked, on one visit each', () => {
  fc.assert(
    fc.property(days, (steps) => {
      const played = play(steps);
      const booked = played.day.records
        .flatMap(({ events }) => events)
        .filter((event) => event.type === 'paymentBooked');
      assert.equal(new Set(booked.map(({ notice }) => notice.orderNo)).size, booked.length);
      const money = booked.reduce((sum, { notice }) => sum + notice.amount + notice.deductionAmount, 0);
      const kept = [...visitsOf(played).values()].reduce((sum, { paid, deducted }) => sum + paid + deducted, 0);
      assert.equal(kept, money);
    }),
    { numRuns: 300 },
  );
});

test('what is due at a departure is collected, open, or settled since', () => {
  let late = 0;
  let parts = 0;
  fc.assert(
    fc.property(days, (steps) => {
      const played = play(steps);
      /** What is open of each departure, by the events alone. */
      const open = new Map<VisitId, number>();
      for (const event of played.day.records.flatMap(({ events }) => events)) {
        if (event.type === 'left') {
          const { visit, gross, paid, uncollected, letOut, backlog } = event;
          assert.equal(gross, Math.min(gross, paid) + uncollected);
          assert.ok(uncollected === 0 || backlog || letOut !== undefined, 'who has not paid stays in');
          if (uncollected > 0) open.set(visit, uncollected);
        }
        if (event.type === 'stayed') open.delete(event.visit);
        if (event.type !== 'paymentBooked') continue;
        const { visit, notice, flags, uncollected } = event;
        const before = open.get(visit) ?? 0;
        assert.equal(flags.includes('SETTLED_LATE'), before > 0);
        if (before === 0) continue;
        late += 1;
        // All that came counts; beyond that only a price that was honoured closes a departure.
        const left = Math.max(0, before - notice.amount - notice.deductionAmount);
        assert.ok(uncollected === left || uncollected === 0);
        assert.equal(flags.includes('UNDERPAID'), uncollected > 0);
        if (uncollected > 0) parts += 1;
        open.set(visit, uncollected);
      }
      for (const visit of visitsOf(played).values())
        assert.equal(visit.end?.uncollected ?? 0, open.get(visit.id) ?? 0, visit.id);
    }),
    { numRuns: 500 },
  );
  assert.ok(late > 100 && parts > 20, `the days had ${late} late payments, ${parts} of them of a part`);
});
