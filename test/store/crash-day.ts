/**
 * A busy day at a small car park, through the real core, gateway and store, on a disk that remembers: everything that
 * was done to the disk, in order, and between it what the outside was told.
 */
import { hash } from 'node:crypto';
import type { DeviceId, LaneId, OrderNo, VisitId } from '../../src/core/ids.ts';
import { fen } from '../../src/core/money.ts';
import type { Command, PaymentNotice } from '../../src/core/park/commands.ts';
import type { JournalRecord } from '../../src/core/park/events.ts';
import { evolve } from '../../src/core/park/evolve.ts';
import type { World } from '../../src/core/park/model.ts';
import { capture } from '../../src/core/park/snapshot.ts';
import type { State } from '../../src/core/park/state.ts';
import { after, type Instant, MINUTE, SECOND } from '../../src/core/time.ts';
import { askingArchive } from '../../src/gateway/ask-archive.ts';
import { type EffectRunner, effectRunner } from '../../src/gateway/effects.ts';
import { type RunningGateway, startGateway } from '../../src/gateway/gateway.ts';
import type { Faults } from '../../src/gateway/ports.ts';
import type { Disk } from '../../src/store/disk.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { notice, P001, park, plate, TEN } from '../core/park/scene.ts';
import { faultyDisk } from './faulty-disk.ts';
import type { Step } from './faulty-platter.ts';
import { listen } from './tools.ts';

export const DIR = '/data';
/** Bytes. A few batches each, so that the day sees many rotations. */
export const SEGMENT = 4_096;
const SNAPSHOT_EVERY = 25;
const CARS = 12;

export const WORLD: World = { parks: new Map([[P001, park()]]) };

export type Mark =
  | { readonly kind: 'begin' | 'end'; readonly step: Step }
  /** Records up to `seq` were given to the journal. */
  | { readonly kind: 'given'; readonly seq: number }
  /** The reply for record `seq` went out. */
  | { readonly kind: 'acknowledged'; readonly seq: number }
  | { readonly kind: 'armRaised'; readonly seq: number };

export interface Day {
  readonly trace: readonly Mark[];
  /** Every record that was given to the journal. */
  readonly records: readonly JournalRecord[];
  /** Each payment command that wrote something, the record that it wrote, and whether that booked it. */
  readonly paid: readonly { readonly command: Command; readonly seq: number; readonly booked: boolean }[];
  /** A moment after the day. */
  readonly evening: Instant;
  readonly raised: ReadonlyMap<string, string>;
}

/** Whole numbers from 0 to `limit` - 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** A state in short, to be compared: its last record, and a digest of all of it. */
export function digestOf(state: State): string {
  return `record ${state.seq}, ${hash('sha1', JSON.stringify(capture(state)))}`;
}

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export interface Gate {
  readonly gateway: RunningGateway;
  readonly effects: EffectRunner;
  now: Instant;
}

export interface GateParts {
  readonly store: Store;
  readonly faults: Faults;
  readonly now: Instant;
  readonly onGiven?: (records: readonly JournalRecord[]) => void;
  readonly onCommit?: (record: JournalRecord, command: Command) => void;
  readonly onArm?: (seq: number) => void;
  readonly onFatal?: (error: Error) => void;
}

/** The gateway over a store, with an arm that always rises. */
export function gateOver(parts: GateParts): Gate {
  const { store, faults } = parts;
  const gate: { now: Instant } = { now: parts.now };
  const running = startGateway({
    world: () => WORLD,
    working: store.working,
    committed: store.committed,
    journal: {
      append(records) {
        parts.onGiven?.(records);
        return store.journal.append(records);
      },
      room: (records) => store.journal.room(records),
    },
    clock: { now: () => gate.now },
    faults,
    inboxLimit: 1_000,
    batchLimit: 8,
    onCommit: ({ record, command }) => parts.onCommit?.(record, command),
    onEffect: (effect) => effects.perform(effect),
    onFatal: (error) => {
      if (!parts.onFatal) throw error;
      parts.onFatal(error);
    },
  });
  const gateway = { ...running, submit: askingArchive(running, store.archive).submit };
  const effects = effectRunner({
    gateway: running,
    barriers: {
      open: async ({ id }) => {
        parts.onArm?.(Number.parseInt(id, 10));
        return 'confirmed';
      },
    },
    clock: { now: () => gate.now },
    onOrder: () => undefined,
  });
  return Object.assign(gate, { gateway, effects });
}

export function openDay(disk: Disk, dir = DIR, segmentBytes = SEGMENT) {
  const heard = listen();
  const opening = openStore({ dir, fold: evolve, faults: heard.faults, log: heard.log, segmentBytes, disk });
  return opening.then((store) => ({ ...heard, store }));
}

