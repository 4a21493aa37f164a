/** The Vzenith driver with a camera at the other end of the broker. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Output } from '../../drivers/contract.ts';
import { vzenithMqtt } from '../../drivers/vzenith-mqtt/driver.ts';
import { readLicense } from '../../drivers/vzenith-mqtt/recognition.ts';
import { answer, heartbeat, recognition } from '../../drivers/vzenith-mqtt/simulator.ts';
import { VECTOR_OPTIONS, VECTORS } from '../../drivers/vzenith-mqtt/vectors.ts';
import { after } from '../../src/core/time.ts';
import { acksIn, DOWN, messageOf, namesIn, orderAt, type Rig, readingsIn, rigOf, testVectors, UP } from './rig.ts';

testVectors(() => rigOf(vzenithMqtt, VECTOR_OPTIONS), VECTORS);

const SN = '917e2298-8ddf3e46';

function camera(options: object = {}): Rig {
  const rig = rigOf(vzenithMqtt, { sn: SN, ...options });
  rig.give(UP);
  return rig;
}

/** Carries what the driver publishes to the camera, and the camera's answers back. */
function answered(rig: Rig, out: readonly Output[], code = 200): readonly Output[] {
  return out.flatMap((one) => {
    const reply = one.type === 'publish' ? answer({ sn: SN, code }, one.topic, one.payload, rig.now()) : null;
    return reply ? [...rig.give(messageOf(reply))] : [];
  });
}

test('a car is read twice, quick and full, under one name', () => {
  const rig = camera();
  const car = { sn: SN, plate: '粤B12345', id: 'c0ffee', plateColour: 'green' } as const;
  const quick = readingsIn(rig.give(messageOf(recognition({ ...car, at: rig.now(), kind: 'quick' }))));
  rig.pass(100);
  const full = readingsIn(rig.give(messageOf(recognition({ ...car, at: rig.now() }))));
  assert.deepEqual(quick, full);
  assert.deepEqual(full, [
    {
      credential: { kind: 'plate', plate: '粤B12345' },
      colour: 'green',
      confidence: 0.98,
      identity: `${SN}/record_uuid:c0ffee`,
      recordedAt: null,
    },
  ]);
});

test('a record of an outage is history, dated by the camera', () => {
  const rig = camera();
  const at = after(rig.now(), -3_600_123);
  const out = rig.give(messageOf(recognition({ sn: SN, plate: '粤B12345', at, backlog: true })));
  assert.equal(readingsIn(out)[0]?.recordedAt, at);
});

test('a record of an outage without any time is still history', () => {
  const rig = camera();
  const result = '{"license":"粤B12345","isoffline":"1","timeStamp":{"Timeval":{"sec":0}}}';
  const payload = `{"sn":"${SN}","payload":{"AlarmInfoPlate":{"result":{"PlateResult":${result}}}}}`;
  const out = rig.give(messageOf({ topic: `device/${SN}/message/up/ivs_result`, payload }));
  assert.equal(readingsIn(out)[0]?.recordedAt, rig.now());
});

test('any plate that a camera could send in base64 is read, and a plain one with Chinese in it too', () => {
  const plate = fc.stringMatching(/^[京沪粤赣琼][A-HJ-NP-Z][A-HJ-NP-Z0-9]{5,6}$/);
  fc.assert(
    fc.property(plate, (text) => {
      const encoded = Buffer.from(text, 'utf8').toString('base64');
      assert.deepEqual([readLicense(encoded), readLicense(text)], [text, text]);
    }),
  );
});

test('a message of absurd size is a few readings, and an absurd name is none', () => {
  const rig = camera();
  const results = Array.from({ length: 1_000 }, () => ({ license: '粤B12345', record_uuid: 'x'.repeat(10_000) }));
  const payload = JSON.stringify({ sn: SN, payload: { AlarmInfoPlate: { result: { PlateResult: results } } } });
  const readings = readingsIn(rig.give(messageOf({ topic: `device/${SN}/message/up/ivs_result`, payload })));
  assert.deepEqual(
    readings.map(({ identity }) => identity),
    [null, null, null, null],
  );
});

test('a car that no plate was seen of is a reading all the same', () => {
  const rig = camera();
  const out = rig.give(messageOf(recognition({ sn: SN, plate: '_无_', at: rig.now() })));
  assert.deepEqual(namesIn(out), ['无牌车']);
});

test('an order that the camera carries out is confirmed', () => {
  const rig = camera();
  const out = answered(rig, rig.give(orderAt(rig, '12.1')));
  assert.deepEqual(acksIn(out), ['12.1 confirmed']);
  assert.deepEqual(rig.pass(5_000), []);
});

test('an order that the camera refuses is refused, with its code', () => {
  const rig = camera();
  const out = answered(rig, rig.give(orderAt(rig, '12.1')), 403);
  assert.deepEqual(out, [
    {
      type: 'ack',
      order: '12.1',
      outcome: 'refused',
      detail: { zh: '相机应答代码 403', en: 'the camera answered code 403' },
    },
  ]);
});

test('an order that gets no answer is uncertain after two seconds, and is not sent again', () => {
  const rig = camera();
  const sent = rig.give(orderAt(rig, '12.1'));
  assert.deepEqual(rig.pass(1_999), []);
  assert.deepEqual(rig.pass(1), [
    {
      type: 'ack',
      order: '12.1',
      outcome: 'uncertain',
      detail: { zh: '2000 ms 内没有应答', en: 'no answer within 2000 ms' },
    },
  ]);
  // The answer that comes after all changes nothing.
  assert.deepEqual(acksIn(answered(rig, sent)), []);
});

