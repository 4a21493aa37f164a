/**
 * The plug is pulled: the process is killed under load, and what was acknowledged is there afterwards, once. `KILLS=300`
 * does it more often.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DEMO_SHEET, demoConfig } from '../../src/demo/config.ts';
import { agoMinutes, demo, folder, gatepost, outside, post, type Running, running, type Site } from './support.ts';

const KILLS = Number(process.env['KILLS'] ?? 10);
/** Cars that come at once; each is paid for as soon as its entry is acknowledged. */
const WORKERS = 4;
/** The gate lives so long under load, in ms: from its first commit to a few snapshots and a segment. */
const LIFE = { shortest: 5, longest: 400 };

interface Order {
  readonly orderNo: string;
  readonly plate: string;
  /** In 分. */
  readonly amount: number;
}

interface Books {
  /** Cars whose entry the broker acknowledged: the gate must know them. */
  readonly entered: string[];
  /** Orders that at least one answer said are booked. */
  readonly paid: Order[];
  /** Orders without an answer: Mallcoo sends them again. */
  readonly open: Map<string, Order>;
  /** Answers with `resCode` 0, those to repetitions included. */
  acknowledged: number;
}

/** A gate's configuration with small segments and frequent snapshots, and a way to start it without compiling it again. */
async function site(t: TestContext): Promise<{ readonly data: string; start(): Promise<Running> }> {
  const data = folder(t);
  const dir = folder(t);
  const file = join(dir, 'site.yaml');
  writeFileSync(file, `${demoConfig({ portBase: 0, data })}store: { segmentMiB: 1, snapshotEvery: 100 }\n`);
  writeFileSync(join(dir, 'demo-sheet.yaml'), DEMO_SHEET);
  const env = { NODE_COMPILE_CACHE: folder(t) };
  // A process that is killed leaves no cache behind; this one ends by itself.
  assert.equal(await gatepost(t, ['--version'], env).exited(), 0);
  return { data, start: () => running(gatepost(t, ['run', file], env)) };
}

/** Mallcoo's two callers send the same order at once. @throws Error when the gate dies under it. */
async function pay(gate: Running, books: Books, order: Order): Promise<void> {
  const { orderNo, plate, amount } = order;
  const call = async (): Promise<void> => {
    const { resCode, resMsg } = await post(gate.mallcoo, 'PayParkingFee', {
      plateNo: plate,
      orderNo,
      amount,
      payType: 3,
    });
    assert.equal(resCode, 0, `${orderNo}: ${resMsg}`);
    books.acknowledged += 1;
    if (books.open.delete(orderNo)) books.paid.push(order);
  };
  const answers = await Promise.allSettled([call(), call()]);
  for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
}

/** Cars come and are paid for until the gate dies under it. */
async function work(gate: Running, outsideGate: Site, books: Books, next: () => number): Promise<void> {
  for (;;) {
    const number = next();
    const plate = `粤${'ABCDEFGHJK'.charAt(Math.floor(number / 100_000))}${String(number % 100_000).padStart(5, '0')}`;
    const order = { orderNo: `O${number}`, plate, amount: 100 + (number % 900) };
    await outsideGate.see('demo-in-1', plate, agoMinutes(30));
    books.entered.push(plate);
    books.open.set(order.orderNo, order);
    await pay(gate, books, order);
  }
}

/** Only an answer that is wrong is a failure here; that the gate is gone in the middle is what this is about. */
function unlessKilled(error: unknown): void {
  if (error instanceof assert.AssertionError) throw error;
}

async function payOpen(gate: Running, books: Books): Promise<void> {
  for (const order of [...books.open.values()]) await pay(gate, books, order);
}

/** One life of the gate: Mallcoo repeats what had no answer, cars come, and it is killed. */
async function live(t: TestContext, gate: Running, books: Books, next: () => number): Promise<void> {
  const outsideGate = await outside(t, gate.mqtt);
  const ms = LIFE.shortest + Math.random() * (LIFE.longest - LIFE.shortest);
  const killing = new Promise<void>((resolve) => {
    setTimeout(() => resolve(gate.end('SIGKILL').then(() => undefined)), ms);
  });
  const workers = Array.from({ length: WORKERS }, () => work(gate, outsideGate, books, next).catch(unlessKilled));
  await payOpen(gate, books).catch(unlessKilled);
  await Promise.all(workers);
  await killing;
  outsideGate.client.end(true);
  assert.doesNotMatch(gate.output(), /RECORD_BAD|SNAPSHOT_BAD|SNAPSHOT_FAILED/);
}

/** `gatepost journal …`, at its end. */
function journal(...args: readonly string[]): string {
  const bin = join(import.meta.dirname, '..', '..', 'src', 'bin.mjs');
  const listing = spawnSync(process.execPath, [bin, 'journal', ...args], {
    encoding: 'utf8',
    maxBuffer: 1024 * 1024 * 1024,
  });
  assert.deepEqual([listing.status, listing.stderr], [0, ''], listing.stdout.slice(-2_000));
  return listing.stdout;
}

/** How often each order stands as booked in the journal. */
function bookings(data: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of journal(data, '--type', 'paymentBooked', '--json').trim().split('\n')) {
    const { events } = JSON.parse(line) as { readonly events: readonly { readonly notice?: { orderNo: string } }[] };
    for (const { notice } of events) {
      if (notice) counts.set(notice.orderNo, (counts.get(notice.orderNo) ?? 0) + 1);
    }
  }
  return counts;
}

test(`after ${KILLS} kills every acknowledged car is known, and every acknowledged payment is booked once`, async (t) => {
  const { data, start } = await site(t);
  const books: Books = { entered: [], paid: [], open: new Map(), acknowledged: 0 };
  let number = 0;
  const next = (): number => number++;
  for (let kill = 0; kill < KILLS; kill += 1) await live(t, await start(), books, next);

  const gate = await start();
  const repeated = books.open.size;
  await payOpen(gate, books);
  const due = new Map(books.paid.map(({ plate, amount }) => [plate, amount]));
  for (const plate of books.entered) {
    const { fields } = await post(gate.mallcoo, 'GetParkingPaymentInfo', { plateNo: plate });
    assert.deepEqual([plate, fields['resCode'], fields['paidAmount']], [plate, 0, due.get(plate)]);
  }
  const counts = bookings(data);
  assert.deepEqual(
    [...counts].filter(([, times]) => times !== 1),
    [],
  );
  assert.deepEqual([...counts.keys()].sort(), books.paid.map(({ orderNo }) => orderNo).sort());
  assert.ok(books.entered.length > KILLS, 'there was work between the kills');
  assert.equal(await gate.end('SIGTERM'), 0);
  assert.match(journal('verify', data), /^clean: /m);
  t.diagnostic(
    `${KILLS} kills: ${books.entered.length} entries acknowledged, 0 lost; ${books.paid.length} payments acknowledged ` +
      `(${books.acknowledged} answers, ${repeated} sent again after the last kill), 0 lost, 0 booked twice`,
  );
});

test('two daemons never share a folder: the second says who holds it, and starts nothing', async (t) => {
  const data = folder(t);
  await demo(t, data);
  const second = demo(t, data);
  await assert.rejects(second, (error: Error) => error.message.includes(data) && !error.message.includes('    at '));
});
