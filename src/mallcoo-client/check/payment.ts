/** PayParkingFee (1.2). What comes before {@link MONEY} is refused by every right site and names no car. */
import { formatLocal } from '../../core/time.ts';
import { refusalProblems, successProblems } from '../answers.ts';
import type { Fields } from '../request.ts';
import type { WireAnswer } from '../wire.ts';
import { type CallOptions, type Clause, differs, judge, skip, type Talk, type Verdict } from './clause.ts';
import { ask } from './info.ts';

const AT_ONCE = 8;
/** What the clauses before the last book, in 分: one each. */
const SMALL_CHANGE = 6;

const refused = (title: string, fields: Fields): Clause => ({
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
  credited(fen: number): Promise<string | null>;
}

/** A clause that books: it pays 1 分 of the car's fee under an order of its own. */
const booking = (part: Clause['part'], title: string, run: (paying: Paying) => Promise<Verdict>): Clause => ({
  part,
  title,
  needs: 'money',
  async run(talk) {
    const { target } = talk;
    const before = await ask(talk);
    if (before.due < SMALL_CHANGE) {
      return skip(
        `the car owes ${before.due} 分, and must owe ${SMALL_CHANGE} 分 or more: leave it in the park for longer`,
      );
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
      credited: async (fen) => differs('paidAmount afterwards', (await ask(talk)).paid, before.paid + fen),
    });
  },
});

const done = (answer: WireAnswer): readonly string[] => successProblems('PayParkingFee', answer);

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
    differs('unPayAmount after the fee was paid', after.due, 0),
    after.paid < total ? `paidAmount is ${after.paid}, and the fee of ${total} was paid` : null,
  );
}

export const PAYMENT: readonly Clause[] = [
  refused('a notice without orderNo is refused', { amount: 0, deductionAmount: 0, payType: 3 }),
  refused('a notice without an amount is refused, unless it is 0 元支付', { orderNo: 'CHECK', payType: 3 }),
  refused('an amount that is no number is refused', { orderNo: 'CHECK', amount: 'all', payType: 3 }),
];

export const MONEY: readonly Clause[] = [
  booking('1.2', 'a payment is credited, and lowers what is due', async ({ pay, credited }) =>
    judge(done(await pay()), await credited(1)),
  ),
  booking('1.2', 'money is not refused because a figure differs', async ({ pay, credited }) =>
    judge(done(await pay({ unPayAmount: 99_999 })), await credited(1)),
  ),
  booking(
    '1.2',
    'a notice sent again, three times, gets the first answer and books nothing',
    async ({ pay, credited }) => {
      const problems: string[] = [];
      for (let sending = 0; sending < 4; sending++) problems.push(...done(await pay()));
      return judge(problems, await credited(1));
    },
  ),
  booking('1.2', 'sent again as a form, with numbers as text, it is the same notice', async ({ pay, credited }) =>
    judge(done(await pay()), done(await pay({ amount: '1', payType: '3' }, { transport: 'form' })), await credited(1)),
  ),
  booking('1.2', 'the same orderNo with other content is refused, and nothing is booked', async ({ pay, credited }) =>
    judge(done(await pay()), refusalProblems(await pay({ amount: 2 })), await credited(1)),
  ),
  booking('concurrency', `${AT_ONCE} notices of one order at once are booked once`, async ({ pay, credited }) => {
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => pay()));
    return judge(...answers.map(done), await credited(1));
  }),
  booking('1.2', 'a feeId that nobody knows, without a car, is refused', async ({ pay, credited }) =>
    judge(refusalProblems(await pay({ feeId: 'NO-SUCH-FEE', plateNo: '' })), await credited(0)),
  ),
  booking('1.2', '0 元支付 pays the rest by coupon, without a trade number, and once', settleFree),
];
