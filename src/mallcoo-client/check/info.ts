/** GetParkingPaymentInfo (1.1): of a car that is not there, and of the test car. Nothing here books anything. */
import type { Sentence } from '../../core/errors.ts';
import { fill } from '../../core/sentence.ts';
import { MINUTE, parseLocal } from '../../core/time.ts';
import { refusalProblems, successProblems } from '../answers.ts';
import type { Fields } from '../request.ts';
import type { WireAnswer } from '../wire.ts';
import { type CallOptions, type Clause, differs, judge, Malformed, type Talk, type Verdict } from './clause.ts';

/** A plate that no authority gives out. */
const NOBODY = '测A00000';
/** What the park's clock may be off by before parking minutes look wrong, in minutes. */
const CLOCK_TOLERANCE = 2;
const AT_ONCE = 16;

/** The figures of an answer; amounts in 分. */
export interface Figures {
  readonly feeId: string;
  readonly entryTime: string;
  readonly total: number;
  readonly due: number;
  readonly paid: number;
  readonly deduction: number;
  readonly minutes: number;
}

/** @throws Malformed when the answer does not have the form of the table. */
function figuresOf(answer: WireAnswer): Figures {
  const problems = successProblems('GetParkingPaymentInfo', answer);
  if (problems.length > 0) throw new Malformed(problems);
  const text = (name: string): string => String(answer.json?.[name]);
  const number = (name: string): number => Number(answer.json?.[name]);
  return {
    feeId: text('feeId'),
    entryTime: text('entryTime'),
    total: number('totalAmount'),
    due: number('unPayAmount'),
    paid: number('paidAmount'),
    deduction: number('deductionAmount'),
    minutes: number('parkingMinutes'),
  };
}

/** Asks about the test car. @throws Malformed */
export async function ask(talk: Talk, fields: Fields = {}, options: CallOptions = {}): Promise<Figures> {
  const plateNo = talk.target.plate;
  return figuresOf(await talk.call('GetParkingPaymentInfo', { plateNo, ...fields }, options));
}

const ofCar = (title: Sentence, run: (talk: Talk) => Promise<Verdict>): Clause => ({
  part: '1.1',
  title,
  needs: 'car',
  run,
});

const refused = (title: Sentence, fields: Fields): Clause => ({
  part: '1.1',
  title,
  needs: 'nothing',
  run: async (talk) => judge(refusalProblems(await talk.call('GetParkingPaymentInfo', fields))),
});

/** Entry and minutes have to agree with the clock here: local times read as UTC are hours apart. */
async function agreesWithClock(talk: Talk): Promise<Verdict> {
  const { clock, zone } = talk.target;
  const { entryTime, minutes } = await ask(talk);
  const entry = parseLocal(entryTime, zone) ?? clock.now();
  const stay = Math.floor((clock.now() - entry) / MINUTE);
  if (Math.abs(minutes - stay) <= CLOCK_TOLERANCE) return judge();
  return judge({
    zh: `从 entryTime ${entryTime}（${zone.name}）到本机时钟是 ${stay} 分钟，而 parkingMinutes 为 ${minutes}：时钟或时区不对`,
    en: `from entryTime ${entryTime} (${zone.name}) to the clock here it is ${stay} minutes, and parkingMinutes is ${minutes}: a clock is wrong, or the zone`,
  });
}

/** Free minutes and amounts are only reckoned; what is due stays. */
function notLowered(plain: Figures, offered: Figures): Sentence | null {
  if (offered.due >= plain.due) return null;
  return {
    zh: `unPayAmount 从 ${plain.due} 降到 ${offered.due}：优惠只试算，不降低应付`,
    en: `unPayAmount fell from ${plain.due} to ${offered.due}: a coupon is only reckoned, and lowers nothing`,
  };
}

