/**
 * A day of Mallcoo's traffic, its waits compressed: every retry schedule, two callers at once, lost answers, other content,
 * cars that have left, money for nobody, and the power going three times. Afterwards the books say what Mallcoo says.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatLocal, instant, zoneOf } from '../../src/core/time.ts';
import { demoConfig } from '../../src/demo/config.ts';
import { accepted, deliver, SCHEDULES, type Schedule } from '../../src/mallcoo-client/schedule.ts';
import { httpSend, type Outcome } from '../../src/mallcoo-client/wire.ts';
import { parseReport, type Report } from '../cli/payments-tools.ts';
import { agoMinutes, folder, gatepost, outside, post, type Running, running, type Site, until } from './support.ts';

const ZONE = zoneOf('Asia/Shanghai');
const KILLS = 3;
/** Of each car that pays on a schedule; the schedules take turns. */
const CARS = 30;
/** A second of Mallcoo's waiting takes a millisecond here, and no wait is longer than this, in ms. */
const LONGEST_WAIT = 250;
const compressed = (ms: number): Promise<void> => sleep(Math.min(ms / 1_000, LONGEST_WAIT)).then(() => undefined);

const now = (): string => formatLocal(instant(Date.now()), ZONE);
const today = (): string => now().slice(0, 10);

type Notice = Readonly<Record<string, unknown>> & { readonly orderNo: string };

/** What Mallcoo's side knows. Amounts in 分. */
interface Believed {
  /** Orders that were acknowledged, with what the driver paid and what coupons were worth. */
  readonly acknowledged: Map<string, { readonly amount: number; readonly deduction: number }>;
  /** Notices sent, copies and retries included; and those whose answer never came. */
  sent: number;
  lost: number;
}

interface Mallcoo {
  readonly believed: Believed;
  /** Sends a notice on a schedule, by two callers at once. @returns whether it was acknowledged. */
  tell(notice: Notice, schedule: Schedule, hangUps?: number): Promise<boolean>;
  /** Sends a notice once. */
  once(notice: Notice): Promise<Outcome>;
}

/** A caller that hangs up as soon as its call is out: it arrives, or it does not, and no answer comes. */
function hangUp(url: string, body: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const call = request(`${url}/PayParkingFee`, { method: 'POST', headers: { 'content-type': 'application/json' } });
    call.on('error', () => undefined);
    call.on('close', () => resolve({ type: 'lost', reason: 'hung up', ms: 0 }));
    call.end(body, () => setImmediate(() => call.destroy()));
  });
}

function mallcooOf(gate: () => Running): Mallcoo {
  const believed: Believed = { acknowledged: new Map(), sent: 0, lost: 0 };
  async function send(notice: Notice, quits: boolean): Promise<Outcome> {
    believed.sent += 1;
    const url = gate().mallcoo;
    const body = JSON.stringify(notice);
    const headers = { 'content-type': 'application/json' };
    const call = { method: 'POST', path: '/PayParkingFee', query: '', headers, body } as const;
    const outcome = quits ? await hangUp(url, body) : await httpSend({ url, timeoutMs: 20_000 })(call);
    if (outcome.type === 'lost') believed.lost += 1;
    if (accepted(outcome)) {
      const { orderNo, amount, deductionAmount = 0 } = notice;
      believed.acknowledged.set(orderNo, { amount: Math.round(Number(amount)), deduction: Number(deductionAmount) });
    }
    return outcome;
  }
  return {
    believed,
    once: (notice) => send(notice, false),
    async tell(notice, schedule, hangUps = 0) {
      let left = hangUps;
      const sendNext = (): Promise<Outcome> => {
        left -= 1;
        return send(notice, left >= 0);
      };
      const { acknowledged } = await deliver({ send: sendNext, schedule, copies: 2, wait: compressed });
      return acknowledged;
    },
  };
}

interface Gate {
  readonly file: string;
  /** The process that runs now. */
  current(): Running;
  start(): Promise<void>;
  kill(): Promise<void>;
}

async function gateOf(t: TestContext): Promise<Gate> {
  const dir = folder(t);
  const file = join(dir, 'site.yaml');
  writeFileSync(file, `${demoConfig({ portBase: 0, data: join(dir, 'books') })}store: { segmentMiB: 1 }\n`);
  writeFileSync(join(dir, 'demo-sheet.yaml'), 'name: Demo\nversion: "1"\nfree: 15 min\nprice: 5 per hour\n');
  const env = { NODE_COMPILE_CACHE: folder(t) };
  assert.equal(await gatepost(t, ['--version'], env).exited(), 0);
  let gate = await running(gatepost(t, ['run', file], env));
  return {
    file,
    current: () => gate,
    async start() {
      gate = await running(gatepost(t, ['run', file], env));
    },
    async kill() {
      await gate.end('SIGKILL');
    },
  };
}

