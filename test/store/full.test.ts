/** A disk that is full, read-only or broken: nobody loses what was promised, and paid cars leave as long as they can. */
import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { evolve } from '../../src/core/park/evolve.ts';
import { capture } from '../../src/core/park/snapshot.ts';
import { emptyState } from '../../src/core/park/state.ts';
import { after, type Instant, SECOND } from '../../src/core/time.ts';
import { GatewayFull, GatewayStopped } from '../../src/gateway/ports.ts';
import { type CallContext, payParkingFee } from '../../src/mallcoo/calls.ts';
import { collect } from '../../src/mallcoo/fields.ts';
import { type Disk, realDisk } from '../../src/store/disk.ts';
import { StoreError } from '../../src/store/files.ts';
import { park, TEN } from '../core/park/scene.ts';
import { digestOf, type Gate, gateOver, openDay, payment, reading } from './crash-day.ts';
import { faultyDisk, ramDisk } from './faulty-disk.ts';
import { DROP, type Image, KEEP, type Step } from './faulty-platter.ts';
import { tinyDisk } from './tools.ts';

const KIB = 1024;
const SEGMENT = 64 * KIB;

interface SmallDisk {
  readonly disk: Disk;
  readonly dir: string;
  /** Takes room away, or gives it back. */
  ballast(bytes: number): void;
}

async function openGate(small: SmallDisk, now: Instant) {
  const opened = await openDay(small.disk, small.dir, SEGMENT);
  const found = digestOf(opened.store.working);
  const arms: number[] = [];
  const gate = gateOver({ ...opened, now, onArm: (seq) => void arms.push(seq) });
  await gate.gateway.submit({ type: 'recover' }).catch(onlyFull);
  return { ...opened, found, gate, arms };
}

function onlyFull(error: unknown): void {
  if (!(error instanceof GatewayFull)) throw error;
}

/** Mallcoo's own call: the answer's body. */
async function pay(gate: Gate, car: number): Promise<string> {
  const context: CallContext = {
    gateway: gate.gateway,
    clock: { now: () => gate.now },
    language: 'en',
    log: { notice: () => undefined, info: () => undefined },
    archive: { traffic: () => ({ inNum: 0, outNum: 0 }) },
  };
  const fields = collect(Object.entries({ orderNo: `M${car}`, plateNo: plateOf(car), amount: 500, payType: 3 }));
  return (await payParkingFee.run(context, park(), fields)).body;
}

const plateOf = (car: number): string => `粤A${String(car).padStart(5, '0')}`;

/** Lets cars in until one is turned away. @returns how many are inside. */
async function fill(gate: Gate, from: number): Promise<number> {
  for (let car = from; ; car += 1) {
    gate.now = after(gate.now, 10);
    const reply = await gate.gateway.submit(reading(car, 'in-1', car)).catch(onlyFull);
    if (!reply) return car - 1;
    assert.ok(car < 10_000, 'the disk fills up');
  }
}

