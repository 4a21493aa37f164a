import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Input, type Output, type SerialDriver, type Step, seal, z } from '../../drivers/contract.ts';
import type { Instant } from '../../src/core/time.ts';
import { onceAMinute } from '../../src/devices/limit.ts';
import type { Sent } from '../../src/devices/link.ts';
import { type DeviceRuntime, deviceRuntime, type RuntimeParts } from '../../src/devices/runtime.ts';
import { GatewayBusy } from '../../src/gateway/ports.ts';
import {
  clock,
  device,
  gate,
  handClock,
  lane,
  newVisitId,
  PARK,
  recordFaults,
  recordLog,
  stubGateway,
  until,
} from './support.ts';

type Script = (input: Input, now: Instant) => Omit<Step<null>, 'state'>;

/** A driver that does what a test says. */
function scripted(script: Script) {
  const driver: SerialDriver<Record<string, never>, null> = {
    model: 'scripted',
    title: 'Scripted',
    transport: 'serial',
    roles: ['camera', 'barrier'],
    options: z.strictObject({}),
    line: { baudRate: 9_600 },
    init: () => null,
    step: (_state, input, now) => ({ state: null, ...script(input, now) }),
  };
  return seal(driver);
}

const says = (...out: Output[]): Omit<Step<null>, 'state'> => ({ out, wakeAt: null });

const READING: Output = {
  type: 'reading',
  reading: {
    credential: { kind: 'ticket', barcode: '123' },
    colour: 'unknown',
    confidence: null,
    identity: 'id-1',
    recordedAt: null,
  },
};
const MESSAGE = { topic: 'up', payload: Buffer.from('x'), retained: false };

function setup(t: TestContext, script: Script, parts: Partial<RuntimeParts> = {}) {
  const gateway = stubGateway();
  const faults = recordFaults();
  const log = recordLog();
  const written: string[] = [];
  const wire = { sent: 'sent' as Sent };
  const runtime: DeviceRuntime = deviceRuntime({
    device: device('cam'),
    driver: scripted(script),
    options: {},
    lanes: [{ park: PARK, lane: lane('in') }],
    wire: {
      async write(bytes) {
        written.push(Buffer.from(bytes).toString());
        return wire.sent;
      },
      publish: async () => 'refused',
    },
    gateway,
    clock,
    faults,
    log,
    newVisitId,
    orderTimeoutMs: 10_000,
    ...parts,
  });
  t.after(() => runtime.stop());
  return { runtime, gateway, faults, log, written, wire };
}

const order = (id = '1.0') => ({ id, type: 'open', output: 1, deadline: (clock.now() + 5_000) as Instant }) as const;
const write = (text: string): Output => ({ type: 'write', bytes: Buffer.from(text) });
const ack = (outcome: 'confirmed' | 'sent' | 'uncertain'): Output => ({ type: 'ack', order: '1.0', outcome });

test('a reading reaches the gateway for the lane, and its message is done when the gateway has stored it', async (t) => {
  const { runtime, gateway } = setup(t, () => says(READING));
  const { promise: onDisk, resolve: fsynced } = gate();
  gateway.answer = async () => {
    await onDisk;
    return { type: 'done' };
  };
  let done = false;
  const message = runtime.message(MESSAGE).then(() => {
    done = true;
  });
  await sleep(20);
  assert.equal(done, false);
  assert.deepEqual(gateway.commands, [
    {
      type: 'reading',
      park: PARK,
      lane: 'in',
      reading: {
        device: 'cam',
        credential: { kind: 'ticket', barcode: '123' },
        colour: 'unknown',
        confidence: null,
        identity: 'id-1',
      },
      history: null,
      freshVisit: 'VISIT',
    },
  ]);
  fsynced();
  await message;
  assert.deepEqual(runtime.stats(), { messages: 1, bytes: 0, readings: 1, orders: 0, discards: {} });
});

test('a camera of two lanes reads for both; a backlog record is history', async (t) => {
  const at = 1_700_000_000_000 as Instant;
  const lanes = [lane('in'), lane('out')].map((id) => ({ park: PARK, lane: id }));
  const script: Script = () =>
    says(READING.type === 'reading' ? { type: 'reading', reading: { ...READING.reading, recordedAt: at } } : READING);
  const { runtime, gateway } = setup(t, script, { lanes });
  await runtime.message(MESSAGE);
  assert.deepEqual(
    gateway.commands.map((command) => (command.type === 'reading' ? [command.lane, command.history] : null)),
    [
      ['in', at],
      ['out', at],
    ],
  );
});

