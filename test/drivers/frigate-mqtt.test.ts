/** The Frigate driver with Frigate at the other end of the broker. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frigateMqtt } from '../../drivers/frigate-mqtt/driver.ts';
import { available, reading } from '../../drivers/frigate-mqtt/simulator.ts';
import { VECTOR_OPTIONS, VECTORS } from '../../drivers/frigate-mqtt/vectors.ts';
import { acksIn, messageOf, namesIn, orderAt, type Rig, readingsIn, rigOf, testVectors, UP } from './rig.ts';

testVectors(() => rigOf(frigateMqtt, VECTOR_OPTIONS), VECTORS);

function camera(options: object = {}): Rig {
  const rig = rigOf(frigateMqtt, { camera: 'gate', ...options });
  rig.give(UP);
  return rig;
}

/** Frigate reads a plate of an object; what the driver makes of it at once. */
function reads(rig: Rig, id: string, plate: string, score: number): readonly string[] {
  return namesIn(rig.give(messageOf(reading({ camera: 'gate', id, plate, score, at: rig.now() }))));
}

test('a car with a clean plate is read at once, by the name that Frigate gives it', () => {
  const rig = camera();
  const out = rig.give(
    messageOf(reading({ camera: 'gate', id: '17.5-abc', plate: '粤B12345', score: 0.96, at: rig.now() })),
  );
  assert.deepEqual(namesIn(out), ['粤B12345']);
  assert.deepEqual([readingsIn(out)[0]?.identity, readingsIn(out)[0]?.confidence], ['17.5-abc', 0.96]);
});

test('a car with a dirty plate does not stand for ever: the best reading goes out after the wait', () => {
  const rig = camera();
  assert.deepEqual(reads(rig, 'a', '粤B1234', 0.4), []);
  rig.pass(400);
  assert.deepEqual(reads(rig, 'a', '粤B12345', 0.6), []);
  rig.pass(400);
  assert.deepEqual(reads(rig, 'a', '粤B1Z345', 0.5), []);
  assert.deepEqual(namesIn(rig.pass(699)), []);
  assert.deepEqual(namesIn(rig.pass(1)), ['粤B12345']);
  assert.equal(rig.wakeAt(), null);
  assert.deepEqual(reads(rig, 'a', '粤B12345', 0.7), []);
  assert.deepEqual(reads(rig, 'a', '粤B12346', 0.75), ['粤B12346']);
});

test('two cars that wait are each read', () => {
  const rig = camera();
  reads(rig, 'a', '粤B11111', 0.5);
  rig.pass(100);
  reads(rig, 'b', '粤B22222', 0.5);
  assert.deepEqual(namesIn(rig.pass(2_000)), ['粤B11111', '粤B22222']);
});

test('a reading without a score waits, and goes out without a confidence', () => {
  const rig = camera();
  const topic = 'frigate/tracked_object_update';
  rig.give(messageOf({ topic, payload: '{"type":"lpr","id":"a","plate":"123ABC","camera":"gate"}' }));
  assert.equal(readingsIn(rig.pass(1_500))[0]?.confidence, null);
});

test('of a thousand cars that come at once none is lost, and only 64 are remembered', () => {
  const rig = camera();
  const names = Array.from({ length: 1_000 }, (_, i) => `粤B${10_000 + i}`);
  const seen = names.flatMap((plate, i) => reads(rig, `object-${i}`, plate, 0.5));
  assert.ok(rig.size() < 64 * 150);
  assert.deepEqual([...seen, ...namesIn(rig.pass(1_500))], names);
});

test('an id that cannot be one of Frigate is not remembered', () => {
  const rig = camera();
  assert.deepEqual(reads(rig, 'x'.repeat(100_000), '粤B12345', 0.9), []);
  assert.ok(rig.size() < 100);
});

test('a stop gives out what still waits', () => {
  const rig = camera();
  reads(rig, 'a', '粤B12345', 0.5);
  assert.deepEqual(namesIn(rig.give({ type: 'stop' })), ['粤B12345']);
});

test('a clock that is set back by an hour delays a reading by one wait, not by an hour', () => {
  const rig = camera();
  reads(rig, 'a', '粤B12345', 0.5);
  rig.setBack(3_600_000);
  assert.deepEqual(namesIn(rig.pass(3_000)), ['粤B12345']);
});

test('Frigate that has gone is a fault, which its return clears', () => {
  const rig = camera({ topicPrefix: 'nvr' });
  assert.deepEqual(rig.give(messageOf(available(false, 'nvr'))), [{ type: 'raise', fault: 'DEVICE_OFFLINE' }]);
  assert.deepEqual(rig.give(messageOf(available(true, 'nvr'))), [{ type: 'clear', fault: 'DEVICE_OFFLINE' }]);
  assert.equal(rig.give(messageOf(available(true))).at(0)?.type, 'discarded');
});

test('an order to Frigate is refused', () => {
  const rig = camera();
  assert.deepEqual(acksIn(rig.give(orderAt(rig, '1.0'))), ['1.0 refused']);
});

test('its topics are those of the configured prefix', () => {
  assert.deepEqual(frigateMqtt.topics(frigateMqtt.options.parse({ camera: 'gate', topicPrefix: 'nvr' })), {
    up: ['nvr/tracked_object_update', 'nvr/available'],
    down: [],
  });
  assert.throws(() => frigateMqtt.options.parse({ camera: 'gate', topicPrefix: 'nvr/#' }), /without wildcards/);
});
