/**
 * The power is cut at every operation of a busy day on the disk, and at bytes of every write, with what was not synced
 * dropped, kept or torn; and again while the store recovers from that. `CRASH_BYTES=1` cuts at every byte (the default is
 * every 97th), `CRASH_SEEDS=20` plays that many days, `CRASH_CHANCES=8` draws so many fates by chance at each operation.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evolve } from '../../src/core/park/evolve.ts';
import { emptyState } from '../../src/core/park/state.ts';
import type { Disk } from '../../src/store/disk.ts';
import { P001 } from '../core/park/scene.ts';
import { type Day, digestOf, gateOver, openDay, recordDay, seeded } from './crash-day.ts';
import { faultyDisk, ramDisk } from './faulty-disk.ts';
import {
  byChance,
  DROP,
  EMPTY,
  type Fate,
  type Image,
  KEEP,
  platter,
  tornAfter,
  type WriteStep,
} from './faulty-platter.ts';

const BYTES = Number(process.env['CRASH_BYTES'] ?? 97);
const SEEDS = Number(process.env['CRASH_SEEDS'] ?? 1);
const CHANCES = Number(process.env['CRASH_CHANCES'] ?? 2);
/** Of the cuts, every how many is followed by cuts during its recovery. */
const AGAIN = Number(process.env['CRASH_AGAIN'] ?? 40);
const ROUNDS = 120;

/** What a start may find: every record that was acknowledged, and no more than was given to the journal. */
interface Allowed {
  readonly acknowledged: number;
  readonly given: number;
}

interface Tally {
  cuts: number;
  again: number;
  /** What the starts found, by the last record. */
  readonly found: Set<number>;
}

/** The state after each number of the day's records, as text. */
function foldsOf({ records }: Day): readonly string[] {
  const state = emptyState();
  const folds = [digestOf(state)];
  for (const record of records) {
    evolve(state, record);
    folds.push(digestOf(state));
  }
  return folds;
}

/** Starts from what the disk holds, and compares with the model. @returns the last record that was found. */
async function start(disk: Disk, folds: readonly string[], allowed: Allowed, where: string): Promise<number> {
  const { store, raised } = await openDay(disk);
  await store.close();
  const { seq } = store.working;
  assert.ok(seq >= allowed.acknowledged, `${where}: record ${allowed.acknowledged} was acknowledged, ${seq} found`);
  assert.ok(seq <= allowed.given, `${where}: record ${seq} was found, and only ${allowed.given} ever given`);
  assert.equal(digestOf(store.working), folds[seq], `${where}: the state is that of the first ${seq} records`);
  assert.deepEqual([...raised], [], `${where}: a power cut is no damage`);
  return seq;
}

/** Cuts the power at each operation of a recovery; the next one must find what this one would have. */
async function cutRecovery(image: Image, folds: readonly string[], seq: number, where: string): Promise<number> {
  const same = { acknowledged: seq, given: seq };
  for (let steps = 1; ; steps += 1) {
    for (const [name, fate] of [
      ['dropped', DROP],
      ['kept', KEEP],
      ['by chance', byChance(seeded(steps))],
    ] as const) {
      const cut = await new Promise<Image | null>((resolve) => {
        let left = steps;
        const disk = faultyDisk({
          image,
          async pause() {
            left -= 1;
            if (left === 0) resolve(disk.cut(fate));
          },
        });
        void openDay(disk).then(({ store }) => store.close().then(() => resolve(null)));
      });
      if (cut === null) return steps - 1;
      await start(ramDisk(cut), folds, same, `${where}, again at step ${steps} of the recovery, ${name}`);
    }
  }
}

