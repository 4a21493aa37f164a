/**
 * What the gate has done since the start, as figures: the parts tell of what they do, `/metrics` reads it. Counters begin
 * at 0 at each start, as Prometheus expects; what the state or a part counts anyway is read there and not counted again.
 */
import type { BarrierOrderId, LaneId, ParkId } from '../../core/ids.ts';
import type { BarrierOutcome, Command } from '../../core/park/commands.ts';
import type { OpenBarrier } from '../../core/park/effects.ts';
import { barrierOrderId } from '../../core/park/events.ts';
import type { World } from '../../core/park/model.ts';
import { SECOND } from '../../core/time.ts';
import type { Clock, LoopMeter } from '../../gateway/ports.ts';
import { BATCH_COMMANDS, DECISION_SECONDS, FLUSH_SECONDS, OPENING_SECONDS, SNAPSHOT_SECONDS } from './buckets.ts';
import { type CallMeter, callMeter } from './calls.ts';
import { all, type Counted, countEvent, countReply, emptyCounts, lanesOf } from './counts.ts';
import { type Histogram, histogram, type Labels, type Recent, recent } from './instruments.ts';

/** What is measured since the start. */
export interface Measured {
  readonly decisions: Readonly<Record<Command['type'], Histogram>>;
  readonly batch: Histogram;
  readonly flush: Histogram;
  readonly snapshot: Histogram;
  /** By park and lane. */
  readonly openings: ReadonlyMap<string, { readonly labels: Labels; readonly time: Histogram }>;
}

/** The last flushes, and the last readings and payments that were written, in ms; null before the first. */
export interface Pace {
  readonly flushMs: ReturnType<Recent['read']>;
  readonly decisionMs: ReturnType<Recent['read']>;
}

export interface Meters {
  readonly loop: LoopMeter;
  readonly calls: CallMeter;
  readonly counted: Counted;
  readonly measured: Measured;
  /** A write and flush of the journal. */
  flushed(ms: number, records: number, bytes: number): void;
  /** An open order has its outcome. */
  ordered(order: OpenBarrier, outcome: BarrierOutcome): void;
  /** Measures the writing of a snapshot, which tells whether it is on the disk. */
  snapshot(write: () => Promise<boolean>): Promise<boolean>;
  pace(): Pace;
}

export interface MetersParts {
  readonly world: World;
  /** The devices' ids, for what is to be there from the start. */
  readonly devices: readonly string[];
  readonly clock: Clock;
  /** Ms on a clock that only goes forward. */
  readonly monotonic: () => number;
}

/** As many as a person's "now": a minute of a busy gate. */
const RECENT = 256;

export function createMeters(parts: MetersParts): Meters {
  const { world, clock, monotonic } = parts;
  const counted = emptyCounts(world, parts.devices);
  const measured = emptyMeasures(world);
  const calls = callMeter();
  const [flushes, decisions] = [recent(RECENT), recent(RECENT)];
  /** When the command came that led to an open order, until the order has its outcome: each gets one. */
  const began = new Map<BarrierOrderId, number>();

  const loop: LoopMeter = {
    batch: (commands) => measured.batch.observe(commands),
    turnedAway: (why) => counted.turnedAway.add([why], 1),
    answered(command, reply, record, ms) {
      measured.decisions[command.type].observe(ms / SECOND);
      countReply(counted, command, reply);
      if (record === null) return;
      if (command.type === 'reading' || command.type === 'pay') decisions.observe(ms);
      for (const [index, event] of record.events.entries()) {
        countEvent(counted, world, event);
        if (event.type === 'barrierOrdered') began.set(barrierOrderId(record.seq, index), monotonic() - ms);
      }
    },
  };

  return {
    loop,
    calls,
    counted,
    measured,
    flushed(ms, records, bytes) {
      measured.flush.observe(ms / SECOND);
      flushes.observe(ms);
      counted.written.records += records;
      counted.written.bytes += bytes;
    },
    ordered({ id, park, lane }, outcome) {
      counted.orders.add([park, lane, outcome], 1);
      const since = began.get(id);
      began.delete(id);
      if (since === undefined || (outcome !== 'confirmed' && outcome !== 'sent')) return;
      measured.openings.get(laneKey(park, lane))?.time.observe((monotonic() - since) / SECOND);
    },
    async snapshot(write) {
      const start = monotonic();
      const written = await write();
      if (written) {
        measured.snapshot.observe((monotonic() - start) / SECOND);
        counted.snapshots.lastSuccess = clock.now();
      } else counted.snapshots.failures += 1;
      return written;
    },
    pace: () => ({ flushMs: flushes.read(), decisionMs: decisions.read() }),
  };
}

const COMMANDS = all<Command['type']>({
  reading: true,
  pay: true,
  barrierDone: true,
  recover: true,
  seal: true,
  archived: true,
  noticeDone: true,
  noticeRetry: true,
  noticeDrop: true,
  line: true,
  letOut: true,
});

function emptyMeasures(world: World): Measured {
  const armed = lanesOf(world).filter(([, { barrier }]) => barrier);
  return {
    decisions: Object.fromEntries(COMMANDS.map((type) => [type, histogram(DECISION_SECONDS)])) as Measured['decisions'],
    batch: histogram(BATCH_COMMANDS),
    flush: histogram(FLUSH_SECONDS),
    snapshot: histogram(SNAPSHOT_SECONDS),
    openings: new Map(
      armed.map(([park, { id }]) => [laneKey(park, id), { labels: [park, id], time: histogram(OPENING_SECONDS) }]),
    ),
  };
}

const laneKey = (park: ParkId, lane: LaneId): string => `${park}\u0000${lane}`;
