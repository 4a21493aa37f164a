/**
 * Runs one device: feeds its machine with what comes from the wire, the clock and the gateway, and carries out what the
 * machine answers. The machine decides everything about the protocol; this decides nothing about it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceReading, Driver, Input, Machine, Order, Output } from '../../drivers/contract.ts';
import { assertNever, ERRORS, type Said, type Sentence } from '../core/errors.ts';
import type { DeviceId, LaneId, ParkId, VisitId } from '../core/ids.ts';
import { fill } from '../core/sentence.ts';
import { type Instant, SECOND } from '../core/time.ts';
import {
  type Clock,
  type Faults,
  type Gateway,
  GatewayBusy,
  GatewayFull,
  GatewayStopped,
  type Log,
} from '../gateway/ports.ts';
import { type DeviceCounts, type DeviceStats, deviceCounts } from './counts.ts';
import { ignore, type Message, type Sent, within } from './link.ts';
import { type OrderResult, orderBook, sendFailure } from './orders.ts';
import { type Ticker, ticker } from './ticker.ts';

/** The way out to the device. */
export interface Wire {
  write(bytes: Uint8Array): Promise<Sent>;
  publish(topic: string, payload: string): Promise<Sent>;
}

export interface RuntimeParts {
  readonly device: DeviceId;
  readonly driver: Driver;
  /** As configured, and checked. */
  readonly options: unknown;
  /** The lanes whose camera or scanner the device is. */
  readonly lanes: readonly { readonly park: ParkId; readonly lane: LaneId }[];
  readonly wire: Wire;
  readonly gateway: Pick<Gateway, 'submit'>;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly log: Log;
  readonly newVisitId: () => VisitId;
  /** How long a machine may take to answer an order, in ms; then nobody knows, and it may no longer be sent. */
  readonly orderTimeoutMs: number;
}

export const DEFAULT_ORDER_TIMEOUT_MS = 10 * SECOND;

export interface DeviceRuntime {
  link(up: boolean): void;
  bytes(bytes: Uint8Array): void;
  /**
   * Resolves when what the message led to is on disk.
   * @throws GatewayBusy, GatewayFull, GatewayStopped when it is not; the same message may then come again.
   */
  message(message: Message): Promise<void>;
  /** Never rejects, and resolves in bounded time. */
  order(order: Order): Promise<OrderResult>;
  /** Lets the machine leave its device safe. Resolves in bounded time; afterwards nothing is taken any more. */
  stop(): Promise<void>;
  stats(): DeviceStats;
  contact(): Contact;
}

/** How the device is heard. */
export interface Contact {
  /** Whether messages or bytes can flow: the wire is open. It says nothing of who is at its other end. */
  readonly up: boolean;
  /** When the last message or bytes came; null before the first. */
  readonly heard: Instant | null;
}

/** What carrying out one step has begun. */
interface Begun {
  readonly submits: readonly Promise<void>[];
  readonly sends: readonly Promise<Sent>[];
}

const NOTHING: Begun = { submits: [], sends: [] };
const STOP_LIMIT = 2 * SECOND;
/** How long a machine that asks for ticks after a stop gets them, in ms: sixteen relays, 50 ms apart. */
const STOP_GRACE = SECOND;

const RESTARTED: Sentence = {
  zh: '驱动程序 {model} 处理 {input} 时出错，已重新启动',
  en: 'the driver {model} threw on {input} and was started again',
};
const THREW: Sentence = { zh: '驱动程序处理 {input} 时出错', en: 'the driver threw on {input}' };
const THREW_AT_ONCE: Sentence = { zh: '驱动程序一启动就出错', en: 'the driver threw on its first input' };
const STOPPING: Sentence = { zh: '网关正在停止', en: 'the daemon stops' };
const TWICE: Sentence = { zh: '同一指令正在执行', en: 'the same order is under way' };
const NO_LANE: Sentence = {
  zh: '没有车道使用此设备作相机或扫码器',
  en: 'no lane has this device as its camera or scanner',
};