async function moneyOff(talk: Talk): Promise<Verdict> {
  const plain = await ask(talk);
  const off = await ask(talk, { freeAmount: 500 });
  // A site may hold deductions down to what is due.
  const right = off.deduction === 500 || (off.due < 500 && off.deduction === off.due);
  return judge(
    right
      ? null
      : differs(
          { zh: 'freeAmount 500 时的 deductionAmount', en: 'deductionAmount for freeAmount 500' },
          off.deduction,
          500,
        ),
    notLowered(plain, off),
  );
}

async function freeMinutes(talk: Talk): Promise<Verdict> {
  const plain = await ask(talk);
  const hour = await ask(talk, { freeMinutes: 60 });
  const text = await ask(talk, { freeMinutes: '60' });
  const all = await ask(talk, { freeMinutes: 10_000_000 });
  const both = await ask(talk, { freeMinutes: 60, freeAmount: 500 });
  const capped = both.deduction === both.due && both.deduction < hour.deduction + 500;
  return judge(
    notLowered(plain, all),
    hour.deduction > all.deduction
      ? {
          zh: `60 分钟免费的价值（${hour.deduction}）高于全部免费的价值（${all.deduction}）`,
          en: `60 free minutes are worth more (${hour.deduction}) than all of them (${all.deduction})`,
        }
      : null,
    all.deduction > all.total
      ? {
          zh: `免费分钟的价值 ${all.deduction}，高于费用 ${all.total}`,
          en: `free minutes are worth ${all.deduction}, more than the fee of ${all.total}`,
        }
      : null,
    plain.total > 0 && all.deduction === 0
      ? { zh: '免费分钟无论多少都没有价值', en: 'free minutes are worth nothing, however many' }
      : null,
    differs(
      { zh: 'freeMinutes "60" 时的 deductionAmount', en: 'deductionAmount for freeMinutes "60"' },
      text.deduction,
      hour.deduction,
    ),
    capped
      ? null
      : differs(
          { zh: '60 分钟加 500 分时的 deductionAmount', en: 'deductionAmount for 60 minutes and 500 分' },
          both.deduction,
          hour.deduction + 500,
        ),
  );
}

async function noSideEffects(talk: Talk): Promise<Verdict> {
  const before = await ask(talk);
  const offers: readonly Fields[] = [{ freeAmount: 300 }, { freeAmount: 300 }, { freeMinutes: 90 }];
  for (const offer of offers) await ask(talk, offer);
  const later = await ask(talk);
  return judge(
    differs({ zh: '带优惠查询之后的 feeId', en: 'feeId after asking with coupons' }, later.feeId, before.feeId),
    differs({ zh: '带优惠查询之后的 paidAmount', en: 'paidAmount after asking with coupons' }, later.paid, before.paid),
    differs({ zh: '没有优惠时的 deductionAmount', en: 'deductionAmount without a coupon' }, later.deduction, 0),
  );
}

const WRITTEN: Sentence = { zh: '写成 {plate}：{problem}', en: 'written {plate}: {problem}' };

async function otherSpellings(talk: Talk): Promise<Verdict> {
  const plate = talk.target.plate ?? '';
  const wanted = await ask(talk);
  const problems: Sentence[] = [];
  for (const plateNo of [plate.toLowerCase(), ` ${plate} `, `${plate.slice(0, 2)}·${plate.slice(2)}`]) {
    const answer = await talk.call('GetParkingPaymentInfo', { plateNo });
    const wrong = successProblems('GetParkingPaymentInfo', answer);
    const other = wrong.length > 0 ? null : differs('feeId', figuresOf(answer).feeId, wanted.feeId);
    problems.push(
      ...[...wrong, ...(other === null ? [] : [other])].map((problem) =>
        fill(WRITTEN, { plate: JSON.stringify(plateNo), problem }),
      ),
    );
  }
  return judge(problems);
}