test('a device that no lane names is counted, not lost silently', async (t) => {
  const { runtime, log } = setup(t, () => says(READING), { lanes: [] });
  await runtime.message(MESSAGE);
  assert.deepEqual(runtime.stats().discards, { noLane: 1 });
  assert.equal(log.lines[0]?.text, 'READING_DISCARDED');
});

test('a full inbox leaves the message unacknowledged, and it is counted', async (t) => {
  const { runtime, gateway } = setup(t, () => says(READING));
  gateway.answer = () => Promise.reject(new GatewayBusy('full'));
  await assert.rejects(runtime.message(MESSAGE), GatewayBusy);
  // A serial line has nobody to tell; that must not bring the process down.
  runtime.bytes(Buffer.from('x'));
  await sleep(5);
  gateway.answer = async () => ({ type: 'done' });
  await runtime.message(MESSAGE);
  assert.deepEqual(runtime.stats().discards, { notTaken: 2 });
});

test('an order is confirmed by the machine, in whatever step that comes', async (t) => {
  const { runtime, written } = setup(t, (input) => {
    if (input.type === 'order') return says(write('open'));
    return input.type === 'bytes' ? says(ack('confirmed')) : says();
  });
  const result = runtime.order(order());
  runtime.bytes(Buffer.from('ok'));
  assert.deepEqual(await result, { outcome: 'confirmed', detail: null });
  assert.deepEqual(written, ['open']);
});

for (const [sent, outcome] of [
  ['refused', 'refused'],
  ['uncertain', 'uncertain'],
  ['sent', 'sent'],
] as const) {
  test(`an order whose write is ${sent} is ${outcome}, though the machine took it for sent`, async (t) => {
    const { runtime, wire } = setup(t, (input) => (input.type === 'order' ? says(write('open'), ack('sent')) : says()));
    wire.sent = sent;
    assert.equal((await runtime.order(order())).outcome, outcome);
  });
}

test('an order that left in part is uncertain', async (t) => {
  let count = 0;
  const wire: RuntimeParts['wire'] = {
    async write() {
      count += 1;
      return count === 1 ? 'sent' : 'refused';
    },
    publish: async () => 'refused',
  };
  const { runtime } = setup(t, (input) => (input.type === 'order' ? says(write('a'), write('b')) : says()), { wire });
  assert.equal((await runtime.order(order())).outcome, 'uncertain');
});

test('an order that the machine never answers is uncertain, and a late answer changes nothing', async (t) => {
  const { runtime } = setup(
    t,
    (input) =>
      input.type === 'order' ? says(write('open')) : input.type === 'bytes' ? says(ack('confirmed')) : says(),
    { orderTimeoutMs: 30 },
  );
  assert.equal((await runtime.order(order())).outcome, 'uncertain');
  runtime.bytes(Buffer.from('ok'));
});

test('the same order is not carried out twice at a time', async (t) => {
  const { runtime, written } = setup(t, (input) => (input.type === 'order' ? says(write('open')) : says()));
  const first = runtime.order(order());
  assert.equal((await runtime.order(order())).outcome, 'refused');
  assert.deepEqual(written, ['open']);
  await runtime.stop();
  assert.equal((await first).outcome, 'uncertain');
});

test('a machine is woken when it asked for it', async (t) => {
  const moments: number[] = [];
  const { runtime } = setup(t, (input, now) => {
    if (input.type === 'tick') moments.push(now);
    return { out: [], wakeAt: moments.length < 3 ? ((now + 10) as Instant) : null };
  });
  runtime.link(true);
  await until('three ticks', () => moments.length === 3);
  await sleep(30);
  assert.equal(moments.length, 3);
});

