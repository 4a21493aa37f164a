/** Properties of the fold over random days: what recovery, snapshots and the books rely on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LaneId } from '../../../src/core/ids.ts';
import { add, fen, ZERO } from '../../../src/core/money.ts';
import { evolve } from '../../../src/core/park/evolve.ts';
import { credentialKey, type LineRule } from '../../../src/core/park/model.ts';
import { capture, restore } from '../../../src/core/park/snapshot.ts';
import { emptyState } from '../../../src/core/park/state.ts';
import { type Instant, instant, SECOND } from '../../../src/core/time.ts';
import { lane, P001, plate, type Scene, scene, TEN } from './scene.ts';
import { type Shelf, shelf } from './shelf.ts';

const CARS = ['粤A00001', '粤A00002', '粤B00003', '_无_'].map(plate);

const step = fc.record({
  wait: fc.integer({ min: 0, max: 3_600 }),
  what: fc.constantFrom(
    'in-1',
    'out-1',
    'out-2',
    'pay',
    'backlog-in',
    'backlog-out',
    'recover',
    'seal',
    'archived',
    'line',
    'let-out',
  ),
  car: fc.integer({ min: 0, max: CARS.length - 1 }),
  number: fc.integer({ min: 0, max: 9 }),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function play(steps: readonly Step[]): { readonly day: Scene; readonly now: Instant; readonly archive: Shelf } {
  const rules: readonly (readonly [string, LineRule])[] = [
    ['out-1', { type: 'letOut', upTo: fen(1_000) }],
    ['out-2', { type: 'operator' }],
  ];
  const lanes = [lane('in-1', 'in'), ...rules.map(([id, whenLineDown]) => lane(id, 'out', { whenLineDown }))];
  const day = scene({ lanes: new Map(lanes.map((entry) => [entry.id, entry])) });
  const archive = shelf();
  let now = TEN;
  for (const { wait, what, car, number } of steps) {
    now = instant(now + wait * SECOND);
    const credential = CARS[car] ?? plate('_无_');
    const identity = number > 6 ? {} : { identity: `id:${number}` };
    if (what === 'pay') {
      const thePlate = credential.kind === 'plate' ? credential.plate : null;
      const payTime = instant(now - (wait % 3) * number * 300_000);
      day.pay(`order-${number}`, now, { feeId: null, plate: thePlate, amount: fen(number * 100), payTime }, archive);
    } else if (what === 'line') day.send({ type: 'line', up: number > 4 }, now);
    else if (what === 'let-out') {
      const at = { park: P001, lane: (number > 4 ? 'out-1' : 'out-2') as LaneId };
      day.send({ type: 'letOut', ...at, reason: 'he showed it', by: null }, now);
    } else if (what === 'recover') day.send({ type: 'recover' }, now);
    else if (what === 'seal') {
      const before = instant(now - 7_200_000);
      day.send({ type: 'seal', park: P001, closedBefore: before, passagesBefore: before }, now);
    } else if (what === 'archived') {
      const sealed = day.state.parks.get(P001)?.sealed;
      if (sealed) archive.put(sealed);
      day.send({ type: 'archived', park: P001, batch: sealed?.batch ?? 0 }, now);
    } else if (what.startsWith('backlog')) {
      day.read(what === 'backlog-in' ? 'in-1' : 'out-1', credential, now, {
        ...identity,
        history: instant(now - number * 600_000),
      });
    } else day.read(what, credential, now, identity);
  }
  return { day, now, archive };
}

test('a journal folded again gives the same state, from the start and from any snapshot', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(), (steps, cut) => {
      const { day } = play(steps);
      const again = emptyState();
      let snapshot = JSON.stringify(capture(again));
      for (const [index, record] of day.records.entries()) {
        evolve(again, record);
        if (index === cut % (day.records.length + 1)) snapshot = JSON.stringify(capture(again));
      }
      assert.deepEqual(capture(again), capture(day.state));
      const restored = restore(JSON.parse(snapshot));
      for (const record of day.records) if (record.seq > restored.seq) evolve(restored, record);
      assert.deepEqual(capture(restored), capture(day.state));
    }),
    { numRuns: 300 },
  );
});

test('whatever happens: one visit per vehicle, no negative stay, every yuan booked once', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { day, now, archive } = play(steps);
      const parkState = day.state.parks.get(P001);
      const open = [...(parkState?.open.values() ?? [])];
      const keys = open.map((visit) => credentialKey(visit.credential));
      assert.equal(new Set(keys).size, keys.length);
      for (const visit of open) assert.ok(visit.entryAt <= now);
      for (const visit of parkState?.closed.values() ?? []) assert.ok(visit.end && visit.end.at >= visit.entryAt);

      const booked = day.records.flatMap((r) => r.events).filter((e) => e.type === 'paymentBooked');
      assert.equal(new Set(booked.map((e) => e.notice.orderNo)).size, booked.length);
      const kept = new Map(archive.visits());
      for (const visits of [parkState?.sealed?.visits, parkState?.closed, parkState?.open]) {
        for (const [id, visit] of visits ?? []) kept.set(id, visit);
      }
      const money = [...kept.values()].reduce((sum, visit) => add(sum, visit.paid), ZERO);
      assert.equal(
        money,
        booked.reduce((sum, e) => sum + e.notice.amount, 0),
      );
      const ins = parkState?.passages.in ?? [];
      assert.deepEqual(
        [...ins].sort((a, b) => a - b),
        ins,
      );
    }),
    { numRuns: 500 },
  );
});

test('a record orders one arm at most, in time, and no backlog record gives one', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      for (const record of play(steps).day.records) {
        const ordered = record.events.filter((e) => e.type === 'barrierOrdered');
        assert.ok(ordered.length <= 1);
        for (const order of ordered) assert.ok(order.deadline > record.at);
        if (record.events.some((e) => (e.type === 'entered' || e.type === 'left') && e.backlog))
          assert.equal(ordered.length, 0);
      }
    }),
    { numRuns: 300 },
  );
});
