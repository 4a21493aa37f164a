/** The books as a whole: whatever happened, the days add up to the ledger, and no money counts twice. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { fen } from '../../src/core/money.ts';
import type { Plate } from '../../src/core/plate.ts';
import { DAY, formatLocal, HOUR, type Instant, instant } from '../../src/core/time.ts';
import { P001, plate, TEN, ZONE } from '../core/park/scene.ts';
import { tempFolder } from '../store/tools.ts';
import {
  bookedOrders,
  type LivingBooks,
  livingBooks,
  payments,
  type Report,
  report,
  type SumName,
} from './payments-tools.ts';

/** What Mallcoo's side believes: the orders that were acknowledged, with money and deduction in 分. */
type Ledger = Map<string, { readonly amount: number; readonly deduction: number }>;

const CARS = 4;
const ORDERS = 8;
const carOf = (index: number): string => `粤A1111${index}`;

type Step =
  | { readonly do: 'enter' | 'leave'; readonly car: number; readonly hours: number }
  | {
      readonly do: 'pay';
      readonly car: number;
      readonly order: number;
      readonly amount: number;
      readonly late: number;
      readonly hours: number;
    }
  | { readonly do: 'archive' | 'snapshot'; readonly hours: number };

const hours = fc.integer({ min: 0, max: 9 });
const car = fc.nat(CARS - 1);
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('enter', 'leave'), car, hours }) },
  {
    weight: 8,
    // Few orders and amounts: most notices are retries, conflicts, or nobody's that come again.
    arbitrary: fc.record({
      do: fc.constant('pay'),
      car,
      order: fc.nat(ORDERS - 1),
      amount: fc.constantFrom(300, 500),
      late: fc.integer({ min: 0, max: 30 }),
      hours,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('archive', 'snapshot'), hours }) },
);

/** Plays the steps, and keeps the ledger by what was acknowledged. @returns the last moment. */
async function play(books: LivingBooks, steps: readonly Step[], ledger: Ledger): Promise<Instant> {
  let now = TEN;
  for (const step of steps) {
    now = instant(now + step.hours * HOUR + 1);
    switch (step.do) {
      case 'enter':
        books.read('in-1', plate(carOf(step.car)), now);
        break;
      case 'leave':
        books.read('out-1', plate(carOf(step.car)), now);
        break;
      case 'pay': {
        const payTime = instant(Math.max(TEN, now - step.late * HOUR));
        const notice = { amount: fen(step.amount), deductionAmount: fen(step.order), payTime };
        const decision = books.pay(`O${step.order}`, now, { ...notice, feeId: null, plate: carOf(step.car) as Plate });
        const { reply } = decision;
        assert.notEqual(reply.type, 'askArchive');
        if (reply.type === 'booked' && !reply.repeated) {
          assert.ok(!ledger.has(`O${step.order}`), 'acknowledged as new twice');
          ledger.set(`O${step.order}`, { amount: step.amount, deduction: step.order });
        }
        break;
      }
      case 'archive':
        await books.archive(instant(now - 12 * HOUR), now);
        break;
      case 'snapshot':
        await books.snapshot();
        break;
    }
  }
  return now;
}

function daysBetween(from: Instant, to: Instant): string[] {
  const day = (at: number): string => formatLocal(instant(at), ZONE).slice(0, 10);
  const last = day(to);
  const days: string[] = [];
  for (let at: number = from; day(at) <= last; at += DAY) days.push(day(at));
  return days;
}

function checkSums({ payments: lines, totals }: Report): void {
  for (const figure of ['notices', 'amount', 'deduction'] as const) {
    const parts = (['credited', 'unmatched', 'cameAgain', 'conflicting'] as const).map((name) => totals[name][figure]);
    assert.equal(
      totals.noticed[figure],
      parts.reduce((sum, part) => sum + part, 0),
      `noticed ${figure}`,
    );
  }
  assert.equal(totals.noticed.notices, lines.length);
  assert.equal(
    lines.reduce((sum, { credited }) => sum + credited, 0),
    credits(totals.credited),
  );
}

function credits({ amount, deduction }: { readonly amount: number; readonly deduction: number }): number {
  return amount + deduction;
}

