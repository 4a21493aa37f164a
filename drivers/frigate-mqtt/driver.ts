/**
 * Frigate, the free network video recorder: its plate recognition over MQTT. One car is one tracked object, whose
 * reading is published again and again while it improves, so a reading goes out as soon as it is sure enough, or as
 * it is after a short wait: a car must not stand for ever because its plate is dirty.
 */
import { assertNever, type Said } from '../../src/core/errors.ts';
import { normalisePlate, type Plate } from '../../src/core/plate.ts';
import { after, type Instant } from '../../src/core/time.ts';
import { type Discard, type Input, type MqttDriver, type Output, type Step, type Topics, z } from '../contract.ts';
import { field, numberOf, readJson, textOf } from '../json.ts';

/** Objects that are remembered, so that a car standing at the gate is not read anew. The oldest one goes first. */
const MAX_OBJECTS = 64;
/** Frigate's own ids are about 25 characters; longer ones are not Frigate's. */
const MAX_ID = 64;

const options = z.strictObject({
  camera: z
    .string()
    .min(1)
    .max(64)
    .describe("The camera's name in Frigate's configuration. Required.")
    .meta({ zh: '相机在 Frigate 配置中的名称。必填。' }),
  topicPrefix: z
    .string()
    .regex(/^[^+#\0$][^+#\0]*$/, 'an MQTT topic without wildcards, for example frigate')
    .max(128)
    .default('frigate')
    .describe("Frigate's `mqtt.topic_prefix`.")
    .meta({ zh: 'Frigate 的 `mqtt.topic_prefix`。' }),
  minScore: z
    .number()
    .min(0)
    .max(1)
    .default(0.8)
    .describe('A reading with this score or a better one goes out at once (0 to 1).')
    .meta({ zh: '得分达到此值的识别立即采用（0 到 1）。' }),
  settleMs: z
    .int()
    .min(0)
    .max(30_000)
    .default(1_500)
    .describe('How long to wait for a better score before the best one so far goes out, in ms (0 to 30000).')
    .meta({ zh: '等待更高得分多久，之后采用目前最好的，单位毫秒（0 到 30000）。' }),
});

export type Options = z.output<typeof options>;

interface Tracked {
  readonly id: string;
  /** The best reading so far. `score` is null when Frigate gave none. */
  readonly plate: Plate;
  readonly score: number | null;
  /** The plate that went out last; null while the object waits for a better score, until `settleAt`. */
  readonly sent: Plate | null;
  readonly settleAt: Instant;
}

export interface State {
  /** Oldest first, at most {@link MAX_OBJECTS}. */
  readonly objects: readonly Tracked[];
}

interface Taken {
  readonly objects: readonly Tracked[];
  readonly out: readonly Output[];
}

function discarded(objects: State['objects'], reason: Discard['reason'], detail: Said, bytes: number): Taken {
  return { objects, out: [{ type: 'discarded', reason, detail, bytes }] };
}

function readingOf({ id, plate, score }: Tracked): Output {
  const credential = { kind: 'plate', plate } as const;
  return {
    type: 'reading',
    reading: { credential, colour: 'unknown', confidence: score, identity: id, recordedAt: null },
  };
}

/** Gives out the objects that still wait and are chosen; the others stay as they are. */
function settle(objects: State['objects'], chosen: (object: Tracked) => boolean): Taken {
  const ready = objects.filter((object) => object.sent === null && chosen(object));
  return {
    objects: objects.map((object) => (ready.includes(object) ? { ...object, sent: object.plate } : object)),
    out: ready.map(readingOf),
  };
}

/** What another message about an object changes: the better score wins, and a plate that went out is not repeated. */
function improve(known: Tracked, plate: Plate, score: number | null): Tracked {
  return (score ?? 0) > (known.score ?? 0) ? { ...known, plate, score } : known;
}

function takePlate(objects: State['objects'], body: unknown, now: Instant, size: number, options: Options): Taken {
  const id = textOf(field(body, 'id'));
  const plate = normalisePlate(textOf(field(body, 'plate')) ?? '');
  if (id === undefined || id === '' || id.length > MAX_ID || plate === undefined)
    return discarded(
      objects,
      'unreadable',
      { zh: '识别结果缺少编号或车牌', en: 'a reading without an id or a plate' },
      size,
    );
  const given = numberOf(field(body, 'score'));
  const score = given === undefined || given < 0 || given > 1 ? null : given;
  const known = objects.find((object) => object.id === id);
  const better: Tracked = known
    ? improve(known, plate, score)
    : { id, plate, score, sent: null, settleAt: after(now, options.settleMs) };
  const goes = better.sent === null ? (better.score ?? 0) >= options.minScore : better.sent !== better.plate;
  const object = goes ? { ...better, sent: better.plate } : better;
  const out = goes ? [readingOf(better)] : [];
  if (known) return { objects: objects.map((one) => (one === known ? object : one)), out };
  // A reading that still waits goes out rather than be forgotten.
  const dropped = objects.slice(0, Math.max(0, objects.length + 1 - MAX_OBJECTS));
  const forgotten = dropped.filter(({ sent }) => sent === null).map(readingOf);
  return { objects: [...objects.slice(dropped.length), object], out: [...forgotten, ...out] };
}

function takeMessage(
  objects: State['objects'],
  message: Extract<Input, { readonly type: 'message' }>,
  now: Instant,
  options: Options,
): Taken {
  const { topic, payload, retained } = message;
  if (topic === `${options.topicPrefix}/available`) {
    // Retained on purpose: Frigate's last word, or the broker's for it, is what holds now.
    const word = payload.length <= 16 ? new TextDecoder().decode(payload) : '';
    if (word === 'online') return { objects, out: [{ type: 'clear', fault: 'DEVICE_OFFLINE' }] };
    if (word === 'offline' || word === 'stopped') return { objects, out: [{ type: 'raise', fault: 'DEVICE_OFFLINE' }] };
    return discarded(
      objects,
      'unexpected',
      { zh: '既不是 online 也不是 offline', en: 'neither online nor offline' },
      payload.length,
    );
  }
  if (topic !== `${options.topicPrefix}/tracked_object_update`)
    return discarded(
      objects,
      'unknownTopic',
      { zh: '不是本设备订阅的主题', en: 'a topic that was not asked for' },
      payload.length,
    );
  if (retained)
    return discarded(
      objects,
      'retained',
      { zh: '服务器保留的旧消息，不是现在的', en: 'a retained update is not of now' },
      payload.length,
    );
  const body = readJson(payload);
  if (body === undefined) return discarded(objects, 'unreadable', { zh: '不是 JSON', en: 'not JSON' }, payload.length);
  // Faces, descriptions and other cameras share the topic.
  if (field(body, 'type') !== 'lpr' || field(body, 'camera') !== options.camera) return { objects, out: [] };
  return takePlate(objects, body, now, payload.length, options);
}

function take({ objects }: State, input: Input, now: Instant, options: Options): Taken {
  switch (input.type) {
    case 'message':
      return takeMessage(objects, input, now, options);
    case 'order':
      return {
        objects,
        out: [
          {
            type: 'ack',
            order: input.order.id,
            outcome: 'refused',
            detail: { zh: 'Frigate 不控制道闸', en: 'Frigate drives no barrier' },
          },
        ],
      };
    case 'stop':
      return settle(objects, () => true);
    case 'tick':
    case 'link':
    case 'bytes':
      return { objects, out: [] };
    default:
      return assertNever(input);
  }
}

function step(state: State, input: Input, now: Instant, options: Options): Step<State> {
  const taken = take(state, input, now, options);
  // `settleMs` from now at most, should the clock have been set back.
  const latest = after(now, options.settleMs);
  const waiting = taken.objects.map((object) =>
    object.sent === null && object.settleAt > latest ? { ...object, settleAt: latest } : object,
  );
  const { objects, out } = settle(waiting, ({ settleAt }) => settleAt <= now);
  const moments = objects.filter(({ sent }) => sent === null).map(({ settleAt }) => settleAt);
  const wakeAt = moments.length === 0 ? null : (Math.min(...moments) as Instant);
  return { state: { objects }, out: [...taken.out, ...out], wakeAt };
}

export const frigateMqtt: MqttDriver<Options, State> = {
  model: 'frigate-mqtt',
  title: 'Frigate plate recognition over MQTT',
  transport: 'mqtt',
  roles: ['camera'],
  options,
  topics: ({ topicPrefix }): Topics => ({
    up: [`${topicPrefix}/tracked_object_update`, `${topicPrefix}/available`],
    down: [],
  }),
  init: () => ({ objects: [] }),
  step,
};