async function otherTransports(talk: Talk): Promise<Verdict> {
  const wanted = await ask(talk, { freeAmount: 100 });
  const form = await ask(talk, { freeAmount: 100 }, { transport: 'form' });
  const query = await ask(talk, { freeAmount: 100 }, { transport: 'query' });
  return judge(
    differs({ zh: '表单方式的 feeId', en: 'feeId as a form' }, form.feeId, wanted.feeId),
    differs({ zh: '表单方式的 deductionAmount', en: 'deductionAmount as a form' }, form.deduction, wanted.deduction),
    differs({ zh: '查询串方式的 feeId', en: 'feeId in a query string' }, query.feeId, wanted.feeId),
    differs(
      { zh: '查询串方式的 deductionAmount', en: 'deductionAmount in a query string' },
      query.deduction,
      wanted.deduction,
    ),
  );
}

export const INFO: readonly Clause[] = [
  refused(
    {
      zh: '不在场的车被拒绝，说明原因，不编造字段',
      en: 'a car that is not in the park is refused, with a reason and no invented fields',
    },
    { plateNo: NOBODY },
  ),
  refused(
    { zh: '没有发出过的停车票被拒绝', en: 'a ticket that nobody drew is refused' },
    { barcode: 'NO-SUCH-TICKET' },
  ),
  refused({ zh: 'plateNo 和 barcode 都没有时被拒绝', en: 'neither plateNo nor barcode is refused' }, {}),
  ofCar(
    {
      zh: '回答有表中的字段，拼写一致，数值为 JSON 整数',
      en: 'the answer has the fields of the table, spelt so, with whole JSON numbers',
    },
    async (talk) => {
      await ask(talk);
      return judge();
    },
  ),
  ofCar(
    {
      zh: 'unPayAmount 等于 totalAmount 减 paidAmount，不小于 0',
      en: 'unPayAmount is totalAmount less paidAmount, never below 0',
    },
    async (talk) => {
      const { total, due, paid } = await ask(talk);
      return judge(differs('unPayAmount', due, Math.max(0, total - paid)));
    },
  ),
  ofCar(
    {
      zh: 'entryTime 是当地时间，与 parkingMinutes 和时钟相符',
      en: 'entryTime is local time, and agrees with parkingMinutes and the clock',
    },
    agreesWithClock,
  ),
  ofCar(
    {
      zh: 'freeAmount 在 deductionAmount 中回答，不降低应付',
      en: 'freeAmount is answered as deductionAmount and lowers nothing',
    },
    moneyOff,
  ),
  ofCar(
    {
      zh: 'freeMinutes 的价值等于省下的钱，数字或文本都可以，不降低应付',
      en: 'freeMinutes are worth what they save, as number or text, and lower nothing',
    },
    freeMinutes,
  ),
  ofCar(
    { zh: '查询不改变任何东西，不论带什么优惠', en: 'asking changes nothing, whatever coupons are offered' },
    noSideEffects,
  ),
  ofCar({ zh: '车牌不论怎样书写都能认出', en: 'the plate is known however it is typed' }, otherSpellings),
  ofCar(
    {
      zh: '同样的查询用表单和查询串发送，回答相同',
      en: 'the same question as a form and in a query string brings the same answer',
    },
    otherTransports,
  ),
  ofCar({ zh: '不是数值的金额被拒绝，不猜测', en: 'a figure that is none is refused, not guessed' }, async (talk) =>
    judge(
      refusalProblems(await talk.call('GetParkingPaymentInfo', { plateNo: talk.target.plate, freeMinutes: 'soon' })),
      refusalProblems(await talk.call('GetParkingPaymentInfo', { plateNo: talk.target.plate, freeAmount: -1 })),
    ),
  ),
];

export const CONCURRENCY: readonly Clause[] = [
  {
    part: 'concurrency',
    title: { zh: `同时 ${AT_ONCE} 个查询全部得到回答`, en: `${AT_ONCE} queries at once are all answered` },
    needs: 'nothing',
    async run(talk) {
      const asked = Array.from({ length: AT_ONCE }, () => talk.call('GetParkingPaymentInfo', { plateNo: NOBODY }));
      const answers = await Promise.all(asked);
      return judge(...answers.map((answer) => refusalProblems(answer)));
    },
  },
];
