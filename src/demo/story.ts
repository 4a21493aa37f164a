/** The demo's story: two cars pass the real wires, and each step says what happened and how long it took. */
import { randomInt } from 'node:crypto';
import { fen, yuan } from '../core/money.ts';
import { after, formatLocal, HOUR, MINUTE, type Zone } from '../core/time.ts';
import type { Clock } from '../gateway/ports.ts';
import type { VirtualCamera } from './camera.ts';
import { DEMO_PARK } from './config.ts';

export interface StoryParts {
  readonly entry: VirtualCamera;
  readonly exit: VirtualCamera;
  /** Where Mallcoo's calls are served: `http://127.0.0.1:8080`. */
  readonly mallcoo: string;
  readonly clock: Clock;
  readonly zone: Zone;
  readonly tell: (line: string) => void;
}

/** An arm that has not risen by then never will: its order has expired. */
const PATIENCE_MS = 6_000;

type Fields = Readonly<Record<string, string | number>>;

/** Plays the story to its end. @throws Error with the step that did not work. */
export async function playStory(parts: StoryParts): Promise<void> {
  const { entry, exit, clock, zone, tell } = parts;
  const [visitor, shopper] = [randomPlate(), randomPlate()];
  let step = 0;
  const say = (what: string, ms: number): void => {
    step += 1;
    tell(`  ${String(step).padStart(2)}. ${what} ${'·'.repeat(Math.max(3, 84 - width(what)))} ${ms.toFixed(1)} ms`);
  };

  say(`${visitor} comes to in-1: camera → broker → gate → journal → the arm rises`, await pass(entry, visitor));

  const cameAt = after(clock.now(), -(2 * HOUR + 20 * MINUTE));
  const began = performance.now();
  await entry.recall(shopper, cameAt);
  say(
    `${shopper} came at ${formatLocal(cameAt, zone).slice(11)}, during an outage: history, opens nothing`,
    performance.now() - began,
  );

  const asked = await call(parts, 'GetParkingPaymentInfo', { plateNo: shopper });
  const due = fen(asked.number('unPayAmount'));
  say(`Mallcoo asks the fee: ${asked.number('parkingMinutes')} minutes, ${yuan(due)} to pay`, asked.ms);

  const coupon = await call(parts, 'GetParkingPaymentInfo', { plateNo: shopper, freeMinutes: 60 });
  const worth = fen(coupon.number('deductionAmount'));
  say(`a coupon of 60 minutes is tried: worth ${yuan(worth)}; nothing is booked`, coupon.ms);

  const notice: Fields = {
    feeId: asked.text('feeId'),
    orderNo: `DEMO${clock.now()}`,
    thirdTradeNo: `WX${clock.now()}`,
    plateNo: shopper,
    payTime: formatLocal(clock.now(), zone),
    unPayAmount: due,
    amount: due - worth,
    deductionAmount: worth,
    payChannel: 0,
    payType: 3,
  };
  const paid = await call(parts, 'PayParkingFee', notice);
  say(`paid: ${yuan(fen(due - worth))} by WeChat, ${yuan(worth)} by coupon; on disk before the answer`, paid.ms);
  const retry = await call(parts, 'PayParkingFee', notice);
  const after2 = await call(parts, 'GetParkingPaymentInfo', { plateNo: shopper });
  expectEqual('paidAmount after a retry', after2.number('paidAmount'), due);
  say('the notice comes twice: the same answer, booked once', retry.ms);

  say(`${shopper} drives to out-1: paid, the arm rises`, await pass(exit, shopper));
  say(`${visitor} leaves within its free minutes: the arm rises`, await pass(exit, visitor));
}

/** A vehicle at a camera: the ms from its message to the open order reaching the camera. */
async function pass(camera: VirtualCamera, plate: string): Promise<number> {
  const pulse = camera.nextPulse();
  const began = performance.now();
  const seen = camera.see(plate);
  let timer: NodeJS.Timeout | undefined;
  const impatient = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the arm did not rise for ${plate}`)), PATIENCE_MS);
  });
  try {
    const at = await Promise.race([pulse, impatient]);
    await seen;
    return at - began;
  } finally {
    clearTimeout(timer);
  }
}

interface Answer {
  readonly ms: number;
  text(field: string): string;
  number(field: string): number;
}

async function call({ mallcoo }: StoryParts, name: string, fields: Fields): Promise<Answer> {
  const began = performance.now();
  const response = await fetch(`${mallcoo}/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ parkId: DEMO_PARK, ...fields }),
  });
  const body: unknown = await response.json();
  const ms = performance.now() - began;
  const values = new Map(Object.entries(typeof body === 'object' && body !== null ? body : {}));
  if (values.get('resCode') !== 0) throw new Error(`${name} was refused: ${JSON.stringify(body)}`);
  return { ms, text: (field) => String(values.get(field) ?? ''), number: (field) => Number(values.get(field)) };
}

function expectEqual(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`${what} is ${found}, and should be ${expected}`);
}

function randomPlate(): string {
  const letter = 'ABCDEFGHJKLMNPQRSTUVWXYZ'.charAt(randomInt(24));
  return `粤${letter}${String(randomInt(100_000)).padStart(5, '0')}`;
}

/** Columns in a terminal: Chinese characters take two. */
function width(text: string): number {
  return [...text].reduce((sum, char) => sum + (/[\u2e80-\u9fff\uff00-\uffef]/u.test(char) ? 2 : 1), 0);
}
