/** The demo's story: two cars pass the real wires, and each step says what happened and how long it took. */
import { fen, yuan } from '../core/money.ts';
import { after, formatLocal, HOUR, MINUTE, type Zone } from '../core/time.ts';
import type { Clock } from '../gateway/ports.ts';
import { type Coupon, type Mallcoo, NO_COUPON, outcomeText, type Quote } from '../mallcoo-client/mallcoo.ts';
import { accepted, SCHEDULES } from '../mallcoo-client/schedule.ts';
import { columns } from '../text-width.ts';
import type { VirtualCamera } from './camera.ts';
import { pass, randomPlate } from './cars.ts';

export interface StoryParts {
  readonly entry: VirtualCamera;
  readonly exit: VirtualCamera;
  readonly mallcoo: Mallcoo;
  /** Whether Mallcoo was told that a vehicle entered (1.4). */
  readonly knows: (plate: string) => boolean;
  readonly clock: Clock;
  readonly zone: Zone;
  readonly tell: (line: string) => void;
}

/** Plays the story to its end. @throws Error with the step that did not work. */
export async function playStory(parts: StoryParts): Promise<void> {
  const { entry, exit, mallcoo, knows, clock, zone, tell } = parts;
  const [visitor, shopper] = [randomPlate(), randomPlate()];
  let step = 0;
  const say = (what: string, ms: number): void => {
    step += 1;
    tell(`  ${String(step).padStart(2)}. ${what} ${'·'.repeat(Math.max(3, 84 - columns(what)))} ${ms.toFixed(1)} ms`);
  };

  const [raised, told] = await Promise.all([rises(entry, visitor), isTold(() => knows(visitor), visitor)]);
  say(`${visitor} comes to in-1: camera → broker → gate → journal → the arm rises`, raised);
  say('Mallcoo is told of the entry: signed, confirmed; the app knows the car', told);

  const cameAt = after(clock.now(), -(2 * HOUR + 20 * MINUTE));
  const began = performance.now();
  await entry.recall(shopper, cameAt);
  say(
    `${shopper} came at ${formatLocal(cameAt, zone).slice(11)}, during an outage: history, opens nothing`,
    performance.now() - began,
  );

  const plain = await ask(mallcoo, shopper);
  say(`Mallcoo asks the fee: ${plain.quote.parkingMinutes} minutes, ${yuan(plain.quote.due)} to pay`, plain.ms);

  const { quote, ms } = await ask(mallcoo, shopper, { minutes: 60, amount: fen(0) });
  say(`a coupon of 60 minutes is tried: worth ${yuan(quote.deduction)}; nothing is booked`, ms);

  const order = await mallcoo.pay(quote, { payType: 3, schedule: SCHEDULES.immediate, copies: 1, loseAnswers: 0 });
  const [answer] = order.delivery.outcomes;
  if (!answer || !order.delivery.acknowledged) throw new Error(`not paid: ${answer ? outcomeText(answer) : ''}`);
  const { amount, deduction } = order;
  say(`paid: ${yuan(amount)} by WeChat, ${yuan(deduction)} by coupon; on disk before the answer`, answer.ms);
  const retry = await mallcoo.notify(order.notice);
  if (!accepted(retry)) throw new Error(`the notice sent again was refused: ${outcomeText(retry)}`);
  const { paid } = (await ask(mallcoo, shopper)).quote;
  if (paid !== quote.due) throw new Error(`paidAmount after a retry is ${paid}, and should be ${quote.due}`);
  say('the notice comes twice: the same answer, booked once', retry.ms);

  say(`${shopper} drives to out-1: paid, the arm rises`, await rises(exit, shopper));
  say(`${visitor} leaves within its free minutes: the arm rises`, await rises(exit, visitor));
}

/** Nothing in the story takes as long as this, in ms. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 1;

/** @returns how long it took until Mallcoo knew, in ms. @throws Error when it is not told in time. */
async function isTold(knows: () => boolean, plate: string): Promise<number> {
  const began = performance.now();
  while (!knows()) {
    if (performance.now() - began > PATIENCE_MS) throw new Error(`Mallcoo was not told that ${plate} entered`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return performance.now() - began;
}

async function rises(camera: VirtualCamera, plate: string): Promise<number> {
  const ms = await pass(camera, plate);
  if (ms === null) throw new Error(`the arm did not rise for ${plate}`);
  return ms;
}

async function ask(
  mallcoo: Mallcoo,
  plateNo: string,
  coupon: Coupon = NO_COUPON,
): Promise<{ readonly quote: Quote; readonly ms: number }> {
  const asked = await mallcoo.ask({ plateNo, barcode: '' }, coupon);
  if (asked.type === 'failed') throw new Error(`the fee was not told: ${asked.message}`);
  return { quote: asked.quote, ms: asked.outcome.ms };
}