/** Every day for itself, and all of them at once, against the ledger. */
async function checkBooks(dir: string, days: readonly string[], ledger: Ledger, args: readonly string[] = []) {
  const owed = [...ledger.values()].reduce((sum, entry) => sum + credits(entry), 0);
  const first = days[0] ?? '';
  const all = await report(dir, '--day', first, '--to', days.at(-1) ?? '', ...args);
  checkSums(all);
  assert.deepEqual(bookedOrders(all).sort(), [...ledger.keys()].sort(), 'each acknowledged order, once');
  assert.equal(credits(all.totals.credited), owed, 'all days at once');
  let sum = 0;
  for (const day of days) {
    const one = await report(dir, '--day', day, ...args);
    checkSums(one);
    sum += credits(one.totals.credited);
  }
  assert.equal(sum, owed, 'day by day');
  return all;
}

test('over retries, conflicts, and money that was nobody’s for a while, the days add up to the ledger', async (t) => {
  const seen: Record<SumName, number> = { noticed: 0, credited: 0, unmatched: 0, cameAgain: 0, conflicting: 0 };
  const names = Object.keys(seen) as SumName[];
  await fc.assert(
    fc.asyncProperty(fc.array(stepArbitrary, { minLength: 25, maxLength: 40 }), async (steps) => {
      const dir = tempFolder(t);
      const books = await livingBooks(dir);
      const ledger: Ledger = new Map();
      // Something is recorded on the first day and on the last, so that none of the days is "yet to come".
      books.read('in-1', plate('粤B00001'), TEN);
      const end = await play(books, steps, ledger);
      books.read('in-1', plate('粤B00002'), end);
      await books.close();
      const days = daysBetween(TEN, end);
      const { totals } = await checkBooks(dir, days, ledger);
      await checkBooks(dir, days, ledger, ['--by', 'pay-time']);
      for (const name of names) seen[name] += totals[name].notices;
      rmSync(dir, { recursive: true });
    }),
    { numRuns: 12 },
  );
  t.diagnostic(names.map((name) => `${seen[name]} ${name}`).join(', '));
  for (const name of names) assert.ok(seen[name] > 0, `${name} never happened`);
});

test('when the journal’s oldest files are gone, the archive and the snapshot tell the same money', async (t) => {
  let dropped = 0;
  let fromArchive = 0;
  const steps = fc.array(stepArbitrary, { minLength: 30, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 99 }), async (before, percent) => {
      const dir = tempFolder(t);
      const books = await livingBooks(dir, 1_024);
      const ledger: Ledger = new Map();
      books.read('in-1', plate('粤B00001'), TEN);
      const end = await play(books, before, ledger);
      await books.archive(instant(end - DAY), end);
      dropped += await books.dropBefore(instant(TEN + Math.floor(((end - TEN) * percent) / 100)));
      books.read('in-1', plate('粤B00002'), end);
      await books.close();
      const all = await checkBooks(dir, daysBetween(TEN, end), ledger);
      fromArchive += all.payments.filter(({ place }) => String(place).startsWith(`${P001}.`)).length;
      assert.equal(all.code, 0, all.err);
      rmSync(dir, { recursive: true });
    }),
    { numRuns: 12 },
  );
  assert.ok(dropped > 0 && fromArchive > 0, `${dropped} files dropped, ${fromArchive} lines from the archive`);
  t.diagnostic(`${dropped} files of journals removed; ${fromArchive} lines came from archives`);
});

/** Two cars pay and leave on the first day; the archive has them; days later the journal of that day is removed. */
async function archivedDay(dir: string): Promise<LivingBooks> {
  const books = await livingBooks(dir, 1_024);
  for (const index of [1, 2]) {
    books.read('in-1', plate(carOf(index)), instant(TEN + index));
    books.pay(`O${index}`, instant(TEN + HOUR), { feeId: null, plate: carOf(index) as Plate, amount: fen(500) });
    books.read('out-1', plate(carOf(index)), instant(TEN + HOUR + index));
  }
  await books.archive(instant(TEN + DAY), instant(TEN + 4 * DAY));
  return books;
}