test('a clock that is set back an hour does not leave a relay on: the machine is woken all the same', async (t) => {
  const hand = handClock(10_000_000);
  const { runtime, written } = setup(
    t,
    (input, now) => {
      if (input.type === 'order') return { out: [write('on')], wakeAt: (now + 30) as Instant };
      if (input.type === 'link') return { out: [], wakeAt: 10_000_030 as Instant };
      return input.type === 'tick' && now >= 10_000_030 ? says(write('off'), ack('sent')) : says();
    },
    { clock: hand },
  );
  const result = runtime.order({ ...order(), deadline: 10_005_000 as Instant });
  hand.set(10_000_000 - 3_600_000);
  // Asked anew after the clock was set: it still means the same moment.
  runtime.link(true);
  await result;
  assert.deepEqual(written, ['on', 'off']);
});

test('a machine that keeps asking for the past does not spin', async (t) => {
  let ticks = 0;
  const { runtime } = setup(t, () => {
    ticks += 1;
    return { out: [], wakeAt: 0 as Instant };
  });
  runtime.link(true);
  await sleep(100);
  assert.ok(ticks < 50, `${ticks} ticks in 100 ms`);
});

test('a machine that throws is started again and told of the link; its open orders are uncertain', async (t) => {
  const links: boolean[] = [];
  const { runtime, log } = setup(t, (input) => {
    if (input.type === 'link') links.push(input.up);
    if (input.type === 'bytes') throw new TypeError('a defect');
    return says();
  });
  runtime.link(true);
  const result = runtime.order(order());
  runtime.bytes(Buffer.from('poison'));
  assert.deepEqual(await result, { outcome: 'uncertain', detail: { zh: '驱动程序出错', en: 'the driver failed' } });
  assert.deepEqual(links, [true, true]);
  assert.deepEqual(runtime.stats().discards, { crash: 1 });
  assert.match(log.lines[0]?.text ?? '', /the driver scripted threw on bytes and was started again/);
});

test('a message that makes the machine throw is acknowledged: it would only come again', async (t) => {
  const { runtime } = setup(t, (input) => {
    if (input.type === 'message') throw new TypeError('a defect');
    return says();
  });
  await runtime.message(MESSAGE);
});

test('faults of the machine carry the name of the device', async (t) => {
  const { runtime, faults } = setup(t, (input) =>
    says(
      input.type === 'link'
        ? { type: 'raise', fault: 'DEVICE_SILENT', detail: '30 s' }
        : { type: 'clear', fault: 'DEVICE_SILENT' },
    ),
  );
  runtime.link(true);
  assert.equal(faults.raised.get('DEVICE_SILENT cam'), '30 s');
  runtime.bytes(Buffer.from('x'));
  assert.equal(faults.raised.size, 0);
});

test('discards are counted by reason, and told at once and then once a minute with their number', async (t) => {
  const hand = handClock();
  const { runtime, log } = setup(t, () => says({ type: 'discarded', reason: 'noise', detail: 'no frame', bytes: 3 }), {
    clock: hand,
  });
  for (let count = 0; count < 100; count += 1) runtime.bytes(Buffer.from('abc'));
  hand.set(1_000_000 + 60_000);
  runtime.bytes(Buffer.from('abc'));
  assert.deepEqual(runtime.stats().discards, { noise: 101 });
  assert.deepEqual(
    log.lines.map(({ text, fields }) => [text, fields['value'], fields['count']]),
    [
      ['READING_DISCARDED', 'noise: no frame', 1],
      ['READING_DISCARDED', 'noise: no frame', 100],
    ],
  );
});

test('a clock that is set back does not silence a line of the log', () => {
  const line = onceAMinute();
  assert.equal(line(1_000_000 as Instant), 1);
  assert.equal(line(1_030_000 as Instant), null);
  assert.equal(line(500_000 as Instant), 2);
});

test('stop lets the machine leave its device safe, with the pauses that it wants, and takes nothing afterwards', async (t) => {
  let left = 3;
  const { runtime, written, gateway } = setup(t, (input, now) => {
    if (input.type === 'stop') return { out: [write('off 0')], wakeAt: (now + 20) as Instant };
    if (input.type !== 'tick') return says(READING);
    left -= 1;
    return { out: [write(`off ${3 - left}`)], wakeAt: left > 0 ? ((now + 20) as Instant) : null };
  });
  await runtime.stop();
  assert.deepEqual(written, ['off 0', 'off 1', 'off 2', 'off 3']);
  runtime.bytes(Buffer.from('x'));
  await assert.rejects(runtime.message(MESSAGE), /stops/);
  assert.equal((await runtime.order(order())).outcome, 'refused');
  assert.equal(gateway.commands.length, 0);
});