async function fillsUp(small: SmallDisk): Promise<void> {
  small.ballast(1024 * KIB - 3.5 * SEGMENT);
  const first = await openGate(small, TEN);
  const { gate, store, raised } = first;
  const inside = await fill(gate, 1);
  assert.ok(inside > 100, `${inside} cars came in`);
  assert.deepEqual([...raised], [['DISK_FULL journal', '64 KiB']]);
  assert.match(await pay(gate, 1), /"resCode":1,"resMsg":"the disk is full: nothing was booked; try again later"/);
  await assert.rejects(gate.gateway.submit(payment(1, { feeId: 'V1' })), GatewayFull);
  await store.writeSnapshot(capture(gate.gateway.state()));

  // Within their free minutes they owe nothing.
  const arms = first.arms.length;
  for (let car = 1; car <= 20; car += 1) {
    gate.now = after(gate.now, SECOND);
    assert.equal((await gate.gateway.submit(reading(car, 'out-1', 0))).type, 'reading');
  }
  await gate.effects.settled();
  assert.equal(first.arms.length, arms + 20);
  await store.lookForRoom();
  assert.equal(raised.size > 0, true, 'there is no room yet');

  // The process ends, and starts on the full disk: the next car leaves all the same, and then to the last byte.
  await gate.gateway.stop();
  await store.close();
  const second = await openGate(small, gate.now);
  assert.equal(second.found, digestOf(gate.gateway.state()));
  let car = 21;
  for (; car <= inside; car += 1) {
    second.gate.now = after(second.gate.now, 10);
    if (!(await second.gate.gateway.submit(reading(car, 'out-1', 0)).catch(onlyFull))) break;
  }
  await second.gate.effects.settled();
  assert.ok(car > 30 && car <= inside, `${car} of ${inside} cars left before the last byte`);
  await assert.rejects(second.gate.gateway.submit(reading(car, 'out-1', 0)), GatewayFull);
  await second.gate.gateway.stop();
  await second.store.close();

  // Not a byte is left, and it starts.
  const third = await openGate(small, second.gate.now);
  assert.equal(third.found, digestOf(second.gate.gateway.state()));
  await assert.rejects(third.gate.gateway.submit(reading(car, 'out-1', 0)), GatewayFull);

  // Somebody makes room: everything goes on by itself.
  small.ballast(0);
  await third.store.lookForRoom();
  assert.deepEqual([...third.raised], []);
  assert.equal((await third.gate.gateway.submit(reading(car, 'out-1', 0))).type, 'reading');
  assert.equal((await third.gate.gateway.submit(reading(9_999, 'in-1', 9_999))).type, 'reading');
  assert.match(await pay(third.gate, inside), /"resCode":0/);
  await third.store.writeSnapshot(capture(third.gate.gateway.state()));
  await third.gate.effects.settled();
  await third.gate.gateway.stop();
  await third.store.close();
  const fourth = await openGate(small, third.gate.now);
  assert.equal(fourth.found, digestOf(third.gate.gateway.state()));
  assert.deepEqual([...fourth.raised], []);
  await fourth.store.close();
}

test('on a disk of 1 MB that fills up entries and payments wait, paid cars leave, and all goes on when there is room', async (t) => {
  const tiny = tinyDisk(t, 1024);
  if (!tiny) return;
  const file = join(tiny.folder, 'somebody-elses.log');
  await fillsUp({
    disk: realDisk,
    dir: join(tiny.folder, 'data'),
    ballast: (bytes) => (bytes === 0 ? rmSync(file) : writeFileSync(file, Buffer.alloc(bytes))),
  });
});

test('the same in memory, where everybody can run it', async () => {
  let room = 1024 * KIB;
  const disk = faultyDisk({ room: () => room });
  await fillsUp({
    disk,
    dir: '/data',
    ballast(bytes) {
      room = 1024 * KIB - bytes;
    },
  });
});

test('a disk that is full from the beginning refuses to start, and says what to do', async (t) => {
  const tiny = tinyDisk(t, 1024);
  if (!tiny) return;
  await assert.rejects(openDay(realDisk, join(tiny.folder, 'data'), 4 * 1024 * KIB), (error: unknown) => {
    assert.ok(error instanceof StoreError);
    assert.match(error.message, /data cannot be used: ENOSPC.*the disk is full: remove what is not needed there/);
    return true;
  });
  assert.deepEqual(readdirSync(join(tiny.folder, 'data', 'journal')), [], 'nothing half-made is left');
});

test('on a read-only disk the gate does not start, says why, and touches nothing', async (t) => {
  const tiny = tinyDisk(t, 1024);
  if (!tiny) return;
  const dir = join(tiny.folder, 'data');
  const { store, faults } = await openDay(realDisk, dir, SEGMENT);
  const gate = gateOver({ store, faults, now: TEN });
  await gate.gateway.submit(reading(1, 'in-1', 1));
  await gate.effects.settled();
  await gate.gateway.stop();
  await store.close();
  tiny.remount('ro');
  await assert.rejects(openDay(realDisk, dir, SEGMENT), (error: unknown) => {
    assert.ok(error instanceof StoreError);
    assert.match(error.message, /cannot be used: EROFS.*the disk is read-only, .* see "dmesg"/);
    return true;
  });
  tiny.remount('rw');
  const again = await openDay(realDisk, dir, SEGMENT);
  assert.equal(digestOf(again.store.working), digestOf(gate.gateway.state()));
  await again.store.close();
});

