/** PayParkingFee (1.2). What comes before {@link MONEY} is refused by every right site and names no car. */
import type { Sentence } from '../../core/errors.ts';
import { formatLocal } from '../../core/time.ts';
import { refusalProblems, successProblems } from '../answers.ts';
import type { Fields } from '../request.ts';
import type { WireAnswer } from '../wire.ts';
import { type CallOptions, type Clause, differs, judge, skip, type Talk, type Verdict } from './clause.ts';
import { ask } from './info.ts';

const AT_ONCE = 8;
/** What the clauses before the last book, in 分: one each. */
const SMALL_CHANGE = 6;

const refused = (title: Sentence, fields: Fields): Clause => ({
  part: '1.2',
  title,
  needs: 'nothing',
  run: async (talk) => judge(refusalProblems(await talk.call('PayParkingFee', fields))),
});

interface Paying {
  readonly talk: Talk;
  /** A notice of 1 分 for the test car. */
  readonly notice: Fields;
  pay(more?: Fields, options?: CallOptions): Promise<WireAnswer>;
  /** What is wrong unless exactly that much more (分) is credited to the car than before. */
  credited(fen: number): Promise<Sentence | null>;
}

/** A clause that books: it pays 1 分 of the car's fee under an order of its own. */
const booking = (part: Clause['part'], title: Sentence, run: (paying: Paying) => Promise<Verdict>): Clause => ({
  part,
  title,
  needs: 'money',
  async run(talk) {
    const { target } = talk;
    const before = await ask(talk);
    if (before.due < SMALL_CHANGE) {
      return skip({
        zh: `该车欠费 ${before.due} 分，须不少于 ${SMALL_CHANGE} 分：请让它在场内多停一会儿`,
        en: `the car owes ${before.due} 分, and must owe ${SMALL_CHANGE} 分 or more: leave it in the park for longer`,
      });
    }
    const orderNo = target.newOrderNo();
    const notice: Fields = {
      feeId: before.feeId,
      orderNo,
      thirdTradeNo: `TRADE${orderNo}`,
      plateNo: target.plate,
      payTime: formatLocal(target.clock.now(), target.zone),
      unPayAmount: before.due,
      amount: 1,
      deductionAmount: 0,
      deductionDetails: [],
      payChannel: 0,
      payType: 3,
    };
    return run({
      talk,
      notice,
      pay: (more = {}, options = {}) => talk.call('PayParkingFee', { ...notice, ...more }, options),
      credited: async (fen) =>
        differs({ zh: '其后的 paidAmount', en: 'paidAmount afterwards' }, (await ask(talk)).paid, before.paid + fen),
    });
  },
});

const done = (answer: WireAnswer): readonly Sentence[] => successProblems('PayParkingFee', answer);

/** The whole fee by coupon: it leaves the car settled, so it comes last. */
async function settleFree({ talk, pay }: Paying): Promise<Verdict> {
  const { due, total } = await ask(talk);
  const free: Fields = {
    thirdTradeNo: '',
    unPayAmount: due,
    amount: 0,
    deductionAmount: due,
    deductionDetails: [{ Type: 2, Identify: 'CHECK', Minutes: 0, Amount: due }],
    payType: 0,
  };
  const problems = [...done(await pay(free)), ...done(await pay(free))];
  const after = await ask(talk);
  return judge(
    problems,
    differs({ zh: '付清之后的 unPayAmount', en: 'unPayAmount after the fee was paid' }, after.due, 0),
    after.paid < total
      ? {
          zh: `paidAmount 为 ${after.paid}，而费用 ${total} 已付清`,
          en: `paidAmount is ${after.paid}, and the fee of ${total} was paid`,
        }
      : null,
  );
}

export const PAYMENT: readonly Clause[] = [
  refused(
    { zh: '没有 orderNo 的通知被拒绝', en: 'a notice without orderNo is refused' },
    { amount: 0, deductionAmount: 0, payType: 3 },
  ),
  refused(
    { zh: '没有金额的通知被拒绝，0 元支付除外', en: 'a notice without an amount is refused, unless it is 0 元支付' },
    { orderNo: 'CHECK', payType: 3 },
  ),
  refused(
    { zh: '不是数值的金额被拒绝', en: 'an amount that is no number is refused' },
    { orderNo: 'CHECK', amount: 'all', payType: 3 },
  ),
];

export const MONEY: readonly Clause[] = [
  booking(
    '1.2',
    { zh: '付款入账，应付减少', en: 'a payment is credited, and lowers what is due' },
    async ({ pay, credited }) => judge(done(await pay()), await credited(1)),
  ),
  booking(
    '1.2',
    { zh: '不因金额不一致而拒收付款', en: 'money is not refused because a figure differs' },
    async ({ pay, credited }) => judge(done(await pay({ unPayAmount: 99_999 })), await credited(1)),
  ),
  booking(
    '1.2',
    {
      zh: '同一通知再发三次，回答与第一次相同，不再入账',
      en: 'a notice sent again, three times, gets the first answer and books nothing',
    },
    async ({ pay, credited }) => {
      const problems: Sentence[] = [];
      for (let sending = 0; sending < 4; sending++) problems.push(...done(await pay()));
      return judge(problems, await credited(1));
    },
  ),
  booking(
    '1.2',
    {
      zh: '改用表单、数字写成文本再发，仍是同一条通知',
      en: 'sent again as a form, with numbers as text, it is the same notice',
    },
    async ({ pay, credited }) =>
      judge(
        done(await pay()),
        done(await pay({ amount: '1', payType: '3' }, { transport: 'form' })),
        await credited(1),
      ),
  ),
  booking(
    '1.2',
    {
      zh: '同一 orderNo 内容不同时被拒绝，不入账',
      en: 'the same orderNo with other content is refused, and nothing is booked',
    },
    async ({ pay, credited }) => judge(done(await pay()), refusalProblems(await pay({ amount: 2 })), await credited(1)),
  ),
  booking(
    'concurrency',
    {
      zh: `同一订单的 ${AT_ONCE} 条通知同时到达，只入账一次`,
      en: `${AT_ONCE} notices of one order at once are booked once`,
    },
    async ({ pay, credited }) => {
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => pay()));
      return judge(...answers.map(done), await credited(1));
    },
  ),
  booking(
    '1.2',
    { zh: '未知的 feeId 又没有车牌时被拒绝', en: 'a feeId that nobody knows, without a car, is refused' },
    async ({ pay, credited }) =>
      judge(refusalProblems(await pay({ feeId: 'NO-SUCH-FEE', plateNo: '' })), await credited(0)),
  ),
  booking(
    '1.2',
    {
      zh: '0 元支付用优惠付清其余，没有交易号，只入账一次',
      en: '0 元支付 pays the rest by coupon, without a trade number, and once',
    },
    settleFree,
  ),
];
