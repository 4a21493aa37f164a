/** The demo's story: two cars pass the real wires, and each step says what happened and how long it took. */
import type { Language, Sentence } from '../core/errors.ts';
import { fen, yuan } from '../core/money.ts';
import { fill, SaidError } from '../core/sentence.ts';
import { after, formatLocal, HOUR, MINUTE, type Zone } from '../core/time.ts';
import type { Clock } from '../gateway/ports.ts';
import {
  type Coupon,
  type Mallcoo,
  NO_COUPON,
  type Order,
  outcomeSaid,
  type Quote,
} from '../mallcoo-client/mallcoo.ts';
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
  readonly language: Language;
  readonly tell: (line: string) => void;
}

/** Plays the story to its end. @throws SaidError with the step that did not work. */
export async function playStory(parts: StoryParts): Promise<void> {
  const { entry, exit, mallcoo, knows, clock, zone, language, tell } = parts;
  const [visitor, shopper] = [randomPlate(), randomPlate()];
  let step = 0;
  const say = (sentence: Sentence, ms: number): void => {
    const what = sentence[language];
    step += 1;
    tell(`  ${String(step).padStart(2)}. ${what} ${'·'.repeat(Math.max(3, 84 - columns(what)))} ${ms.toFixed(1)} ms`);
  };

  const [raised, told] = await Promise.all([rises(entry, visitor), isTold(() => knows(visitor), visitor)]);
  say(enters(visitor), raised);
  say(TOLD, told);

  const cameAt = after(clock.now(), -(2 * HOUR + 20 * MINUTE));
  const began = performance.now();
  await entry.recall(shopper, cameAt);
  say(recalled(shopper, formatLocal(cameAt, zone).slice(11)), performance.now() - began);

  const plain = await ask(mallcoo, shopper);
  say(asked(plain.quote), plain.ms);

  const { quote, ms } = await ask(mallcoo, shopper, { minutes: 60, amount: fen(0) });
  say(tried(quote), ms);

  const order = await mallcoo.pay(quote, { payType: 3, schedule: SCHEDULES.immediate, copies: 1, loseAnswers: 0 });
  const [answer] = order.delivery.outcomes;
  if (!answer || !order.delivery.acknowledged) {
    throw new SaidError(fill(NOT_PAID, { why: answer ? outcomeSaid(answer) : '' }));
  }
  say(payment(order), answer.ms);
  const retry = await mallcoo.notify(order.notice);
  if (!accepted(retry)) throw new SaidError(fill(RETRY_REFUSED, { why: outcomeSaid(retry) }));
  const { paid } = (await ask(mallcoo, shopper)).quote;
  if (paid !== quote.due) throw new SaidError(fill(PAID_TWICE, { paid: String(paid), due: String(quote.due) }));
  say(TWICE, retry.ms);

  say(leavesPaid(shopper), await rises(exit, shopper));
  say(leavesFree(visitor), await rises(exit, visitor));
}

const TOLD: Sentence = {
  zh: '通知猫酷：车辆已进场；已签名、已确认，小程序里能看到',
  en: 'Mallcoo is told of the entry: signed, confirmed; the app knows the car',
};
const TWICE: Sentence = {
  zh: '同一条通知又来一次：回答相同，只入账一次',
  en: 'the notice comes twice: the same answer, booked once',
};
const NOT_PAID: Sentence = { zh: '付款没有成功：{why}', en: 'not paid: {why}' };
const NOT_TOLD: Sentence = { zh: '猫酷没有收到 {plate} 进场的通知', en: 'Mallcoo was not told that {plate} entered' };
const NOT_RISEN: Sentence = { zh: '没有为 {plate} 抬杆', en: 'the arm did not rise for {plate}' };
const NO_FEE: Sentence = { zh: '没有查到费用：{why}', en: 'the fee was not told: {why}' };
const RETRY_REFUSED: Sentence = {
  zh: '再次发送的通知被拒绝：{why}',
  en: 'the notice sent again was refused: {why}',
};
const PAID_TWICE: Sentence = {
  zh: '重发后 paidAmount 为 {paid}，应为 {due}',
  en: 'paidAmount after a retry is {paid}, and should be {due}',
};

const enters = (plate: string): Sentence => ({
  zh: `${plate} 到 in-1：相机 → MQTT → 网关 → 日志账本 → 抬杆`,
  en: `${plate} comes to in-1: camera → broker → gate → journal → the arm rises`,
});

const recalled = (plate: string, at: string): Sentence => ({
  zh: `${plate} 于 ${at} 断网期间进场：补传的历史记录，不抬杆`,
  en: `${plate} came at ${at}, during an outage: history, opens nothing`,
});

const asked = ({ parkingMinutes, due }: Quote): Sentence => ({
  zh: `猫酷查询费用：停车 ${parkingMinutes} 分钟，待付 ${yuan(due)}`,
  en: `Mallcoo asks the fee: ${parkingMinutes} minutes, ${yuan(due)} to pay`,
});

const tried = ({ deduction }: Quote): Sentence => ({
  zh: `试用 60 分钟优惠券：可抵 ${yuan(deduction)}；不入账`,
  en: `a coupon of 60 minutes is tried: worth ${yuan(deduction)}; nothing is booked`,
});

const payment = ({ amount, deduction }: Order): Sentence => ({
  zh: `已付款：微信 ${yuan(amount)}，优惠券 ${yuan(deduction)}；先写入磁盘再回答`,
  en: `paid: ${yuan(amount)} by WeChat, ${yuan(deduction)} by coupon; on disk before the answer`,
});

const leavesPaid = (plate: string): Sentence => ({
  zh: `${plate} 到 out-1：已付款，抬杆`,
  en: `${plate} drives to out-1: paid, the arm rises`,
});

const leavesFree = (plate: string): Sentence => ({
  zh: `${plate} 在免费时间内离场：抬杆`,
  en: `${plate} leaves within its free minutes: the arm rises`,
});

/** Nothing in the story takes as long as this, in ms. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 1;

/** @returns how long it took until Mallcoo knew, in ms. @throws SaidError when it is not told in time. */
async function isTold(knows: () => boolean, plate: string): Promise<number> {
  const began = performance.now();
  while (!knows()) {
    if (performance.now() - began > PATIENCE_MS) throw new SaidError(fill(NOT_TOLD, { plate }));
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return performance.now() - began;
}

async function rises(camera: VirtualCamera, plate: string): Promise<number> {
  const ms = await pass(camera, plate);
  if (ms === null) throw new SaidError(fill(NOT_RISEN, { plate }));
  return ms;
}

async function ask(
  mallcoo: Mallcoo,
  plateNo: string,
  coupon: Coupon = NO_COUPON,
): Promise<{ readonly quote: Quote; readonly ms: number }> {
  const answer = await mallcoo.ask({ plateNo, barcode: '' }, coupon);
  if (answer.type === 'failed') throw new SaidError(fill(NO_FEE, { why: answer.message }));
  return { quote: answer.quote, ms: answer.outcome.ms };
}
