/**
 * Tens of thousands of odd requests through the real server: always an answer in the standard's shape or a 4xx, never a
 * 500, a hang, or a booking that was not paid. `FUZZ_REQUESTS=300000` asks for more, `FUZZ_SEED=n` for the same again.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { after, HOUR } from '../../src/core/time.ts';
import { type Chance, chanceFrom } from './fuzz-chance.ts';
import { brokenFrame, framed, plain } from './fuzz-frames.ts';
import { type Booking, badPayment, type Car, goodQuery, noise, oddPayment, type Shot } from './fuzz-requests.ts';
import { type HttpAnswer, openWire, type Wire } from './fuzz-wire.ts';
import { plate, raw, type Site, site, TEN, ticket } from './site.ts';

const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 20_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);
const WORKERS = 8;
const SUCCESS: Readonly<Record<string, string>> = {
  GetParkingPaymentInfo:
    'resCode,resMsg,feeId,entryTime,parkingMinutes,totalAmount,unPayAmount,deductionAmount,paidAmount,offlineDeduction',
  PayParkingFee: 'resCode,resMsg',
  GetTraffic: 'resCode,resMsg,inNum,outNum',
};

/** An answer is one of the standard's, or a 4xx that says why in the same shape. */
function assertShape({ status, head, body }: HttpAnswer, what: string): Readonly<Record<string, unknown>> {
  assert.ok(status === 200 || (status >= 400 && status < 500), `${what}: ${status}`);
  assert.match(head, /^content-type: application\/json; charset=utf-8$/im, what);
  const json: Readonly<Record<string, unknown>> = JSON.parse(body);
  assert.ok(typeof json['resMsg'] === 'string' && json['resMsg'].length < 400, `${what}: ${body}`);
  if (json['resCode'] === 0) assert.equal(status, 200, what);
  else assert.deepEqual([json['resCode'], Object.keys(json).join()], [1, 'resCode,resMsg'], what);
  return json;
}

function assertAnswer(answer: HttpAnswer | undefined, shot: Shot): void {
  const what = `seed ${SEED}, ${shot.what} ${shot.method} ${shot.path} ${shot.body.toString('latin1').slice(0, 2_000)}`;
  assert.ok(answer, `no answer: ${what}`);
  const json = assertShape(answer, what);
  if (shot.books || shot.what === 'good') assert.equal(json['resCode'], 0, `${what}: ${answer.body}`);
  if (shot.call === 'PayParkingFee' && !shot.books) assert.equal(json['resCode'], 1, what);
  if (json['resCode'] !== 0) return;
  assert.equal(Object.keys(json).join(), SUCCESS[shot.call], what);
  for (const value of Object.values(json)) assert.ok(typeof value === 'string' || Number.isInteger(value), what);
}

/** The cars of the park: those with plates, and those with tickets. */
async function fillPark(s: Site): Promise<readonly Car[]> {
  const cars: Car[] = [];
  for (let i = 0; i < 30; i += 1) {
    const text = `沪A${10_000 + i}`;
    cars.push({ feeId: await s.enter(plate(text)), name: 'plateNo', text });
  }
  for (let i = 0; i < 10; i += 1) {
    const text = `T-${i}`;
    cars.push({ feeId: await s.enter(ticket(text)), name: 'barcode', text });
  }
  s.clock.at = after(TEN, HOUR);
  return cars;
}

interface Run {
  readonly port: number;
  readonly cars: readonly Car[];
  readonly bookings: Map<string, Booking>;
  readonly counts: Map<string, number>;
}

function note(run: Run, shot: Shot): void {
  if (shot.books) run.bookings.set(shot.books.orderNo, shot.books);
  run.counts.set(shot.what, (run.counts.get(shot.what) ?? 0) + 1);
}

