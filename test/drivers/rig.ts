/** A driver on the test bench: its machine with a clock of its own, and its state open to view. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeviceReading, Input, MqttDriver, Order, Output, SerialDriver } from '../../drivers/contract.ts';
import { VECTOR_EPOCH, type Vector } from '../../drivers/vector.ts';
import { credentialText } from '../../src/core/park/model.ts';
import { after, type Instant } from '../../src/core/time.ts';

/** More ticks than any machine may want in a test: one that asks for ever fails instead of hanging. */
const MAX_TICKS = 2_000;

export interface Rig {
  now(): Instant;
  /** Gives one input now. */
  give(input: Input): readonly Output[];
  /** Lets `ms` pass, with a tick at every moment that the machine asked for. */
  pass(ms: number): readonly Output[];
  /** Lets the clock come to this moment without a tick. */
  set(now: Instant): void;
  /** Somebody sets the clock back. Timers run on: the tick asked for comes when it would have come. */
  setBack(ms: number): void;
  wakeAt(): Instant | null;
  /** How large the state is, in characters of JSON. Every state is plain data. */
  size(): number;
}

/** Puts a driver on the bench. `watch` sees the outputs of every step. */
export function rigOf<C, S>(
  driver: MqttDriver<C, S> | SerialDriver<C, S>,
  raw: unknown,
  watch: (out: readonly Output[], now: Instant) => void = () => {},
): Rig {
  const options = driver.options.parse(raw);
  let state = driver.init(options);
  let now: Instant = VECTOR_EPOCH;
  let wakeAt: Instant | null = null;

  function give(input: Input): readonly Output[] {
    const step = driver.step(state, input, now, options);
    state = step.state;
    wakeAt = step.wakeAt;
    watch(step.out, now);
    return step.out;
  }

  return {
    now: () => now,
    give,
    pass(ms) {
      const end = after(now, ms);
      const out: Output[] = [];
      for (let ticks = 0; wakeAt !== null && wakeAt <= end; ticks += 1) {
        if (ticks > MAX_TICKS) throw new Error(`the machine wants more than ${MAX_TICKS} ticks`);
        now = wakeAt > now ? wakeAt : now;
        out.push(...give({ type: 'tick' }));
      }
      now = end;
      return out;
    },
    set(moment) {
      now = moment;
    },
    setBack(ms) {
      now = after(now, -ms);
      if (wakeAt !== null) wakeAt = after(wakeAt, -ms);
    },
    wakeAt: () => wakeAt,
    size: () => JSON.stringify(state).length,
  };
}

/** Gives each input at its moment, counted from the vectors' epoch; no ticks but those given. */
export function play(rig: Rig, given: Vector['given']): readonly Output[] {
  return given.flatMap(([ms, input]) => {
    rig.set(after(VECTOR_EPOCH, ms));
    return rig.give(input);
  });
}

/** One test for each vector of a driver. */
export function testVectors(rig: () => Rig, vectors: readonly Vector[]): void {
  for (const { name, given, expected } of vectors) {
    test(`vector: ${name}`, () => assert.deepEqual(play(rig(), given), expected));
  }
}

export const UP: Input = { type: 'link', up: true };
export const DOWN: Input = { type: 'link', up: false };

/** An order that stays good for `forMs` from now. */
export function orderAt(
  rig: Rig,
  id: string,
  output = 0,
  forMs = 5_000,
): { readonly type: 'order'; readonly order: Order } {
  return { type: 'order', order: { id, type: 'open', output, deadline: after(rig.now(), forMs) } };
}

export function readingsIn(out: readonly Output[]): readonly DeviceReading[] {
  return out.flatMap((one) => (one.type === 'reading' ? [one.reading] : []));
}

/** What the readings name, as texts. */
export function namesIn(out: readonly Output[]): readonly string[] {
  return readingsIn(out).map(({ credential }) => credentialText(credential));
}

/** The outcomes of orders, as `id outcome`. */
export function acksIn(out: readonly Output[]): readonly string[] {
  return out.flatMap((one) => (one.type === 'ack' ? [`${one.order} ${one.outcome}`] : []));
}

/** A message as it comes from a broker. */
export function messageOf({ topic, payload }: { readonly topic: string; readonly payload: string }): Input {
  return { type: 'message', topic, payload: new TextEncoder().encode(payload), retained: false };
}
