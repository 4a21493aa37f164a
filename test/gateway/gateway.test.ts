import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BarrierOrderId, OrderNo } from '../../src/core/ids.ts';
import { fen } from '../../src/core/money.ts';
import type { BarrierOutcome, Command } from '../../src/core/park/commands.ts';
import type { OpenBarrier } from '../../src/core/park/effects.ts';
import { evolve } from '../../src/core/park/evolve.ts';
import { capture } from '../../src/core/park/snapshot.ts';
import { emptyState } from '../../src/core/park/state.ts';
import { instant, SECOND } from '../../src/core/time.ts';
import { effectRunner } from '../../src/gateway/effects.ts';
import { GatewayBusy, GatewayFull, GatewayStopped, JournalFull } from '../../src/gateway/ports.ts';
import { notice, P001, TEN } from '../core/park/scene.ts';

import { car, type Rig, rig, turn } from './rig.ts';

test('nothing leaves before the record is on disk: no reply, no effect, no state', async () => {
  const r = rig();
  let replied = false;
  const reply = r.gateway.submit(car(1)).then(() => {
    replied = true;
  });
  while (r.written.length === 0) await turn();
  await turn();
  assert.deepEqual([replied, r.effects.length, r.gateway.state().seq], [false, 0, 0]);
  await r.flush();
  await reply;
  assert.deepEqual([r.effects.length, r.gateway.state().seq, r.committed.length], [1, 1, 1]);
});

test('commands that come together share one flush; those that come meanwhile share the next', async () => {
  const r = rig();
  const first = [1, 2, 3].map((n) => r.gateway.submit(car(n)));
  while (r.written.length === 0) await turn();
  const second = [4, 5].map((n) => r.gateway.submit(car(n)));
  await r.flush();
  await Promise.all(first);
  await r.flush();
  await Promise.all(second);
  assert.deepEqual(
    r.written.map((batch) => batch.map(({ seq }) => seq)),
    [
      [1, 2, 3],
      [4, 5],
    ],
  );
});

test('a batch is bounded', async () => {
  const r = rig({ batch: 2 });
  const all = Promise.all([1, 2, 3].map((n) => r.gateway.submit(car(n))));
  await r.flush();
  await r.flush();
  await all;
  assert.deepEqual(
    r.written.map((batch) => batch.length),
    [2, 1],
  );
});

test('a duplicate in the same batch waits for the record it is a duplicate of', async () => {
  const r = rig();
  const order: string[] = [];
  const first = r.gateway.submit(car(1)).then(() => order.push('first'));
  const again = r.gateway.submit(car(1)).then((reply) => order.push(reply.type === 'reading' ? reply.outcome : '?'));
  while (r.written.length === 0) await turn();
  assert.deepEqual(order, []);
  await r.flush();
  await Promise.all([first, again]);
  assert.deepEqual([order, r.written.flat().length], [['first', 'duplicate'], 1]);
});

test('a full inbox answers busy and takes nothing; the fault clears when there is room', async () => {
  const r = rig({ inbox: 2 });
  const taken = [r.gateway.submit(car(1)), r.gateway.submit(car(2))];
  await assert.rejects(r.gateway.submit(car(3)), GatewayBusy);
  assert.ok(r.faults.has('INBOX_FULL gateway'));
  await r.flush();
  await Promise.all(taken);
  assert.equal(r.faults.size, 0);
  assert.equal(r.gateway.state().seq, 2);
});

test('the gate’s own outcomes are taken when the inbox is full: they are few, and a lost one leaves an arm in doubt', async () => {
  const r = rig({ inbox: 1 });
  const first = r.gateway.submit(car(1));
  await r.flush();
  await first;
  const second = r.gateway.submit(car(2));
  const order = r.effects[0]?.id;
  assert.ok(order);
  const done = r.gateway.submit({ type: 'barrierDone', park: P001, order, outcome: 'confirmed' });
  await r.flush();
  await Promise.all([second, done]);
  assert.equal(r.gateway.state().parks.get(P001)?.orders.size, 1);
});