test('a late tick does not outrun an answer that has come', () => {
  const rig = camera();
  const sent = rig.give(orderAt(rig, '12.1'));
  rig.set(after(rig.now(), 2_500));
  assert.deepEqual(acksIn(answered(rig, sent)), ['12.1 confirmed']);
});

test('an order whose time has passed is expired, and nothing is sent', () => {
  const rig = camera();
  assert.deepEqual(rig.give(orderAt(rig, '12.1', 0, -1)), [{ type: 'ack', order: '12.1', outcome: 'expired' }]);
});

test('without the broker an order is refused at once, and is not sent when it is back', () => {
  const rig = camera();
  rig.give(DOWN);
  assert.deepEqual(acksIn(rig.give(orderAt(rig, '12.1'))), ['12.1 refused']);
  assert.deepEqual(rig.give(UP), []);
});

test('the broker goes while an answer is awaited: nobody knows whether the arm rose', () => {
  const rig = camera();
  rig.give(orderAt(rig, '12.1'));
  assert.deepEqual(acksIn(rig.give(DOWN)), ['12.1 uncertain']);
});

test('two orders in the same millisecond are told apart', () => {
  const rig = camera();
  const [first, second] = [rig.give(orderAt(rig, '1.10')), rig.give(orderAt(rig, '11.0'))];
  assert.deepEqual(acksIn(answered(rig, second)), ['11.0 confirmed']);
  assert.deepEqual(acksIn(answered(rig, first)), ['1.10 confirmed']);
});

test('the seventeenth order without an answer is refused', () => {
  const rig = camera();
  const out = Array.from({ length: 17 }, (_, i) => rig.give(orderAt(rig, `${i}.0`))).flat();
  assert.deepEqual(acksIn(out), ['16.0 refused']);
});

test('a camera that beats is not silent; one that stops is, after 30 seconds, until it is heard again', () => {
  const rig = camera();
  for (let i = 0; i < 10; i += 1) {
    assert.deepEqual(rig.pass(10_000), []);
    assert.deepEqual(rig.give(messageOf(heartbeat({ sn: SN, at: rig.now() }))), []);
  }
  assert.deepEqual(rig.pass(29_999), []);
  assert.deepEqual(rig.pass(1), [{ type: 'raise', fault: 'DEVICE_SILENT', detail: '30 s' }]);
  assert.deepEqual(rig.pass(600_000), []);
  assert.deepEqual(rig.give(messageOf(heartbeat({ sn: SN, at: rig.now() }))), [
    { type: 'clear', fault: 'DEVICE_SILENT' },
  ]);
  assert.deepEqual(rig.give(messageOf(heartbeat({ sn: SN, at: rig.now() }))), []);
});

test('a camera that never says a word is silent 30 seconds after the broker is there', () => {
  const rig = camera();
  assert.deepEqual(
    rig.pass(30_000).map(({ type }) => type),
    ['raise'],
  );
});

test('a clock that is set back by an hour delays the alarm by one wait, not by an hour', () => {
  const rig = camera();
  rig.pass(20_000);
  rig.setBack(3_600_000);
  assert.deepEqual(
    rig.pass(60_000).map(({ type }) => type),
    ['raise'],
  );
});

test('while the broker is away the camera is not blamed', () => {
  const rig = camera();
  rig.give(DOWN);
  assert.deepEqual(rig.pass(3_600_000), []);
  rig.give(UP);
  assert.deepEqual(rig.pass(29_999), []);
});

test("another camera's message on this one's topic is no sign of life", () => {
  const rig = camera();
  rig.pass(20_000);
  const { payload } = heartbeat({ sn: 'other', at: rig.now() });
  rig.give(messageOf({ topic: `$/device/${SN}/message/up/keep_alive`, payload }));
  assert.deepEqual(
    rig.pass(10_000).map(({ type }) => type),
    ['raise'],
  );
});

test('a firmware that puts the serial number first works with its own topics', () => {
  const topics = {
    upPrefix: '{sn}/device/message/up/',
    downPrefix: '{sn}/device/message/down/',
    heartbeatTopic: '{sn}/device/message/up/keep_alive',
  };
  const rig = camera(topics);
  assert.deepEqual(namesIn(rig.give(messageOf(recognition({ sn: SN, plate: '粤B12345', at: rig.now(), ...topics })))), [
    '粤B12345',
  ]);
  const [sent] = rig.give(orderAt(rig, '12.1'));
  assert.ok(sent?.type === 'publish');
  assert.equal(sent.topic, `${SN}/device/message/down/gpio_out`);
  const reply = answer({ sn: SN, ...topics }, sent.topic, sent.payload, rig.now());
  assert.ok(reply);
  assert.deepEqual(acksIn(rig.give(messageOf(reply))), ['12.1 confirmed']);
});

test('it subscribes to the heartbeat by name, since no filter matches a topic that begins with $', () => {
  assert.deepEqual(vzenithMqtt.topics(vzenithMqtt.options.parse({ sn: SN })), {
    up: [`device/${SN}/message/up/+`, `$/device/${SN}/message/up/keep_alive`, `device/${SN}/message/down/+/reply`],
    down: [`device/${SN}/message/down/#`],
  });
});

test('a serial number or topic that would reach other devices is refused by name', () => {
  assert.throws(() => vzenithMqtt.options.parse({ sn: 'a/#' }), /serial number/);
  assert.throws(() => vzenithMqtt.options.parse({ sn: SN, upPrefix: '#' }), /without wildcards/);
  assert.throws(() => vzenithMqtt.options.parse({}), /sn/);
});
