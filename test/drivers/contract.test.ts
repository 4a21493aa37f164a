/** What every driver owes the runtime, run over every model of the registry. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Input, type MqttDriver, type Output, type SerialDriver, z } from '../../drivers/contract.ts';
import { frigateMqtt } from '../../drivers/frigate-mqtt/driver.ts';
import * as frigate from '../../drivers/frigate-mqtt/vectors.ts';
import { lcusRelay } from '../../drivers/lcus-relay/driver.ts';
import * as lcus from '../../drivers/lcus-relay/vectors.ts';
import { DRIVERS, type Model } from '../../drivers/registry.ts';
import { serialScanner } from '../../drivers/serial-scanner/driver.ts';
import * as scanner from '../../drivers/serial-scanner/vectors.ts';
import { hex, utf8, type Vector } from '../../drivers/vector.ts';
import { vzenithMqtt } from '../../drivers/vzenith-mqtt/driver.ts';
import * as vzenith from '../../drivers/vzenith-mqtt/vectors.ts';
import type { Instant } from '../../src/core/time.ts';
import { orderAt, play, type Rig, readingsIn, rigOf, UP } from './rig.ts';

type Watch = (out: readonly Output[], now: Instant) => void;

interface Subject {
  rig(watch?: Watch): Rig;
  readonly vectors: readonly Vector[];
  /** Something that the device does, and that must always be understood. */
  readonly good: (rig: Rig) => Input;
  readonly understood: (out: readonly Output[]) => boolean;
  /** No state may grow beyond this, in characters of JSON. */
  readonly largest: number;
}

function subject<C, S>(
  driver: MqttDriver<C, S> | SerialDriver<C, S>,
  vectors: { readonly VECTORS: readonly Vector[]; readonly VECTOR_OPTIONS: object },
  rest: Pick<Subject, 'good' | 'understood' | 'largest'>,
): Subject {
  return { rig: (watch) => rigOf(driver, vectors.VECTOR_OPTIONS, watch), vectors: vectors.VECTORS, ...rest };
}

const isReading = (out: readonly Output[]): boolean => readingsIn(out).length === 1;

function goodMessage(topic: string, text: string): () => Input {
  return () => ({ type: 'message', topic, payload: utf8(text), retained: false });
}

const MODELS = Object.keys(DRIVERS) as readonly Model[];

const SUBJECTS: Readonly<Record<Model, Subject>> = {
  'vzenith-mqtt': subject(vzenithMqtt, vzenith, {
    good: goodMessage(
      'device/320dc55b-d6d6c442/message/up/ivs_result',
      '{"sn":"320dc55b-d6d6c442","payload":{"AlarmInfoPlate":{"result":{"PlateResult":{"license":"57KkQTEyMzQ1"}}}}}',
    ),
    understood: isReading,
    largest: 4_000,
  }),
  'frigate-mqtt': subject(frigateMqtt, frigate, {
    good: goodMessage(
      'frigate/tracked_object_update',
      '{"type":"lpr","id":"9.9-good","plate":"123ABC","score":0.95,"camera":"driveway_cam"}',
    ),
    understood: isReading,
    largest: 64 * 300,
  }),
  'serial-scanner': subject(serialScanner, scanner, {
    good: () => ({ type: 'bytes', bytes: utf8('GOOD-1\r') }),
    understood: isReading,
    largest: 2_000,
  }),
  'lcus-relay': subject(lcusRelay, lcus, {
    good: (rig) => orderAt(rig, 'good', 1),
    understood: (out) => out.some((one) => one.type === 'write' && isSame(one.bytes, hex('A0 01 01 A2'))),
    largest: 4_000,
  }),
};

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Whether an output raises an arm: a published command, or a relay that is put on. */
function opens(output: Output): boolean {
  return output.type === 'publish' || (output.type === 'write' && output.bytes[2] === 1);
}

/** A JSON text with one of its values replaced: the shape is right, and then it is not. */
function spoil(text: string, pick: number, value: unknown): string {
  let at = 0;
  const total = [...text.matchAll(/:/g)].length;
  try {
    return JSON.stringify(JSON.parse(text), (key, old) => (key !== '' && at++ === pick % total ? value : old));
  } catch {
    return text;
  }
}