test('a failed flush acknowledges nothing, fires nothing, and ends the process', async () => {
  const r = rig();
  const all = [r.gateway.submit(car(1)), r.gateway.submit(car(2))].map((reply) =>
    assert.rejects(reply, GatewayStopped),
  );
  await r.flush(new Error('EIO'));
  await Promise.all(all);
  await assert.rejects(r.gateway.submit(car(3)), GatewayStopped);
  assert.deepEqual([r.fatal.map((e) => e.message), r.effects.length, r.gateway.state().seq], [['EIO'], 0, 0]);
});

test('a clock that was set back raises a fault, and time does not go back with it', async () => {
  const r = rig();
  const first = r.gateway.submit(car(1));
  await r.flush();
  await first;
  r.now = instant(TEN - 60 * SECOND);
  const second = r.gateway.submit(car(2));
  await r.flush();
  await second;
  assert.ok(r.faults.has('CLOCK_BEHIND clock'));
  assert.deepEqual(
    r.written.flat().map(({ at }) => at),
    [TEN, TEN],
  );
  r.now = instant(TEN + SECOND);
  const third = r.gateway.submit(car(3));
  await r.flush();
  await third;
  assert.equal(r.faults.size, 0);
});

test('a command that comes the moment the last one is answered is not forgotten', async () => {
  const r = rig();
  for (let n = 1; n <= 5; n += 1) {
    const reply = r.gateway.submit(car(n));
    await r.flush();
    await reply;
  }
  // Without a turn of the event loop in between: the reply of a command that writes nothing comes at once.
  // However many steps of promises lie between the answer and the next command.
  for (let steps = 0; steps <= 12; steps += 1) {
    const reply = await r.gateway.submit(car(5));
    assert.equal(reply.type === 'reading' && reply.outcome, 'duplicate');
    for (let step = 0; step < steps; step += 1) await Promise.resolve();
  }
});

const money: Command = {
  type: 'pay',
  park: P001,
  notice: notice({ orderNo: 'O1' as OrderNo, feeId: 'V1', amount: fen(500) }),
  digest: 'd',
};

/** A gateway with three cars that have just come in, and owe nothing yet. */
async function threeInside(): Promise<Rig> {
  const r = rig();
  const inside = [1, 2, 3].map((n) => r.gateway.submit(car(n)));
  await r.flush();
  await Promise.all(inside);
  return r;
}

test('with a full disk nobody enters or pays, and a car that owes nothing leaves', async () => {
  const r = await threeInside();
  r.room = () => 'reserve';
  const entry = assert.rejects(r.gateway.submit(car(4)), GatewayFull);
  const payment = assert.rejects(r.gateway.submit(money), GatewayFull);
  const exit = r.gateway.submit(car(1, 'out-1'));
  const done = r.gateway.submit({ type: 'barrierDone', park: P001, order: '1.1' as BarrierOrderId, outcome: 'sent' });
  await r.flush();
  assert.equal((await exit).type, 'reading');
  await Promise.all([entry, payment, done]);
  const events = r.written.flat().flatMap((record) => record.events.map((event) => event.type));
  assert.deepEqual(events.slice(-3), ['left', 'barrierOrdered', 'barrierDone']);
  r.room = () => 'free';
  const again = r.gateway.submit(money);
  await r.flush();
  assert.equal((await again).type, 'booked');
});

test('a car that owes does not leave on the room that was set aside, nor does a record of an outage use it', async () => {
  const r = await threeInside();
  r.room = () => 'reserve';
  const backlog = { ...car(2, 'out-1'), history: TEN } as Command;
  await assert.rejects(r.gateway.submit(backlog), GatewayFull);
  r.now = instant(TEN + 3_600 * SECOND);
  await assert.rejects(r.gateway.submit(car(1, 'out-1')), GatewayFull);
  assert.equal(r.written.length, 1);
});

test('without any room nothing is written, not even for a car that leaves, and queries are answered', async () => {
  const r = await threeInside();
  r.room = () => 'none';
  await assert.rejects(r.gateway.submit(car(1, 'out-1')), GatewayFull);
  assert.equal(r.written.length, 1);
  assert.equal((await r.gateway.submit(car(3))).type, 'reading', 'a duplicate writes nothing');
  assert.equal(r.gateway.state().parks.get(P001)?.open.size, 3);
});

