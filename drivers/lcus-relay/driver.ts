/**
 * LCUS relay boards (a CH340 and up to 16 relays): `A0 channel operation sum`, 9600 8N1. The board answers nothing that
 * can be relied on and has no pulse of its own, so the pulse is ours, and a coil that a crash left on is put off as
 * soon as the line is up again.
 */
import { assertNever, type Said } from '../../src/core/errors.ts';
import { after, type Instant } from '../../src/core/time.ts';
import { type Input, type Order, type Output, type SerialDriver, type Step, z } from '../contract.ts';

/** Boards need this long between two commands, in ms; a command that comes sooner may be lost. */
const GAP_MS = 50;
/** More orders than a lane can ever need within a few gaps. */
const MAX_WAITING = 16;

const options = z.strictObject({
  channels: z
    .array(z.int().min(1).max(16))
    .min(1)
    .max(16)
    .default([1])
    .describe('The relays that Gatepost drives, from 1. All of them are put off when the line comes up and at stop.')
    .meta({ zh: 'Gatepost 控制的继电器，从 1 起。连接建立和停止时全部断开。' }),
  pulseMs: z
    .int()
    .min(100)
    .max(5_000)
    .default(500)
    .describe('How long a relay stays on to raise the arm, in ms (100 to 5000).')
    .meta({ zh: '抬杆时继电器吸合多久，单位毫秒（100 到 5000）。' }),
});

export type Options = z.output<typeof options>;

/** `offAt` is when the coil is to be put off; null when it is off as far as we know. */
interface Coil {
  readonly channel: number;
  readonly offAt: Instant | null;
}

export interface State {
  /** After a stop the relays are still put off, and no order is taken. */
  readonly line: 'down' | 'up' | { zh: '正在停止'; en: 'stopping' };
  /** No command before this moment. */
  readonly quietUntil: Instant;
  readonly coils: readonly Coil[];
  /** Orders not written yet, oldest first, at most {@link MAX_WAITING}. */
  readonly waiting: readonly Order[];
  /** What is left of the last command's echo: some boards send each command back. */
  readonly echo: readonly number[];
}

/** The four bytes that switch a relay (channel 1 to 16). */
function command(channel: number, on: boolean): Uint8Array {
  const operation = on ? 1 : 0;
  return Uint8Array.of(0xa0, channel, operation, (0xa0 + channel + operation) & 0xff);
}

function allOff(state: State, at: Instant | null): readonly Coil[] {
  return state.coils.map(({ channel }) => ({ channel, offAt: at }));
}

function refuse(orders: readonly Order[], detail: Said): Output[] {
  return orders.map((order) => ({ type: 'ack', order: order.id, outcome: 'refused', detail }));
}

/** Writes what is due, one command at most: the next may only follow after the gap. Coils that are due off go first. */
function pump(state: State, now: Instant, { pulseMs }: Options): Step<State> {
  // A clock that was set back must not keep an arm's relay on for longer than one pulse more.
  const quietUntil = earlier(state.quietUntil, after(now, GAP_MS));
  const coils = state.coils.map(({ channel, offAt }) => ({
    channel,
    offAt: offAt === null ? null : earlier(offAt, after(now, pulseMs)),
  }));
  const expired = state.waiting.filter((order) => now > order.deadline);
  const live = state.waiting.filter((order) => now <= order.deadline);
  const free = state.line !== 'down' && now >= quietUntil;
  const due = free ? coils.find(({ offAt }) => offAt !== null && offAt <= now) : undefined;
  const order = free && !due ? live[0] : undefined;

  const out: Output[] = expired.map(({ id }) => ({ type: 'ack', order: id, outcome: 'expired' }));
  const channel = due?.channel ?? order?.output;
  if (channel === undefined) return settled({ ...state, quietUntil, coils, waiting: live }, out);
  const bytes = command(channel, order !== undefined);
  out.push({ type: 'write', bytes });
  if (order) out.push({ type: 'ack', order: order.id, outcome: 'sent' });
  const offAt = order ? after(now, pulseMs) : null;
  const next: State = {
    line: state.line,
    quietUntil: after(now, GAP_MS),
    coils: coils.map((coil) => (coil.channel === channel ? { channel, offAt } : coil)),
    waiting: live.filter((one) => one !== order),
    echo: [...bytes],
  };
  return settled(next, out);
}

function earlier(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}