test('a day from the archive says so, and keeps order, vehicle, money, and how it was paid', async (t) => {
  const dir = tempFolder(t);
  const books = await archivedDay(dir);
  books.read('in-1', plate('粤B00001'), instant(TEN + 4 * DAY));
  assert.ok((await books.dropBefore(instant(TEN + 4 * DAY))) > 0);
  await books.close();
  const { code, err, payments: lines } = await report(dir, '--day', '2026-11-22');
  assert.equal(code, 0);
  assert.match(err, /came from the archive and the snapshot, without notices that were not booked/);
  assert.deepEqual(
    lines.map((line) => [line.orderNo, line['vehicle'], line.amount, line.credited, line['payType'], line['place']]),
    [1, 2].map((index) => [`O${index}`, carOf(index), 500, 500, 3, 'P001.2026-11-23.000001.visits.jsonl']),
  );
});

test('an archived order that came again with other content counts once, and is still marked', async (t) => {
  const dir = tempFolder(t);
  const books = await archivedDay(dir);
  books.pay('O1', instant(TEN + 4 * DAY), { feeId: null, amount: fen(900) });
  await books.archive(instant(TEN + 5 * DAY), instant(TEN + 8 * DAY));
  for (let index = 0; index < 9; index += 1)
    books.read('in-1', plate(`粤B0000${index}`), instant(TEN + 9 * DAY + index));
  assert.ok((await books.dropBefore(instant(TEN + 9 * DAY))) > 0);
  await books.close();
  const { payments: lines, totals } = await report(dir, '--day', '2026-11-22', '--to', '2026-11-30');
  assert.deepEqual(
    lines.map((line) => [line.orderNo, line.status, line.amount, line['flags']]),
    [
      ['O2', 'booked', 500, ['FEE_ID_FELL_BACK']],
      ['O1', 'booked', 500, ['FEE_ID_FELL_BACK', 'PAYMENT_CONFLICT']],
    ],
  );
  assert.deepEqual(totals.credited, { notices: 2, amount: 1000, deduction: 0 });
});

test('what neither journal nor archive has is told: a day before both, a bad line, files that retention removed', async (t) => {
  const dir = tempFolder(t);
  const books = await archivedDay(dir);
  books.read('in-1', plate('粤B00001'), instant(TEN + 4 * DAY));
  await books.dropBefore(instant(TEN + 4 * DAY));
  await books.close();
  await assert.rejects(
    report(dir, '--day', '2026-11-21'),
    /there is nothing of 2026-11-21: the books begin on 2026-11-22/,
  );
  const archive = join(dir, 'archive');
  const name = 'P001.2026-11-23.000001.visits.jsonl';
  const bytes = readFileSync(join(archive, name));
  bytes.writeUInt8(0x58, bytes.lastIndexOf('"O2"') + 1);
  writeFileSync(join(archive, name), bytes);
  const damaged = await report(dir, '--day', '2026-11-22');
  assert.deepEqual([damaged.code, bookedOrders(damaged)], [1, ['O1']]);
  assert.match(damaged.err, /NOT COMPLETE: 1 line\(s\) of the archive cannot be read/);
  rmSync(join(archive, name));
  assert.match((await payments(dir, '--day', '2026-11-22')).err, /NOT COMPLETE: the archive's batch P001 1 is missing/);
});

test('days whose archive retention has removed are not told as days without payments', async (t) => {
  const dir = tempFolder(t);
  const books = await archivedDay(dir);
  books.read('in-1', plate(carOf(3)), instant(TEN + 4 * DAY));
  books.read('out-1', plate(carOf(3)), instant(TEN + 4 * DAY + 1));
  await books.archive(instant(TEN + 5 * DAY), instant(TEN + 8 * DAY));
  books.read('in-1', plate('粤B00001'), instant(TEN + 9 * DAY));
  await books.dropBefore(instant(TEN + 9 * DAY));
  await books.close();
  rmSync(join(dir, 'archive', 'P001.2026-11-23.000001.visits.jsonl'));
  const { code, err } = await payments(dir, '--day', '2026-11-24', '--to', '2026-11-27');
  assert.equal(code, 1, err);
  assert.match(err, /the archive before 2026-11-27 has been removed|there is nothing of/);
});