/** Anything that may come over the wire: chance, and what the device says, whole, spoiled or with a byte changed. */
function noise(vectors: readonly Vector[]): fc.Arbitrary<Input> {
  const said = vectors.flatMap(({ given }) => given.map(([, input]) => input));
  const lines = [...said.flatMap((input) => (input.type === 'bytes' ? [input.bytes] : [])), hex('02 01 30 30 30 30')];
  const messages = said.flatMap((input) => (input.type === 'message' ? [input] : []));
  const bytes = fc
    .oneof(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...lines))
    .map((chunk): Input => ({ type: 'bytes', bytes: chunk }));
  const anyMessage = fc
    .record({ topic: fc.string(), payload: fc.uint8Array(), retained: fc.boolean() })
    .map((message): Input => ({ type: 'message', ...message }));
  if (messages.length === 0) return fc.oneof(bytes, anyMessage);
  const changed = fc
    .record({ message: fc.constantFrom(...messages), at: fc.nat(), byte: fc.nat(255) })
    .map(({ message, at, byte }): Input => {
      const payload = Uint8Array.from(message.payload);
      payload[at % Math.max(1, payload.length)] = byte;
      return { ...message, payload };
    });
  const spoiled = fc
    .record({ message: fc.constantFrom(...messages), pick: fc.nat(), value: fc.jsonValue(), retained: fc.boolean() })
    .map(({ message, pick, value, retained }): Input => {
      const text = new TextDecoder().decode(message.payload);
      return { ...message, payload: utf8(spoil(text, pick, value)), retained };
    });
  return fc.oneof(bytes, anyMessage, fc.constantFrom<Input>(...messages), changed, spoiled);
}

type Happening =
  | { readonly type: 'input'; readonly input: Input }
  | { readonly type: 'order'; readonly output: number; readonly forMs: number }
  | { readonly type: 'pass'; readonly ms: number }
  | { readonly type: 'clockBack'; readonly ms: number };

/** A stretch of a gate's life, in any order: the wire going, orders, time, and a clock that is set back. */
function life(vectors: readonly Vector[]): fc.Arbitrary<readonly Happening[]> {
  const input = (arbitrary: fc.Arbitrary<Input>): fc.Arbitrary<Happening> =>
    arbitrary.map((one) => ({ type: 'input', input: one }));
  return fc.array(
    fc.oneof(
      { weight: 4, arbitrary: input(noise(vectors)) },
      { weight: 2, arbitrary: input(fc.boolean().map((up) => ({ type: 'link', up: up }))) },
      { weight: 1, arbitrary: input(fc.constantFrom<Input>({ type: 'tick' }, { type: 'stop' })) },
      {
        weight: 5,
        arbitrary: fc.record({
          type: fc.constant('order' as const),
          output: fc.nat(3),
          forMs: fc.integer({ min: -200, max: 400 }),
        }),
      },
      { weight: 3, arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.nat(700) }) },
      { weight: 1, arbitrary: fc.record({ type: fc.constant('clockBack' as const), ms: fc.nat(100_000) }) },
    ),
    { maxLength: 60 },
  );
}

function live(rig: Rig, happenings: readonly Happening[], onOrder: (id: string, deadline: Instant) => void): void {
  let orders = 0;
  rig.give(UP);
  for (const happening of happenings) {
    switch (happening.type) {
      case 'input':
        rig.give(happening.input);
        break;
      case 'order': {
        orders += 1;
        const input = orderAt(rig, `${orders}.0`, happening.output, happening.forMs);
        onOrder(input.order.id, input.order.deadline);
        rig.give(input);
        break;
      }
      case 'pass':
        rig.pass(happening.ms);
        break;
      case 'clockBack':
        rig.setBack(happening.ms);
        break;
    }
  }
}

describe('the registry', () => {
  test('names every folder of drivers, and nothing else', () => {
    const folders = readdirSync('drivers', { withFileTypes: true }).filter((entry) => entry.isDirectory());
    assert.deepEqual([...MODELS].sort(), folders.map(({ name }) => name).sort());
    for (const model of MODELS) assert.equal(DRIVERS[model].model, model);
  });
});

