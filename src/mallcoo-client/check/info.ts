/** GetParkingPaymentInfo (1.1): of a car that is not there, and of the test car. Nothing here books anything. */
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

const ofCar = (title: string, run: (talk: Talk) => Promise<Verdict>): Clause => ({
  part: '1.1',
  title,
  needs: 'car',
  run,
});

const refused = (title: string, fields: Fields): Clause => ({
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
  return judge(
    `from entryTime ${entryTime} (${zone.name}) to the clock here it is ${stay} minutes, and parkingMinutes is ${minutes}: a clock is wrong, or the zone`,
  );
}

/** Free minutes and amounts are only reckoned; what is due stays. */
function notLowered(plain: Figures, offered: Figures): string | null {
  if (offered.due >= plain.due) return null;
  return `unPayAmount fell from ${plain.due} to ${offered.due}: a coupon is only reckoned, and lowers nothing`;
}

async function moneyOff(talk: Talk): Promise<Verdict> {
  const plain = await ask(talk);
  const off = await ask(talk, { freeAmount: 500 });
  // A site may hold deductions down to what is due.
  const right = off.deduction === 500 || (off.due < 500 && off.deduction === off.due);
  return judge(
    right ? null : differs('deductionAmount for freeAmount 500', off.deduction, 500),
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
      ? `60 free minutes are worth more (${hour.deduction}) than all of them (${all.deduction})`
      : null,
    all.deduction > all.total ? `free minutes are worth ${all.deduction}, more than the fee of ${all.total}` : null,
    plain.total > 0 && all.deduction === 0 ? 'free minutes are worth nothing, however many' : null,
    differs('deductionAmount for freeMinutes "60"', text.deduction, hour.deduction),
    capped ? null : differs('deductionAmount for 60 minutes and 500 分', both.deduction, hour.deduction + 500),
  );
}

async function noSideEffects(talk: Talk): Promise<Verdict> {
  const before = await ask(talk);
  const offers: readonly Fields[] = [{ freeAmount: 300 }, { freeAmount: 300 }, { freeMinutes: 90 }];
  for (const offer of offers) await ask(talk, offer);
  const later = await ask(talk);
  return judge(
    differs('feeId after asking with coupons', later.feeId, before.feeId),
    differs('paidAmount after asking with coupons', later.paid, before.paid),
    differs('deductionAmount without a coupon', later.deduction, 0),
  );
}

async function otherSpellings(talk: Talk): Promise<Verdict> {
  const plate = talk.target.plate ?? '';
  const wanted = await ask(talk);
  const problems: string[] = [];
  for (const plateNo of [plate.toLowerCase(), ` ${plate} `, `${plate.slice(0, 2)}·${plate.slice(2)}`]) {
    const answer = await talk.call('GetParkingPaymentInfo', { plateNo });
    const wrong = successProblems('GetParkingPaymentInfo', answer);
    const other = wrong.length > 0 ? null : differs('feeId', figuresOf(answer).feeId, wanted.feeId);
    problems.push(
      ...[...wrong, ...(other === null ? [] : [other])].map(
        (problem) => `written ${JSON.stringify(plateNo)}: ${problem}`,
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
    differs('feeId as a form', form.feeId, wanted.feeId),
    differs('deductionAmount as a form', form.deduction, wanted.deduction),
    differs('feeId in a query string', query.feeId, wanted.feeId),
    differs('deductionAmount in a query string', query.deduction, wanted.deduction),
  );
}

export const INFO: readonly Clause[] = [
  refused('a car that is not in the park is refused, with a reason and no invented fields', { plateNo: NOBODY }),
  refused('a ticket that nobody drew is refused', { barcode: 'NO-SUCH-TICKET' }),
  refused('neither plateNo nor barcode is refused', {}),
  ofCar('the answer has the fields of the table, spelt so, with whole JSON numbers', async (talk) => {
    await ask(talk);
    return judge();
  }),
  ofCar('unPayAmount is totalAmount less paidAmount, never below 0', async (talk) => {
    const { total, due, paid } = await ask(talk);
    return judge(differs('unPayAmount', due, Math.max(0, total - paid)));
  }),
  ofCar('entryTime is local time, and agrees with parkingMinutes and the clock', agreesWithClock),
  ofCar('freeAmount is answered as deductionAmount and lowers nothing', moneyOff),
  ofCar('freeMinutes are worth what they save, as number or text, and lower nothing', freeMinutes),
  ofCar('asking changes nothing, whatever coupons are offered', noSideEffects),
  ofCar('the plate is known however it is typed', otherSpellings),
  ofCar('the same question as a form and in a query string brings the same answer', otherTransports),
  ofCar('a figure that is none is refused, not guessed', async (talk) =>
    judge(
      refusalProblems(await talk.call('GetParkingPaymentInfo', { plateNo: talk.target.plate, freeMinutes: 'soon' })),
      refusalProblems(await talk.call('GetParkingPaymentInfo', { plateNo: talk.target.plate, freeAmount: -1 })),
    ),
  ),
];

export const CONCURRENCY: readonly Clause[] = [
  {
    part: 'concurrency',
    title: `${AT_ONCE} queries at once are all answered`,
    needs: 'nothing',
    async run(talk) {
      const asked = Array.from({ length: AT_ONCE }, () => talk.call('GetParkingPaymentInfo', { plateNo: NOBODY }));
      const answers = await Promise.all(asked);
      return judge(...answers.map((answer) => refusalProblems(answer)));
    },
  },
];
