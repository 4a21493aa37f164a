/** The deadline of an order, by a clock that lies. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeviceId, LaneId, VisitId } from '../../src/core/ids.ts';
import type { Effect } from '../../src/core/park/effects.ts';
import { emptyState } from '../../src/core/park/state.ts';
import { after, HOUR, type Instant, SECOND } from '../../src/core/time.ts';
import { startGateway } from '../../src/gateway/gateway.ts';
import { snapshotter } from '../../src/gateway/snapshots.ts';
import { P001, park, plate, TEN } from '../core/park/scene.ts';

test('while the clock is behind the journal, an order has its five seconds by the clock as it goes', async () => {
  const effects: Effect[] = [];
  const thePark = park();
  let now: Instant = TEN;
  const gateway = startGateway({
    world: () => ({ parks: new Map([[P001, thePark]]) }),
    working: emptyState(),
    committed: emptyState(),
    journal: { append: async () => undefined, room: () => 'free' },
    clock: { now: () => now },
    faults: { raise: () => undefined, clear: () => undefined },
    inboxLimit: 10,
    batchLimit: 10,
    onCommit: () => undefined,
    onEffect: (effect) => effects.push(effect),
    onFatal: (error) => assert.fail(error),
  });
  const lane = thePark.lanes.keys().next().value;
  const read = (number: number) => {
    assert.ok(lane);
    const reading = {
      device: 'cam' as never,
      credential: plate(`粤A1234${number}`),
      colour: 'blue',
      confidence: null,
      identity: null,
    } as const;
    return gateway.submit({
      type: 'reading',
      park: P001,
      lane,
      reading,
      history: null,
      freshVisit: `V${number}` as never,
    });
  };
  await read(1);
  now = after(TEN, -2 * HOUR);
  await read(2);
  await gateway.stop();
  assert.deepEqual(
    effects.map(({ deadline }) => deadline),
    [after(TEN, 5 * SECOND), after(TEN, 5 * SECOND - 2 * HOUR)],
  );
});

test('while the clock is behind the journal, time goes on with it, but never by a jump of it', async () => {
  const written: Instant[] = [];
  let now: Instant = TEN;
  const gateway = startGateway({
    world: () => ({ parks: new Map([[P001, park()]]) }),
    working: emptyState(),
    committed: emptyState(),
    journal: { append: async (records) => void written.push(...records.map(({ at }) => at)), room: () => 'free' },
    clock: { now: () => now },
    faults: { raise: () => undefined, clear: () => undefined },
    inboxLimit: 10,
    batchLimit: 10,
    onCommit: () => undefined,
    onEffect: () => undefined,
    onFatal: (error) => assert.fail(error),
  });
  let cars = 0;
  const seen = async (seconds: number, plateText: string): Promise<string> => {
    now = after(TEN, seconds * SECOND - 27 * HOUR);
    cars += 1;
    const reply = await gateway.submit({
      type: 'reading',
      park: P001,
      lane: 'in-1' as LaneId,
      reading: {
        device: 'cam' as DeviceId,
        credential: plate(plateText),
        colour: 'blue',
        confidence: null,
        identity: null,
      },
      history: null,
      freshVisit: `V${cars}` as VisitId,
    });
    return reply.type === 'reading' ? reply.outcome : reply.type;
  };
  assert.equal(await seen(27 * 3600, '粤A12345'), 'entered');
  const outcomes: string[] = [];
  // It left unseen, came again, and stands at the arm, read every ten seconds.
  for (const second of [0, 10, 20, 30, 40, 50]) outcomes.push(await seen(second, '粤A12345'));
  assert.deepEqual(outcomes, ['duplicate', 'duplicate', 'duplicate', 'entered', 'duplicate', 'duplicate']);
  assert.equal(await seen(9 * 3600, '粤A12346'), 'entered');
  await gateway.stop();
  assert.deepEqual(
    written.map((at) => at - TEN),
    [0, 30 * SECOND, 110 * SECOND],
  );
});

test('a snapshot that failed is tried again after a minute, and at the end, not only after many more records', async () => {
  let now: Instant = TEN;
  let works = false;
  const written: boolean[] = [];
  const snapshots = snapshotter({
    write: async () => {
      written.push(works);
      return works;
    },
    every: 10,
    since: 0,
    clock: { now: () => now },
    state: emptyState,
  });
  const records = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) snapshots.count();
    await new Promise(setImmediate);
  };
  await records(10);
  await records(5);
  assert.deepEqual(written, [false]);
  now = after(TEN, 61 * SECOND);
  await records(1);
  assert.deepEqual(written, [false, false]);
  works = true;
  await snapshots.last();
  await snapshots.last();
  assert.deepEqual(written, [false, false, true]);
});