for (const model of MODELS) {
  const { rig, vectors, good, understood, largest } = SUBJECTS[model];

  describe(model, () => {
    test('has a driver, vectors, a simulator, and a README that explains every option', () => {
      for (const file of ['driver.ts', 'vectors.ts', 'simulator.ts'])
        assert.ok(existsSync(`drivers/${model}/${file}`), file);
      const readme = readFileSync(`drivers/${model}/README.md`, 'utf8');
      const schema = z.toJSONSchema(DRIVERS[model].options, { io: 'input' });
      for (const [name, option] of Object.entries(schema.properties ?? {})) {
        assert.match(readme, new RegExp(`^\\| \`${name}\` +\\| `, 'm'), `README: ${name}`);
        assert.ok(typeof option === 'object' && (option.description ?? '').length > 10, `describe: ${name}`);
        assert.ok(schema.required?.includes(name) === true || 'default' in option, `default: ${name}`);
      }
      assert.ok(vectors.length >= 5);
    });

    test('names a misspelt option instead of ignoring it', () => {
      assert.throws(() => DRIVERS[model].start({ sn: 'a', camera: 'a', pulsMs: 1 }), /pulsMs/);
    });

    test('reads the same, however the bytes are cut into pieces', () => {
      fc.assert(
        fc.property(fc.constantFrom(...vectors), fc.array(fc.nat(300), { maxLength: 30 }), ({ given }, cuts) => {
          const pieces = given.flatMap(([ms, input]) => cut(input, cuts).map((piece) => [ms, piece] as const));
          assert.deepEqual(heard(play(rig(), pieces)), heard(play(rig(), given)));
        }),
      );
    });

    test('never throws and never grows, whatever happens in whatever order', () => {
      fc.assert(
        fc.property(life(vectors), (happenings) => {
          const one = rig(() => assert.ok(one.size() < largest, `the state has grown to ${one.size()}`));
          live(one, happenings, () => {});
        }),
      );
    });

    test('understands the device after any garbage', () => {
      fc.assert(
        fc.property(fc.array(noise(vectors), { maxLength: 20 }), (garbage) => {
          const one = rig();
          one.give(UP);
          for (const input of garbage) one.give(input);
          one.pass(2_000);
          assert.ok(understood([...one.give(good(one)), ...one.pass(200)]));
        }),
      );
    });

    test('answers each order exactly once, and opens nothing for an order whose time has passed', () => {
      fc.assert(
        fc.property(life(vectors), (happenings) => {
          const deadlines = new Map<string, Instant>();
          const answers: string[] = [];
          const one = rig((out, now) => {
            const inTime = [...deadlines].filter(([id, deadline]) => now <= deadline && !answers.includes(id));
            assert.ok(out.filter(opens).length <= inTime.length, 'opened without an order that is in time');
            answers.push(...out.flatMap((output) => (output.type === 'ack' ? [output.order] : [])));
          });
          live(one, happenings, (id, deadline) => deadlines.set(id, deadline));
          one.pass(40_000);
          assert.deepEqual([...answers].sort(), [...deadlines.keys()].sort());
        }),
      );
    });
  });
}

/** The same bytes in pieces; other inputs stay as they are. */
function cut(input: Input, cuts: readonly number[]): readonly Input[] {
  if (input.type !== 'bytes') return [input];
  const places = [...new Set([0, ...cuts.filter((at) => at < input.bytes.length), input.bytes.length])];
  places.sort((a, b) => a - b);
  return places.slice(1).map((end, i) => ({ type: 'bytes', bytes: input.bytes.subarray(places[i] ?? 0, end) }));
}

/** All outputs, with the discards of one reason added up: how many of them there are depends on the pieces. */
function heard(out: readonly Output[]): { readonly said: readonly Output[]; readonly discarded: object } {
  const discarded: Record<string, number> = {};
  for (const one of out) if (one.type === 'discarded') discarded[one.reason] = (discarded[one.reason] ?? 0) + one.bytes;
  return { said: out.filter(({ type }) => type !== 'discarded'), discarded };
}
