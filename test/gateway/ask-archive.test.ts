/** Payments and the archive: asked when it must be, and only then. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LaneId, OrderNo, VisitId } from '../../src/core/ids.ts';
import { fen } from '../../src/core/money.ts';
import type { PayCommand, PaymentNotice, Reply } from '../../src/core/park/commands.ts';
import type { JournalRecord } from '../../src/core/park/events.ts';
import { emptyState, type SealedBatch } from '../../src/core/park/state.ts';
import { after, DAY, HOUR, type Instant } from '../../src/core/time.ts';
import { askingArchive } from '../../src/gateway/ask-archive.ts';
import { startGateway } from '../../src/gateway/gateway.ts';
import type { Archive, Gateway } from '../../src/gateway/ports.ts';
import { notice, P001, park, plate, TEN } from '../core/park/scene.ts';
import { type Shelf, shelf } from '../core/park/shelf.ts';

interface Gate {
  readonly gateway: Gateway;
  readonly records: readonly JournalRecord[];
  /** What the archive was asked, in order. */
  readonly asked: string[];
  /** Answers in place of the shelf: throws. */
  broken: 'order' | 'visit' | null;
  /** Called before the archive answers. */
  meanwhile: () => Promise<void>;
  pay(order: string, over?: Partial<PaymentNotice>): Promise<Reply>;
  /** A car comes, pays ¥5 as `order`, and leaves. */
  visit(order: string): Promise<void>;
  archive(): Promise<void>;
}

function gate(): Gate {
  const records: JournalRecord[] = [];
  const clock = { at: TEN, now: (): Instant => clock.at };
  const loop = startGateway({
    world: () => ({ parks: new Map([[P001, park()]]) }),
    working: emptyState(),
    committed: emptyState(),
    journal: { append: async (batch) => void records.push(...batch), room: () => 'free' },
    clock,
    faults: { raise: () => undefined, clear: () => undefined },
    inboxLimit: 100,
    batchLimit: 10,
    onCommit: () => undefined,
    onEffect: () => undefined,
    onFatal: (error) => {
      throw error;
    },
  });
  const kept: Shelf = shelf();
  async function answer<T>(what: 'order' | 'visit', key: string, read: () => T): Promise<T> {
    self.asked.push(`${what} ${key}`);
    if (self.broken === what) throw new Error('the disk is bad');
    // What the archive knew when it was asked: the rest happens while it reads.
    const known = read();
    const { meanwhile } = self;
    self.meanwhile = async () => undefined;
    await meanwhile();
    return known;
  }
  const archive: Archive = {
    order: (_, orderNo) => answer('order', orderNo, () => kept.order(orderNo)),
    visit: (_, id) => answer('visit', id, () => kept.visit(id)),
    traffic: () => ({ inNum: 0, outNum: 0 }),
  };
  let visits = 0;
  async function read(lane: string): Promise<void> {
    const reading = {
      device: 'cam' as never,
      credential: plate('粤A12345'),
      colour: 'unknown',
      confidence: null,
    } as const;
    await loop.submit({
      type: 'reading',
      park: P001,
      lane: lane as LaneId,
      reading: { ...reading, identity: null },
      history: null,
      freshVisit: `V${visits}` as VisitId,
    });
  }
  function command(order: string, over: Partial<PaymentNotice>): PayCommand {
    const theNotice = notice({ orderNo: order as OrderNo, amount: fen(500), ...over });
    return { type: 'pay', park: P001, notice: theNotice, digest: JSON.stringify(theNotice) };
  }
  const self: Gate = {
    gateway: askingArchive(loop, archive),
    records,
    asked: [],
    broken: null,
    meanwhile: async () => undefined,
    pay: (order, over = {}) => self.gateway.submit(command(order, over)),
    async visit(order) {
      visits += 1;
      await read('in-1');
      clock.at = after(clock.at, HOUR);
      await self.pay(order, { feeId: `V${visits}` });
      await read('out-1');
      clock.at = after(clock.at, DAY);
    },
    async archive() {
      const bound = clock.at;
      await loop.submit({ type: 'seal', park: P001, closedBefore: bound, passagesBefore: bound });
      const sealed: SealedBatch | null | undefined = loop.state().parks.get(P001)?.sealed;
      assert.ok(sealed);
      kept.put(sealed);
      await loop.submit({ type: 'archived', park: P001, batch: sealed.batch });
    },
  };
  return self;
}