export function deviceRuntime(parts: RuntimeParts): DeviceRuntime {
  const { device, driver, faults, log, orderTimeoutMs } = parts;
  const counts = deviceCounts(device, parts.clock, log);
  const orders = orderBook(orderTimeoutMs);
  const time: Ticker = ticker(parts.clock, () => void feed({ type: 'tick' }));
  let machine: Machine = driver.start(parts.options);
  let linkUp = false;
  /** `stopping`: nothing is taken but ticks. */
  let phase: 'running' | 'stopping' | 'stopped' = 'running';

  function feed(input: Input): Begun {
    if (phase === 'stopped' || (phase === 'stopping' && input.type !== 'tick')) return NOTHING;
    try {
      return run(input);
    } catch (error) {
      restart(input, error);
      return NOTHING;
    }
  }

  function run(input: Input): Begun {
    const { out, wakeAt } = machine.step(input, time.now());
    time.wake(wakeAt);
    return carryOut(out);
  }

  /**
   * A machine that throws breaks its contract. The gate goes on with a fresh one, which learns whether the link is up;
   * the input is dropped (offered again it would throw again), and what became of open orders nobody knows.
   */
  function restart(input: Input, error: unknown): void {
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.info(fill(RESTARTED, { model: driver.model, input: input.type }), { device, trace });
    counts.discard('crash', fill(THREW, { input: input.type }), input.type === 'bytes' ? input.bytes.length : 0);
    orders.settleAll({ outcome: 'uncertain', detail: { zh: '驱动程序出错', en: 'the driver failed' } });
    time.wake(null);
    machine = driver.start(parts.options);
    try {
      run({ type: 'link', up: linkUp });
    } catch {
      counts.discard('crash', THREW_AT_ONCE, 0);
    }
  }

  function carryOut(out: readonly Output[]): Begun {
    const submits: Promise<void>[] = [];
    const sends: Promise<Sent>[] = [];
    for (const output of out) {
      switch (output.type) {
        case 'write':
          sends.push(parts.wire.write(output.bytes));
          break;
        case 'publish':
          sends.push(parts.wire.publish(output.topic, output.payload));
          break;
        case 'reading':
          submits.push(submitReading(parts, counts, output.reading));
          break;
        case 'ack':
          // Not before what it speaks of has gone out.
          void settle(output.order, [...sends], { outcome: output.outcome, detail: output.detail ?? null });
          break;
        case 'discarded':
          counts.discard(output.reason, output.detail, output.bytes);
          break;
        case 'raise':
          faults.raise(output.fault, device, output.detail);
          break;
        case 'clear':
          faults.clear(output.fault, device);
          break;
        default:
          assertNever(output);
      }
    }
    return { submits, sends };
  }

  async function settle(id: string, sends: readonly Promise<Sent>[], result: OrderResult | null): Promise<void> {
    const end = sendFailure(await Promise.all(sends)) ?? result;
    if (end !== null) orders.settle(id, end);
  }

  return {
    link(up) {
      linkUp = up;
      feed({ type: 'link', up });
    },
    bytes(bytes) {
      counts.add('bytes', bytes.length);
      // Nobody on a serial line sends again; what the gateway did not take has been counted and raised.
      for (const submitted of feed({ type: 'bytes', bytes }).submits) submitted.catch(ignore);
    },
    async message({ topic, payload, retained }) {
      if (phase !== 'running') throw new Error('the daemon stops');
      counts.add('messages', 1);
      await Promise.all(feed({ type: 'message', topic, payload, retained }).submits);
    },
    async order(order) {
      if (phase !== 'running') return { outcome: 'refused', detail: STOPPING };
      if (orders.has(order.id)) return { outcome: 'refused', detail: TWICE };
      counts.add('orders', 1);
      const result = orders.begin(order.id);
      // The machine's time may run ahead of the clock, and once we have called the order uncertain it must stay so.
      const left = Math.min(order.deadline - parts.clock.now(), orderTimeoutMs);
      const { sends } = feed({ type: 'order', order: { ...order, deadline: (time.now() + left) as Instant } });
      // The machine may wait for an answer to what never left: then the order is over now.
      void settle(order.id, sends, null);
      return result;
    },
    async stop() {
      const { sends } = feed({ type: 'stop' });
      phase = 'stopping';
      await within(STOP_LIMIT, Promise.all(sends));
      // Some boards want a pause between commands: such a machine may finish, but not for long.
      for (const end = performance.now() + STOP_GRACE; time.waiting() && performance.now() < end; ) await sleep(10);
      phase = 'stopped';
      time.wake(null);
      orders.settleAll({ outcome: 'uncertain', detail: STOPPING });
    },
    stats: counts.stats,
    contact: () => ({ up: linkUp, heard: counts.heard() }),
  };
}

/** Why the gateway did not take a reading. */
function whyNotTaken(error: unknown): Said {
  if (error instanceof GatewayBusy) return ERRORS.BUSY;
  if (error instanceof GatewayFull) return ERRORS.NO_ROOM;
  if (error instanceof GatewayStopped) return ERRORS.STOPPING;
  return error instanceof Error ? error.message : String(error);
}

/** Submits a reading for each of the device's lanes. @throws what the gateway throws, when one did not take it. */
async function submitReading(parts: RuntimeParts, counts: DeviceCounts, seen: DeviceReading): Promise<void> {
  const { device, lanes, gateway, newVisitId } = parts;
  const { recordedAt: history, ...rest } = seen;
  const reading = { device, ...rest };
  counts.add('readings', 1);
  if (lanes.length === 0) counts.discard('noLane', NO_LANE, 0);
  const submitted = lanes.map(async ({ park, lane }) => {
    try {
      await gateway.submit({ type: 'reading', park, lane, reading, history, freshVisit: newVisitId() });
    } catch (error) {
      counts.discard('notTaken', whyNotTaken(error), 0);
      throw error;
    }
  });
  await Promise.all(submitted);
}