test('a disk that is found full while writing costs the batch nothing but its entries: it is decided anew', async () => {
  const r = await threeInside();
  const entry = assert.rejects(r.gateway.submit(car(4)), GatewayFull);
  const exit = r.gateway.submit(car(1, 'out-1'));
  // The journal still says that there is room, and then finds none.
  await r.flush(new JournalFull('full'));
  await r.flush();
  await Promise.all([entry, exit]);
  assert.deepEqual(r.written.map((batch) => batch.map(({ seq, events }) => [seq, events[0]?.type])).slice(1), [
    [
      [4, 'entered'],
      [5, 'left'],
    ],
    [[4, 'left']],
  ]);
  assert.deepEqual([r.fatal.length, r.effects.length, r.gateway.state().seq], [0, 4, 4]);
  const again = emptyState();
  const onDisk = [...(r.written[0] ?? []), ...(r.written[2] ?? [])];
  for (const record of onDisk) evolve(again, record);
  assert.deepEqual(capture(r.gateway.state()), capture(again));
});

test('a disk that has no room at all refuses the batch, and the next one goes on from what is on the disk', async () => {
  const r = await threeInside();
  const refused = ['in-1', 'out-1'].map((lane, index) =>
    assert.rejects(r.gateway.submit(car(index === 0 ? 4 : 1, lane)), GatewayFull),
  );
  await r.flush(new JournalFull('full'));
  await r.flush(new JournalFull('full'));
  await Promise.all(refused);
  assert.deepEqual([r.fatal.length, r.gateway.state().seq], [0, 3]);
  const entry = r.gateway.submit(car(4));
  await r.flush();
  await entry;
  assert.deepEqual([r.gateway.state().seq, r.written.at(-1)?.map(({ seq }) => seq)], [4, [4]]);
});

test('an outcome for which there is no room leaves its order open, and harms nothing', async () => {
  const r = rig();
  const runner = effectRunner({
    gateway: r.gateway,
    barriers: { open: () => Promise.resolve('confirmed') },
    clock: { now: () => r.now },
    onOrder: () => undefined,
  });
  const reply = r.gateway.submit(car(1));
  await r.flush();
  await reply;
  r.room = () => 'none';
  for (const effect of r.effects) runner.perform(effect);
  await runner.settled();
  assert.equal(r.gateway.state().parks.get(P001)?.orders.size, 1);
});

test('a stop finishes what was taken and takes no more', async () => {
  const r = rig();
  const first = r.gateway.submit(car(1));
  const stopped = r.gateway.stop();
  await assert.rejects(r.gateway.submit(car(2)), GatewayStopped);
  await r.flush();
  await Promise.all([first, stopped]);
  assert.equal(r.gateway.state().seq, 1);
});

test('queries see what a fold of the journal gives, no more and no less', async () => {
  const r = rig();
  const all = [1, 2, 1, 3].map((n) => r.gateway.submit(car(n)));
  await r.flush();
  await Promise.all(all);
  const again = emptyState();
  for (const record of r.written.flat()) evolve(again, record);
  assert.deepEqual(capture(r.gateway.state()), capture(again));
  assert.equal(r.gateway.state().parks.get(P001)?.open.size, 3);
});

test('an order whose time has passed is dropped, never sent late', async () => {
  const r = rig();
  const sent: OpenBarrier[] = [];
  const outcomes: BarrierOutcome[] = [];
  const runner = effectRunner({
    gateway: r.gateway,
    barriers: {
      open: (order) => {
        sent.push(order);
        return Promise.resolve('confirmed');
      },
    },
    clock: { now: () => r.now },
    onOrder: (_, outcome) => void outcomes.push(outcome),
  });
  for (const n of [1, 2]) {
    const reply = r.gateway.submit(car(n));
    await r.flush();
    await reply;
  }
  const [first, second] = r.effects;
  assert.ok(first && second);
  runner.perform(first);
  await r.flush();
  r.now = instant(second.deadline + 1);
  runner.perform(second);
  await r.flush();
  await runner.settled();
  assert.deepEqual([sent.map(({ id }) => id), outcomes], [[first.id], ['confirmed', 'expired']]);
  assert.equal(r.gateway.state().parks.get(P001)?.orders.size, 0);
});