export function reading(car: number, lane: string, fresh: number): Command {
  return {
    type: 'reading',
    park: P001,
    lane: lane as LaneId,
    reading: {
      device: 'cam' as DeviceId,
      credential: plate(`粤A${String(car).padStart(5, '0')}`),
      colour: 'blue',
      confidence: null,
      identity: null,
    },
    history: null,
    freshVisit: `V${fresh}` as VisitId,
  };
}

export function payment(order: number, over: Partial<PaymentNotice>): Command {
  const theNotice = notice({ orderNo: `O${order}` as OrderNo, ...over });
  return { type: 'pay', park: P001, notice: theNotice, digest: JSON.stringify(theNotice) };
}

/** What happens next at the park, a few things at once: cars come, pay (twice, wrongly, for nobody), try to leave. */
function happenings(below: (limit: number) => number, round: number, state: State): Command[] {
  const car = below(CARS);
  const credential = plate(`粤A${String(car).padStart(5, '0')}`);
  const whose = credential.kind === 'plate' ? credential.plate : null;
  const visit = whose === null ? undefined : state.parks.get(P001)?.byCredential.get(whose);
  const money = { plate: whose, amount: fen(500 * (1 + below(4))) };
  const order = 1 + below(40);
  if (!visit) return below(3) === 0 ? [payment(order, money)] : [reading(car, 'in-1', round)];
  switch (below(6)) {
    case 0:
      return [reading(car, 'out-1', round)];
    case 1:
      return [payment(round + 100, { ...money, feeId: visit }), payment(round + 100, { ...money, feeId: visit })];
    case 2:
      return [payment(order, { ...money, feeId: visit })];
    case 3:
      // Waits at the exit, pays there, and the arm rises.
      return [reading(car, 'out-2', round), payment(round + 200, { ...money, amount: fen(5_000), feeId: visit })];
    case 4:
      return [payment(round + 300, { feeId: 'nobody', amount: fen(300) })];
    default:
      return [reading(car, 'in-1', round), reading((car + 1) % CARS, 'in-1', round + 1_000)];
  }
}

/** Somebody who does something of his own at the beginning of a round; `acknowledged` is the last record that was. */
type Beside = (disk: Disk, round: number, acknowledged: number) => void;

/** Plays a day of so many rounds. The same seed gives the same day. */
export async function recordDay(seed: number, rounds: number, beside: Beside = () => undefined): Promise<Day> {
  const below = seeded(seed);
  const trace: Mark[] = [];
  const records: JournalRecord[] = [];
  const paid: { command: Command; seq: number; booked: boolean }[] = [];
  const disk = faultyDisk({
    watch: {
      begin: (step) => void trace.push({ kind: 'begin', step }),
      end: (step) => void trace.push({ kind: 'end', step }),
    },
    async pause() {
      for (let turns = below(3); turns > 0; turns -= 1) await turn();
    },
  });
  const { store, faults, raised } = await openDay(disk);
  let acknowledged = 0;
  const gate = gateOver({
    store,
    faults,
    now: TEN,
    onGiven(batch) {
      records.push(...batch);
      trace.push({ kind: 'given', seq: records.length });
    },
    onCommit({ seq, events }, command) {
      const booked = events.some(({ type }) => type === 'paymentBooked');
      if (command.type === 'pay') paid.push({ command, seq, booked });
      trace.push({ kind: 'acknowledged', seq });
      acknowledged = seq;
    },
    onArm: (seq) => void trace.push({ kind: 'armRaised', seq }),
  });
  let snapshot = Promise.resolve();
  let snapshotAt = 0;
  for (let round = 1; round <= rounds; round += 1) {
    beside(disk, round, acknowledged);
    gate.now = after(gate.now, (10 + below(300)) * SECOND);
    const commands = happenings(below, round, gate.gateway.state());
    if (round % 30 === 0) {
      const long = after(gate.now, -60 * MINUTE);
      commands.push({ type: 'seal', park: P001, closedBefore: long, passagesBefore: long });
    }
    const sealed = gate.gateway.state().parks.get(P001)?.sealed;
    if (sealed) {
      await store.archive.put(P001, sealed);
      commands.push({ type: 'archived', park: P001, batch: sealed.batch });
    }
    const replies = commands.map((command) => gate.gateway.submit(command));
    // Now and then the next ones come while these are being written.
    if (below(3) > 0) await Promise.all(replies);
    await turn();
    const { seq } = gate.gateway.state();
    if (seq - snapshotAt < SNAPSHOT_EVERY) continue;
    snapshotAt = seq;
    await snapshot;
    const captured = capture(gate.gateway.state());
    // All that the snapshots allow to go.
    const before = after(gate.now, MINUTE);
    snapshot = store.writeSnapshot(captured).then(() => store.dropSegmentsBefore(before).then(() => undefined));
  }
  await snapshot;
  await gate.effects.settled();
  await gate.gateway.stop();
  await store.close();
  return { trace, records, paid, evening: after(gate.now, MINUTE), raised };
}