interface Quote {
  readonly plate: string;
  readonly feeId: string;
  /** In 分. */
  readonly due: number;
}

/** A car has been inside for an hour and a half, and its driver looks at the app. */
async function quoted(gate: Running, site: Site, plate: string): Promise<Quote> {
  await site.see('demo-in-1', plate, agoMinutes(90));
  const { fields } = await post(gate.mallcoo, 'GetParkingPaymentInfo', { plateNo: plate });
  assert.equal(fields['resCode'], 0);
  return { plate, feeId: String(fields['feeId']), due: Number(fields['unPayAmount']) };
}

function noticeOf({ plate, feeId, due }: Quote, orderNo: string, over: Readonly<Record<string, unknown>> = {}): Notice {
  const figures = { unPayAmount: due, amount: due, deductionAmount: 0, payChannel: 0, payType: 3 };
  const mobile = { memberInfo: { Mobile: '13812341234' } };
  return { parkId: 'P001', feeId, orderNo, plateNo: plate, payTime: now(), ...figures, ...mobile, ...over };
}

async function leave(gate: Running, site: Site, plate: string): Promise<void> {
  await site.see('demo-out-1', plate);
  await until(`${plate} to have left`, async () => {
    const { resCode } = await post(gate.mallcoo, 'GetParkingPaymentInfo', { plateNo: plate });
    return resCode === 1;
  });
}

/** What a driver, a coupon or a faulty caller makes different; a car for each. */
const VARIANTS: readonly ((due: number) => Readonly<Record<string, unknown>>)[] = [
  () => ({}),
  (due) => ({ amount: 0, deductionAmount: due, payType: 0 }),
  (due) => ({ amount: due - 100, deductionAmount: 100, payType: 1 }),
  (due) => ({ amount: due - 300, payType: 2 }),
  (due) => ({ amount: due + 200, unPayAmount: due + 200 }),
  () => ({ payTime: '2099-01-01 00:00:00' }),
  (due) => ({ amount: due - 0.4, payType: 99, payChannel: 1 }),
];

const SCHEDULE_NAMES = ['immediate', 'halfHour', 'day'] as const;

/** Everything that is on its way while the power goes; what was not acknowledged in the end is returned. */
async function traffic(mallcoo: Mallcoo, quotes: readonly Quote[], gate: Gate): Promise<readonly Notice[]> {
  const unacknowledged: Notice[] = [];
  const flows = quotes.map(async (quote, index) => {
    const notice = noticeOf(quote, `DAY${index}`, VARIANTS[index % VARIANTS.length]?.(quote.due));
    const schedule = SCHEDULES[SCHEDULE_NAMES[index % SCHEDULE_NAMES.length] ?? 'day'];
    await sleep(index * 100);
    if (!(await mallcoo.tell(notice, schedule, index % 5))) unacknowledged.push(notice);
  });
  for (let kill = 0; kill < KILLS; kill += 1) {
    await sleep(500);
    await gate.kill();
    await gate.start();
  }
  await Promise.all(flows);
  return unacknowledged;
}

function refused(outcome: Outcome): boolean {
  return outcome.type === 'answered' && outcome.status === 200 && outcome.json?.['resCode'] === 1;
}

/** One that leaves and is paid for again; one that is inside again under an old `feeId`. */
async function departures(mallcoo: Mallcoo, gate: Running, site: Site): Promise<void> {
  for (const [plate, comesBack] of [
    ['粤D10001', false],
    ['粤D10002', true],
  ] as const) {
    const quote = await quoted(gate, site, plate);
    assert.ok(await mallcoo.tell(noticeOf(quote, `PAID${plate}`), SCHEDULES.immediate));
    await leave(gate, site, plate);
    if (comesBack) await site.see('demo-in-1', plate);
    assert.ok(await mallcoo.tell(noticeOf(quote, `AFTER${plate}`, { amount: 500 }), SCHEDULES.immediate));
  }
}

/** Asks the books, as a manager would, of a process of its own. */
function reconcile(gate: Gate, days: readonly [from: string, to: string]): Report {
  const bin = join(import.meta.dirname, '..', '..', 'src', 'bin.mjs');
  const args = [bin, 'payments', gate.file, '--day', days[0], '--to', days[1], '--json'];
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
  return parseReport({ code: 0, err: stderr, lines: stdout.trim().split('\n') });
}