/** The fates to try at a moment. Writes of records are torn at bytes, all others as a whole and by chance. */
function fatesAt(write: WriteStep | null, chance: number): readonly (readonly [string, Fate])[] {
  const fates: [string, Fate][] = [
    ['dropped', DROP],
    ['kept', KEEP],
  ];
  for (let n = 0; n < CHANCES; n += 1) fates.push([`by chance ${n}`, byChance(seeded(chance * 64 + n))]);
  if (!write) return fates;
  for (let byte = 1 + (chance % BYTES); byte < write.bytes.length; byte += BYTES) {
    fates.push([`torn after ${byte} bytes`, tornAfter(byte, byte % 2 === 0)]);
  }
  return fates;
}

async function cutDay(day: Day, tally: Tally): Promise<void> {
  const folds = foldsOf(day);
  const surface = platter(EMPTY);
  const allowed = { acknowledged: 0, given: 0 };
  for (const [index, mark] of day.trace.entries()) {
    switch (mark.kind) {
      case 'begin':
        surface.begin(mark.step);
        break;
      case 'end':
        surface.end(mark.step);
        break;
      case 'given':
        allowed.given = mark.seq;
        continue;
      case 'acknowledged':
        allowed.acknowledged = mark.seq;
        continue;
      case 'armRaised':
        // An arm that has risen is as good as a word given.
        allowed.acknowledged = Math.max(allowed.acknowledged, mark.seq);
        continue;
    }
    const writes = mark.kind === 'begin' && mark.step.kind === 'write' && mark.step.durable ? mark.step : null;
    for (const [name, fate] of fatesAt(writes, index)) {
      const where = `${mark.kind} of ${mark.step.kind} ${mark.step.path} (mark ${index}), ${name}`;
      const image = surface.crash(fate);
      const seq = await start(ramDisk(image), folds, allowed, where);
      tally.cuts += 1;
      tally.found.add(seq);
      if (tally.cuts % AGAIN === 0) tally.again += await cutRecovery(image, folds, seq, where);
    }
  }
}

test('wherever the power is cut, every acknowledged record is there once, nothing is invented, and no alarm is false', async (t) => {
  const tally: Tally = { cuts: 0, again: 0, found: new Set() };
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const day = await recordDay(seed, ROUNDS);
    assert.deepEqual([...day.raised], []);
    await cutDay(day, tally);
  }
  t.diagnostic(`${tally.cuts} cuts of the day, ${tally.again} operations of recoveries cut again; none lost`);
  assert.ok(tally.cuts > 1_000 && tally.again > 100 && tally.found.size > 100);
});

test('after any cut no arm rises for an order of before, and each payment that comes again is booked once', async () => {
  const day = await recordDay(2, ROUNDS);
  const surface = platter(EMPTY);
  const seen = new Set<number>();
  let orders = 0;
  for (const mark of day.trace) {
    if (mark.kind === 'begin') surface.begin(mark.step);
    else if (mark.kind === 'end') surface.end(mark.step);
    else continue;
    const { store, faults } = await openDay(ramDisk(surface.crash(KEEP)));
    if (seen.has(store.working.seq)) continue;
    seen.add(store.working.seq);
    const known = store.working.seq;
    const raised: number[] = [];
    const gate = gateOver({ store, faults, now: day.evening, onArm: (seq) => void raised.push(seq) });
    orders += gate.gateway.state().parks.get(P001)?.orders.size ?? 0;
    await gate.gateway.submit({ type: 'recover' });
    assert.equal(gate.gateway.state().parks.get(P001)?.orders.size ?? 0, 0, 'every open order has expired');
    // Mallcoo sends again whatever it has sent, answered or not.
    for (const { command, seq, booked } of day.paid) {
      const reply = await gate.gateway.submit(command);
      if (booked && seq <= known) assert.equal(reply.type === 'booked' && reply.repeated, true);
    }
    await gate.effects.settled();
    assert.ok(
      raised.every((seq) => seq > known),
      'no arm rises for an order of before the cut',
    );
    await gate.gateway.stop();
    await store.close();
  }
  assert.ok(seen.size > 50 && orders > 10, `${seen.size} states, ${orders} open orders`);
});