const repeated = { type: 'booked', visit: 'V1', repeated: true, flags: [] };
const bookings = ({ records }: Gate): readonly string[] =>
  records
    .flatMap(({ events }) => events)
    .flatMap((event) => (event.type === 'paymentBooked' ? event.notice.orderNo : []));

test('before anything is archived, and for what the state knows, the archive is not asked', async () => {
  const g = gate();
  await g.visit('A');
  assert.deepEqual(await g.pay('A', { feeId: 'V1' }), repeated);
  await g.archive();
  await g.visit('B');
  g.asked.length = 0;
  assert.deepEqual(await g.pay('B', { feeId: 'V2' }), { ...repeated, visit: 'V2' });
  assert.deepEqual(g.asked, []);
});

test('a new order asks for the order alone, as long as its visit is known', async () => {
  const g = gate();
  await g.visit('A');
  await g.archive();
  await g.visit('B');
  assert.deepEqual(g.asked, ['order B']);
});

test('a retry of an archived order gets its first answer, and nothing is written', async () => {
  const g = gate();
  await g.visit('A');
  await g.archive();
  const before = g.records.length;
  assert.deepEqual(await g.pay('A', { feeId: 'V1' }), repeated);
  assert.equal(g.records.length, before);
});

test('money for an archived visit is booked on it', async () => {
  const g = gate();
  await g.visit('A');
  await g.archive();
  const reply = await g.pay('late', { feeId: 'V1' });
  assert.ok(reply.type === 'booked' && reply.visit === 'V1' && reply.flags.includes('DEPARTED'));
  assert.deepEqual(bookings(g), ['A', 'late']);
});

test('an order that moves to the archive while the archive is asked is not booked twice', async () => {
  const g = gate();
  await g.visit('first');
  await g.archive();
  await g.visit('A');
  // The order is sealed, archived and let go of between the question and the payment that follows it.
  g.meanwhile = () => g.archive();
  const asking = g.pay('other', { feeId: 'NOPE' });
  const retry = g.pay('A', { feeId: 'V2' });
  await asking;
  assert.deepEqual(await retry, { ...repeated, visit: 'V2' });
  g.meanwhile = async () => {
    await g.visit('C');
    await g.archive();
  };
  assert.deepEqual(await g.pay('C', { feeId: 'V3' }), { ...repeated, visit: 'V3' });
  assert.deepEqual(bookings(g), ['first', 'A', 'C']);
});

test('an order that cannot be read is not booked: it may have been, and the caller tries again', async () => {
  const g = gate();
  await g.visit('A');
  await g.archive();
  g.broken = 'order';
  await assert.rejects(g.pay('A', { feeId: 'V1' }), /the disk is bad/);
  g.broken = null;
  assert.deepEqual(await g.pay('A', { feeId: 'V1' }), repeated);
  assert.deepEqual(bookings(g), ['A']);
});

test('money for a visit that cannot be read is kept for a person, and booked once it can', async () => {
  const g = gate();
  await g.visit('A');
  await g.archive();
  g.broken = 'visit';
  assert.deepEqual(await g.pay('late', { feeId: 'V1' }), { type: 'refused', code: 'FEE_ID_UNKNOWN', value: 'V1' });
  g.broken = null;
  const reply = await g.pay('late', { feeId: 'V1' });
  assert.equal(reply.type, 'booked');
  assert.deepEqual(bookings(g), ['A', 'late']);
});
