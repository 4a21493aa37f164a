/** Turns through the loop that the watchdog asks for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant, SECOND } from '../../src/core/time.ts';
import { GatewayStopped } from '../../src/gateway/ports.ts';
import { TEN } from '../core/park/scene.ts';
import { car, rig, turn } from './rig.ts';

/** Whether a promise has resolved by the end of some turns. */
async function soon(promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  for (let turns = 0; turns < 5; turns += 1) await turn();
  return done;
}

test('a pulse comes round while nothing waits, and nothing is written for it', async () => {
  const { gateway, written } = rig();
  assert.equal(await soon(gateway.pulse()), true);
  assert.equal(await soon(gateway.pulse()), true);
  assert.equal(written.length, 0);
});

test('a pulse does not come round while a flush hangs; a full inbox is no hindrance', async () => {
  const r = rig({ inbox: 2, batch: 1 });
  const cars = [1, 2].map((number) => r.gateway.submit(car(number)));
  await turn();
  const hanging = r.gateway.pulse();
  cars.push(r.gateway.submit(car(3)));
  assert.equal(await soon(hanging), false);
  await r.flush();
  assert.equal(await soon(hanging), false, 'it shares the second turn, whose flush is under way');
  await r.flush();
  assert.equal(await soon(hanging), true, 'the third car still waits');
  await r.flush();
  await Promise.all(cars);
  assert.equal(r.written.length, 3);
});

test('after a failed write no pulse comes round', async () => {
  const r = rig();
  const lost = assert.rejects(r.gateway.submit(car(1)), GatewayStopped);
  await turn();
  const pulse = r.gateway.pulse();
  await r.flush(new Error('EIO'));
  await lost;
  assert.equal(await soon(pulse), false);
  assert.equal(await soon(r.gateway.pulse()), false);
});

test('a clock that is behind catches up while only pulses turn the loop', async () => {
  const r = rig();
  const entered = r.gateway.submit(car(1));
  await r.flush();
  await entered;
  r.now = instant(TEN - 60 * SECOND);
  await r.gateway.pulse();
  assert.deepEqual([...r.faults], []);
});
