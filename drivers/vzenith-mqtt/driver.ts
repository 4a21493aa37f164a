/**
 * Vzenith (臻识) plate cameras over MQTT, protocol v1.1.14: plates up, the barrier's output down. The camera answers
 * each command on the command's topic plus `/reply`.
 */
import { assertNever, type Said } from '../../src/core/errors.ts';
import { after, type Instant, SECOND } from '../../src/core/time.ts';
import {
  type Discard,
  type Input,
  type MqttDriver,
  type Order,
  type Output,
  type Step,
  type Topics,
  z,
} from '../contract.ts';
import { field, numberOf, textOf } from '../json.ts';
import { readBody, readRecognition } from './recognition.ts';

/** Orders that wait for an answer at a time; a lane needs one. */
const MAX_PENDING = 16;

const topic = (describe: string, zh: string, example: string) =>
  z
    .string()
    .regex(/^[^+#\0]+$/, `a topic without wildcards, for example ${example}`)
    .max(200)
    .default(example)
    .describe(describe)
    .meta({ zh });

const options = z.strictObject({
  sn: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, "the camera's serial number: letters, digits, - and _")
    .describe("The camera's serial number, as it stands on its label and web page. Required.")
    .meta({ zh: '相机序列号，见机身标签和网页。必填。' }),
  upPrefix: topic(
    "What the camera's own topics begin with; `{sn}` is its serial number.",
    '相机上报主题的开头；`{sn}` 是序列号。',
    'device/{sn}/message/up/',
  ),
  downPrefix: topic(
    'What the topics of its commands begin with; `{sn}` as above.',
    '指令主题的开头；`{sn}` 同上。',
    'device/{sn}/message/down/',
  ),
  heartbeatTopic: topic(
    "The heartbeat's topic; `{sn}` as above.",
    '心跳主题；`{sn}` 同上。',
    '$/device/{sn}/message/up/keep_alive',
  ),
  silentAfterSeconds: z
    .int()
    .min(5)
    .max(3_600)
    .default(30)
    .describe('Silence after which the camera is reported, in seconds (5 to 3600). It beats every 5 or 10 s.')
    .meta({ zh: '相机多久没有消息就报故障，单位秒（5 到 3600）。它每 5 或 10 秒一次心跳。' }),
  pulseMs: z
    .int()
    .min(500)
    .max(5_000)
    .default(500)
    .describe('How long the output stays on to raise the arm, in ms (500 to 5000, what the camera allows).')
    .meta({ zh: '抬杆时输出保持多久，单位毫秒（500 到 5000，相机允许的范围）。' }),
  replyTimeoutMs: z
    .int()
    .min(200)
    .max(30_000)
    .default(2_000)
    .describe("How long to wait for the camera's answer to an open order, in ms (200 to 30000).")
    .meta({ zh: '等待相机应答抬杆指令多久，单位毫秒（200 到 30000）。' }),
});

export type Options = z.output<typeof options>;

interface Pending {
  readonly order: string;
  /** The `id` of the message that carried it; the answer has the same. */
  readonly id: string;
  readonly answerBy: Instant;
}

export interface State {
  readonly up: boolean;
  /** The last sign of life, or when the wire came up. */
  readonly heardAt: Instant;
  readonly silent: boolean;
  /** Orders sent and not answered, at most {@link MAX_PENDING}. */
  readonly pending: readonly Pending[];
  /** Orders sent so far: makes the ids of messages differ. */
  readonly sent: number;
}

interface Taken {
  readonly state: State;
  readonly out: readonly Output[];
}

const fill = (template: string, sn: string): string => template.replaceAll('{sn}', sn);

/**
 * The id of a command's message: a UUID of version 8 (RFC 9562), of the moment, a count, and in its last group the
 * digits of the order's id, so that a capture of the wire can be read beside the journal.
 */
function messageId(order: string, count: number, now: Instant): string {
  const time = now.toString(16).padStart(12, '0').slice(-12);
  const number = order.replaceAll(/\D/g, '').padStart(12, '0').slice(-12);
  const counted = (count % 0x1000).toString(16).padStart(3, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-8${counted}-8000-${number}`;
}

function takeOrder(state: State, order: Order, now: Instant, options: Options): Taken {
  const answer = (outcome: 'expired' | 'refused', detail?: Said): Taken => ({
    state,
    out: [{ type: 'ack', order: order.id, outcome, ...(detail === undefined ? {} : { detail }) }],
  });
  if (now > order.deadline) return answer('expired');
  if (!state.up) return answer('refused', { zh: '没有连接', en: 'no connection' });
  if (state.pending.length >= MAX_PENDING)
    return answer('refused', { zh: '没有应答的指令过多', en: 'too many orders without an answer' });
  const { sn, downPrefix, pulseMs, replyTimeoutMs } = options;
  const id = messageId(order.id, state.sent, now);
  const payload = JSON.stringify({
    id,
    sn,
    name: 'gpio_out',
    version: '1.0',
    timestamp: Math.floor(now / SECOND),
    payload: { type: 'gpio_out', body: { delay: pulseMs, io: order.output, value: 2 } },
  });
  const pending = [...state.pending, { order: order.id, id, answerBy: after(now, replyTimeoutMs) }];
  return {
    state: { ...state, pending, sent: state.sent + 1 },
    // QoS 0: neither a broker nor a client keeps it for a camera that is away, to raise the arm when it comes back.
    // What QoS 1 would tell us, the camera's reply tells better.
    out: [{ type: 'publish', topic: `${fill(downPrefix, sn)}gpio_out`, payload }],
  };
}

/** Orders that were sent and whose answer will not come: nobody knows whether the arm rose. */
function giveUp(pending: readonly Pending[], detail: Said): Output[] {
  return pending.map(({ order }) => ({ type: 'ack', order, outcome: 'uncertain', detail }));
}

function takeReply(state: State, body: unknown, bytes: number): Taken {
  const id = textOf(field(body, 'id'));
  const answered = state.pending.find((one) => one.id === id);
  if (!answered)
    return discarded(
      state,
      'unexpected',
      { zh: '应答不对应任何等待中的指令', en: 'an answer to no order that waits' },
      bytes,
    );
  const code = numberOf(field(body, 'code'));
  const pending = state.pending.filter((one) => one !== answered);
  const ack: Output =
    code === 200
      ? { type: 'ack', order: answered.order, outcome: 'confirmed' }
      : {
          type: 'ack',
          order: answered.order,
          outcome: 'refused',
          detail: { zh: `相机应答代码 ${code ?? '?'}`, en: `the camera answered code ${code ?? '?'}` },
        };
  return { state: { ...state, pending }, out: [ack] };
}

function discarded(state: State, reason: Discard['reason'], detail: Said, bytes: number): Taken {
  return { state, out: [{ type: 'discarded', reason, detail, bytes }] };
}

/** What kind of message a topic carries; undefined when the topic is not the camera's. */
function kindOf(topic: string, { sn, upPrefix, downPrefix, heartbeatTopic }: Options): string | undefined {
  const down = fill(downPrefix, sn);
  if (topic === `${down}gpio_out/reply`) return 'reply';
  if (topic === fill(heartbeatTopic, sn)) return 'keep_alive';
  if (topic.startsWith(down) && topic.endsWith('/reply')) return 'otherReply';
  const up = fill(upPrefix, sn);
  return topic.startsWith(up) ? topic.slice(up.length) : undefined;
}

type Message = Extract<Input, { readonly type: 'message' }>;

function takeMessage(state: State, message: Message, now: Instant, options: Options): Taken {
  const { topic, payload, retained } = message;
  const kind = kindOf(topic, options);
  if (kind === undefined)
    return discarded(
      state,
      'unknownTopic',
      { zh: '不是本设备订阅的主题', en: 'a topic that was not asked for' },
      payload.length,
    );
  // Kept by the broker from some time ago: not live, and no sign of life.
  if (retained)
    return discarded(
      state,
      'retained',
      { zh: `服务器保留的 ${kind.slice(0, 32)}`, en: `a retained ${kind.slice(0, 32)}` },
      payload.length,
    );
  const body = readBody(payload);
  const sn = textOf(field(body, 'sn'));
  if (sn !== undefined && sn !== options.sn)
    return discarded(
      state,
      'unexpected',
      { zh: '消息里是另一个序列号', en: 'the message names another serial number' },
      payload.length,
    );

  const silent: Output[] = state.silent ? [{ type: 'clear', fault: 'DEVICE_SILENT' }] : [];
  const alive: State = { ...state, heardAt: now, silent: false };
  const taken = takeKind(alive, kind, body, payload.length, now, options);
  return { state: taken.state, out: [...silent, ...taken.out] };
}

function takeKind(state: State, kind: string, body: unknown, bytes: number, now: Instant, options: Options): Taken {
  switch (kind) {
    case 'reply':
      return takeReply(state, body, bytes);
    case 'ivs_result':
    case 'quick_ivs_result': {
      if (body === undefined) return discarded(state, 'unreadable', { zh: '不是 JSON', en: 'not JSON' }, bytes);
      const recognised = readRecognition(body, options.sn, now);
      if (recognised.type === 'unusable') return discarded(state, recognised.reason, recognised.why, bytes);
      return { state, out: recognised.readings.map((reading) => ({ type: 'reading', reading })) };
    }
    default:
      // Heartbeats, inputs, serial data, snapshots, the state of the gate: signs of life, and nothing more to us.
      return { state, out: [] };
  }
}

function take(state: State, input: Input, now: Instant, options: Options): Taken {
  switch (input.type) {
    case 'link': {
      const out = giveUp(state.pending, { zh: '连接已断开', en: 'the connection was lost' });
      return { state: { ...state, up: input.up, heardAt: now, pending: [] }, out };
    }
    case 'message':
      return takeMessage(state, input, now, options);
    case 'order':
      return takeOrder(state, input.order, now, options);
    case 'stop':
      return {
        state: { ...state, up: false, pending: [] },
        out: giveUp(state.pending, { zh: '正在停止', en: 'stopping' }),
      };
    case 'tick':
    case 'bytes':
      return { state, out: [] };
    default:
      return assertNever(input);
  }
}

/** What time alone brings about: answers that did not come, and silence. A clock that was set back only waits anew. */
function elapse(state: State, now: Instant, { replyTimeoutMs, silentAfterSeconds }: Options): Step<State> {
  const latest = after(now, replyTimeoutMs);
  const waiting = state.pending.map((one) => (one.answerBy > latest ? { ...one, answerBy: latest } : one));
  const late = waiting.filter(({ answerBy }) => answerBy <= now);
  const pending = waiting.filter(({ answerBy }) => answerBy > now);
  const out = giveUp(late, { zh: `${replyTimeoutMs} ms 内没有应答`, en: `no answer within ${replyTimeoutMs} ms` });

  const heardAt = state.heardAt > now ? now : state.heardAt;
  const silentAt = after(heardAt, silentAfterSeconds * SECOND);
  const fellSilent = state.up && !state.silent && now >= silentAt;
  if (fellSilent) out.push({ type: 'raise', fault: 'DEVICE_SILENT', detail: `${silentAfterSeconds} s` });
  const silent = state.silent || fellSilent;

  const moments: number[] = pending.map(({ answerBy }) => answerBy);
  if (state.up && !silent) moments.push(silentAt);
  const wakeAt = moments.length === 0 ? null : (Math.min(...moments) as Instant);
  return { state: { ...state, pending, heardAt, silent }, out, wakeAt };
}

export const vzenithMqtt: MqttDriver<Options, State> = {
  model: 'vzenith-mqtt',
  title: 'Vzenith (臻识) camera over MQTT',
  transport: 'mqtt',
  roles: ['camera', 'barrier'],
  options,
  topics({ sn, upPrefix, downPrefix, heartbeatTopic }): Topics {
    const down = fill(downPrefix, sn);
    // The heartbeat by its name: a filter never matches a topic that begins with `$`.
    return { up: [`${fill(upPrefix, sn)}+`, fill(heartbeatTopic, sn), `${down}+/reply`], down: [`${down}#`] };
  },
  init: () => ({ up: false, heardAt: 0 as Instant, silent: false, pending: [], sent: 0 }),
  step(state, input, now, settings) {
    const taken = take(state, input, now, settings);
    const elapsed = elapse(taken.state, now, settings);
    return { ...elapsed, out: [...taken.out, ...elapsed.out] };
  },
};