function settled(state: State, out: readonly Output[]): Step<State> {
  const { line, quietUntil, coils, waiting } = state;
  if (line === 'down') return { state, out, wakeAt: null };
  const moments: number[] = coils.flatMap(({ offAt }) => (offAt === null ? [] : [offAt]));
  if (waiting.length > 0) moments.push(quietUntil);
  const wakeAt = moments.length === 0 ? null : (Math.max(quietUntil, Math.min(...moments)) as Instant);
  return { state, out, wakeAt };
}

function takeOrder(state: State, order: Order, now: Instant): { readonly state: State; readonly out: Output[] } {
  if (now > order.deadline) return { state, out: [{ type: 'ack', order: order.id, outcome: 'expired' }] };
  if (state.line !== 'up')
    return {
      state,
      out: refuse(
        [order],
        state.line === 'down' ? { zh: '没有连接', en: 'no connection' } : { zh: '正在停止', en: 'stopping' },
      ),
    };
  // A relay that is not listed would not be put off after a crash.
  if (!state.coils.some(({ channel }) => channel === order.output))
    return {
      state,
      out: refuse([order], {
        zh: `继电器 ${order.output} 不在配置的通道中`,
        en: `relay ${order.output} is not among the configured channels`,
      }),
    };
  if (state.waiting.length >= MAX_WAITING)
    return { state, out: refuse([order], { zh: '等待的指令过多', en: 'too many orders waiting' }) };
  return { state: { ...state, waiting: [...state.waiting, order] }, out: [] };
}

/** Boards that echo say nothing new; anything else on this line is noise or the wrong device, and is counted. */
function takeBytes(state: State, bytes: Uint8Array): { readonly state: State; readonly out: Output[] } {
  let same = 0;
  while (same < bytes.length && same < state.echo.length && bytes[same] === state.echo[same]) same += 1;
  const rest = bytes.length - same;
  if (rest === 0) return { state: { ...state, echo: state.echo.slice(same) }, out: [] };
  const detail = {
    zh: '继电器板发来的数据不是指令的回显',
    en: 'the board sent something that is no echo of a command',
  };
  return {
    state: { ...state, echo: [] },
    out: [{ type: 'discarded', reason: 'unexpected', detail, bytes: rest }],
  };
}

function take(state: State, input: Input, now: Instant): { readonly state: State; readonly out: Output[] } {
  switch (input.type) {
    case 'link': {
      const out = refuse(state.waiting, { zh: '没有连接', en: 'no connection' });
      // A board that was powered all along may hold a coil on from a pulse that nobody ended.
      const coils = allOff(state, input.up ? now : null);
      const line = input.up ? 'up' : 'down';
      return { state: { ...state, line, coils, waiting: [], echo: [] }, out };
    }
    case 'order':
      return takeOrder(state, input.order, now);
    case 'bytes':
      return takeBytes(state, input.bytes);
    case 'tick':
    case 'message':
      return { state, out: [] };
    case 'stop':
      return stop(state, now);
    default:
      return assertNever(input);
  }
}

/**
 * Puts every relay off at once, the running ones first, because nothing may come after a stop. If ticks do come, the
 * same is written again with the gaps that the board wants.
 */
function stop(state: State, now: Instant): { readonly state: State; readonly out: Output[] } {
  const out = refuse(state.waiting, { zh: '正在停止', en: 'stopping' });
  if (state.line === 'down') return { state: { ...state, waiting: [] }, out };
  const running = [...state.coils].sort((a, b) => Number(b.offAt !== null) - Number(a.offAt !== null));
  for (const { channel } of running) out.push({ type: 'write', bytes: command(channel, false) });
  const coils = running.map(({ channel }) => ({ channel, offAt: now }));
  return {
    state: { line: { zh: '正在停止', en: 'stopping' }, coils, waiting: [], echo: [], quietUntil: after(now, GAP_MS) },
    out,
  };
}

export const lcusRelay: SerialDriver<Options, State> = {
  model: 'lcus-relay',
  title: 'LCUS USB relay board (CH340)',
  transport: 'serial',
  roles: ['barrier'],
  options,
  line: { baudRate: 9_600 },
  init: ({ channels }) => ({
    line: 'down',
    quietUntil: 0 as Instant,
    coils: channels.map((channel) => ({ channel, offAt: null })),
    waiting: [],
    echo: [],
  }),
  step(state, input, now, settings) {
    const taken = take(state, input, now);
    const pumped = pump(taken.state, now, settings);
    return { ...pumped, out: [...taken.out, ...pumped.out] };
  },
};