test('a sector that the disk cannot read costs the records in it, is told, and does not keep the gate from starting', async () => {
  const disk = ramDisk();
  const { store, faults } = await openDay(disk, '/data', SEGMENT);
  const gate = gateOver({ store, faults, now: TEN });
  for (let car = 1; car <= 60; car += 1) await gate.gateway.submit(reading(car, 'in-1', car));
  await gate.effects.settled();
  await gate.gateway.stop();
  await store.close();
  const bad = { start: 8_192, end: 8_704 };
  const worn = faultyDisk({
    image: disk.image(),
    unreadable: (path, start, end) => path.endsWith('0001.jsonl') && start < bad.end && end > bad.start,
  });
  const again = await openDay(worn, '/data', SEGMENT);
  assert.deepEqual([...again.raised.keys()], ['RECORD_BAD journal/000000000001.jsonl']);
  const { records, badRecords } = again.store.recovered;
  assert.ok(badRecords > 0 && badRecords < 30);
  assert.equal(records + badRecords, store.stats().seq);
  await again.store.close();
});

/** What a run on a failing disk has promised, and how it ended. */
interface Run {
  readonly acknowledged: number;
  readonly given: number;
  readonly fatal: readonly Error[];
  /** The state after each record that was given to the journal, in short. */
  readonly states: readonly string[];
  /** The folder as the next process finds it, and as it is after a power cut on top. */
  readonly images: readonly Image[];
}

/** A short day on a disk on which steps fail from the `nth` on: once, or for good. */
async function runFailing(nth: number, code: string, forGood: boolean): Promise<Run> {
  let steps = 0;
  const disk = faultyDisk({
    fail(step: Step) {
      steps += step.kind === 'makeFolder' ? 0 : 1;
      return steps === nth || (forGood && steps > nth) ? code : null;
    },
  });
  const fatal: Error[] = [];
  const state = emptyState();
  const states = [digestOf(state)];
  let acknowledged = 0;
  const opened = await openDay(disk).catch((error: unknown) => {
    assert.ok(error instanceof StoreError && error.message.includes(code), 'it says why it does not start');
    return null;
  });
  if (opened) {
    const gate = gateOver({
      ...opened,
      now: TEN,
      onGiven(batch) {
        for (const record of batch) {
          evolve(state, record);
          states.push(digestOf(state));
        }
      },
      onCommit({ seq }) {
        acknowledged = seq;
      },
      onFatal: (error) => void fatal.push(error),
    });
    let snapshots: Promise<unknown> = Promise.resolve();
    for (let car = 1; car <= 30 && fatal.length === 0; car += 1) {
      gate.now = after(gate.now, SECOND);
      const replies = [reading(car, 'in-1', car), payment(car, { feeId: `V${car}` })].map((command) =>
        gate.gateway.submit(command).catch((error: unknown) => {
          assert.ok(error instanceof GatewayStopped);
        }),
      );
      await Promise.all(replies);
      if (car % 10 === 0) {
        await snapshots;
        snapshots = opened.store.writeSnapshot(capture(gate.gateway.state()));
      }
    }
    await snapshots;
    if (fatal.length > 0) await assert.rejects(gate.gateway.submit(reading(99, 'in-1', 99)), GatewayStopped);
  }
  const images = [disk.image(), disk.cut(DROP), disk.cut(KEEP)];
  return { acknowledged, given: states.length - 1, fatal, states, images };
}

for (const [code, forGood] of [
  ['EIO', false],
  ['EIO', true],
  ['EROFS', true],
] as const) {
  test(`${code}${forGood ? ' for good' : ''} at any step ends the gate once, with a reason, and loses nothing it acknowledged`, async () => {
    let ended = 0;
    let lived = 0;
    for (let nth = 1; nth <= 150; nth += 1) {
      const run = await runFailing(nth, code, forGood);
      assert.ok(run.fatal.length <= 1);
      for (const { message } of run.fatal) {
        assert.match(message, new RegExp(`^records could not be written to /data/journal: ${code}.*see "dmesg"`));
      }
      if (run.fatal.length === 1) ended += 1;
      else lived += 1;
      for (const image of run.images) {
        const { store } = await openDay(ramDisk(image));
        const { seq } = store.working;
        assert.ok(
          seq >= run.acknowledged && seq <= run.given,
          `step ${nth}: ${run.acknowledged} ≤ ${seq} ≤ ${run.given}`,
        );
        assert.equal(digestOf(store.working), run.states[seq], `step ${nth}`);
        await store.close();
      }
    }
    assert.ok(ended > 20, `${ended} ended, ${lived} lived on`);
  });
}