function agree({ payments, totals }: Report, { acknowledged }: Believed): void {
  const booked = payments.filter(({ status }) => status === 'booked');
  const byOrder = (a: readonly unknown[], b: readonly unknown[]): number => (String(a[0]) < String(b[0]) ? -1 : 1);
  assert.deepEqual(
    booked.map(({ orderNo, amount, deduction }) => [orderNo, amount, deduction]).toSorted(byOrder),
    [...acknowledged].map(([orderNo, { amount, deduction }]) => [orderNo, amount, deduction]).toSorted(byOrder),
    'each acknowledged order is in the books once, with the money that Mallcoo took',
  );
  const sum = (pick: (order: { amount: number; deduction: number }) => number): number =>
    [...acknowledged.values()].reduce((total, order) => total + pick(order), 0);
  assert.deepEqual(totals.credited, {
    notices: acknowledged.size,
    amount: sum(({ amount }) => amount),
    deduction: sum(({ deduction }) => deduction),
  });
}

test('after a day of retries, two callers, lost answers and three power cuts, the books and Mallcoo agree to the fen', async (t) => {
  const first = today();
  const gate = await gateOf(t);
  const mallcoo = mallcooOf(gate.current);
  const { believed } = mallcoo;
  const site = await outside(t, gate.current().mqtt);
  const quotes: Quote[] = [];
  for (let car = 0; car < CARS; car += 1) quotes.push(await quoted(gate.current(), site, `粤A${10_000 + car}`));
  await departures(mallcoo, gate.current(), site);
  // Nobody's: one stays so whatever Mallcoo does; of the other the entry comes later.
  const nobody = noticeOf({ plate: '粤N10001', feeId: 'NOSUCHFEE', due: 700 }, 'NOBODY');
  const early = noticeOf({ plate: '粤N10002', feeId: '', due: 800 }, 'EARLY');
  assert.equal(await mallcoo.tell(nobody, SCHEDULES.halfHour), false);
  assert.equal(await mallcoo.tell(early, SCHEDULES.immediate), false);

  const open = await traffic(mallcoo, quotes, gate);
  // The day is over. Mallcoo's people push once more what never got an answer.
  for (const notice of open) assert.ok(await mallcoo.tell(notice, SCHEDULES.immediate), notice.orderNo);
  const [quote] = quotes;
  assert.ok(quote);
  // One moment for all: a clock that ticks between the first two would make them two conflicts.
  const payTime = now();
  for (const amount of [quote.due + 100, quote.due + 100, quote.due + 200]) {
    assert.ok(refused(await mallcoo.once(noticeOf(quote, 'DAY0', { amount, payTime }))), 'other content is refused');
  }
  assert.equal(await mallcoo.tell(nobody, SCHEDULES.immediate), false);
  const after = await outside(t, gate.current().mqtt);
  await quoted(gate.current(), after, '粤N10002');
  assert.ok(await mallcoo.tell(early, SCHEDULES.immediate));

  const days = [first, today()] as const;
  const report = reconcile(gate, days);
  agree(report, believed);
  assert.equal(believed.acknowledged.size, CARS + 5);
  const { noticed, unmatched, cameAgain, conflicting, credited } = report.totals;
  assert.deepEqual(
    [unmatched, cameAgain, conflicting],
    [
      { notices: 1, amount: 700, deduction: 0 },
      { notices: 1, amount: 800, deduction: 0 },
      { notices: 2, amount: 2 * quote.due + 300, deduction: 0 },
    ],
  );
  assert.equal(noticed.amount - credited.amount, 700 + 800 + 2 * quote.due + 300, 'what was not credited is explained');
  const flags = new Set(report.payments.flatMap((line) => line['flags']));
  for (const flag of ['DEPARTED', 'STALE_FEE_ID', 'UNDERPAID', 'OVERPAID', 'PAY_TIME_ODD', 'AMOUNT_ROUNDED']) {
    assert.ok(flags.has(flag), flag);
  }
  assert.equal(await gate.current().end('SIGTERM'), 0);
  assert.deepEqual(reconcile(gate, days), report, 'the books say the same once the gate has stopped');
  assert.ok(believed.sent > 3 * believed.acknowledged.size && believed.lost > CARS);
  t.diagnostic(
    `${believed.sent} notices sent, ${believed.lost} without an answer, ${KILLS} kills; ` +
      `${noticed.notices} in the journal, ${credited.notices} orders credited with ¥${credited.amount / 100}, as acknowledged`,
  );
});