/** One caller that sends its share, one request or one small heap of them at a time. */
async function work(run: Run, name: number, share: number): Promise<void> {
  const chance = chanceFrom(SEED * 100 + name);
  let wire: Wire = openWire(run.port);
  let orders = 0;
  let last: Shot | null = null;
  const fresh = (): string => {
    orders += 1;
    return `M${name}-${orders}`;
  };
  function next(): Shot {
    // A retry, byte for byte; or other content under the same number, of which nothing may be booked.
    if (last?.books && chance.once(4)) {
      if (chance.once(2)) return { ...last, what: 'retry' };
      const other = oddPayment(chance, last.books.orderNo, run.cars);
      const { amount, deduction } = last.books;
      if (other.books?.amount !== amount || other.books.deduction !== deduction) {
        return { ...other, what: 'conflict', books: null };
      }
    }
    const kind = chance.below(10);
    if (kind < 3) return oddPayment(chance, fresh(), run.cars);
    if (kind < 5) return badPayment(chance, fresh(), run.cars);
    return kind < 6 ? goodQuery(chance, run.cars) : noise(chance);
  }
  for (let sent = 0; sent < share; ) {
    if (wire.closed) wire = openWire(run.port);
    const heap = Array.from({ length: chance.once(20) ? 2 + chance.below(15) : 1 }, () => {
      const shot = next();
      if (shot.books) last = shot;
      return shot;
    });
    await wire.send(heap.length > 1 ? [Buffer.concat(heap.map(plain))] : heap.flatMap((shot) => framed(chance, shot)));
    const answers = await wire.answers(heap.length);
    for (const [index, shot] of heap.entries()) {
      assertAnswer(answers[index], shot);
      note(run, shot);
    }
    sent += heap.length;
  }
  wire.destroy();
}

/** What is no proper request, each on a connection of its own: an answer or none, but the connection comes to its end. */
async function misuse(run: Run, chance: Chance, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 1) {
    const paid = oddPayment(chance, `X${sent}`, run.cars);
    const bytes = brokenFrame(chance, paid.body.toString('latin1'));
    const wire = openWire(run.port);
    await wire.send([bytes]);
    if (chance.once(10)) wire.destroy();
    else wire.half();
    const what = `seed ${SEED}, broken ${bytes.toString('latin1').slice(0, 300)}`;
    for (const answer of await wire.answers(Number.POSITIVE_INFINITY)) {
      assert.equal(assertShape(answer, what)['resCode'], 1, what);
    }
    wire.destroy();
  }
  run.counts.set('no HTTP', count);
}

/** Bodies that stop coming: each ends with a 408. */
async function stall(run: Run): Promise<void> {
  const start = 'POST /mallcoo/PayParkingFee HTTP/1.1\r\nHost: x\r\n';
  const stalled = [
    `${start}Content-Length: 50\r\n\r\n{`,
    `${start}Transfer-Encoding: chunked\r\n\r\n5\r\n{`,
    start,
    'P',
  ];
  const heard = await Promise.all(stalled.map((text) => raw(run.port, [text])));
  for (const { text } of heard) assert.match(text, /^HTTP\/1\.1 408 .*"resCode":1/is);
}

function booked(s: Site): readonly Booking[] {
  return s.records
    .flatMap(({ events }) => events)
    .flatMap((event) => {
      if (event.type !== 'paymentBooked') return [];
      const { orderNo, amount, deductionAmount: deduction } = event.notice;
      return [{ orderNo, visit: event.visit, amount, deduction }];
    });
}

const byOrder = (list: Iterable<Booking>): readonly Booking[] =>
  [...list].sort((a, b) => (a.orderNo < b.orderNo ? -1 : 1));

async function fuzz(t: TestContext): Promise<void> {
  const s = await site(t, { requestTimeoutMs: 5_000 });
  const run: Run = { port: s.port, cars: await fillPark(s), bookings: new Map(), counts: new Map() };
  const share = Math.ceil((REQUESTS * 0.95) / WORKERS);
  const began = performance.now();
  await Promise.all([
    ...Array.from({ length: WORKERS }, (_, name) => work(run, name, share)),
    misuse(run, chanceFrom(SEED), Math.ceil(REQUESTS * 0.05)),
    stall(run),
  ]);
  const seconds = (performance.now() - began) / 1_000;
  assert.deepEqual(byOrder(booked(s)), byOrder(run.bookings.values()), `seed ${SEED}`);
  const internal = s.lines.filter(([message]) => message === 'a call from Mallcoo failed');
  assert.deepEqual(internal, []);
  const counts = [...run.counts].map(([what, count]) => `${count} ${what}`).join(', ');
  t.diagnostic(`seed ${SEED}: ${counts}; ${run.bookings.size} orders booked; ${seconds.toFixed(1)} s`);
}

test('whatever comes over the wire, there is a well-formed answer, and only what was paid is booked', fuzz);
