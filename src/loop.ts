/**
 * The store, and the loop on it with what hangs on the loop: effects, the log's lines, snapshots. A part of the composition
 * root.
 */
import type { Config } from './config/load.ts';
import type { BarrierOutcome } from './core/park/commands.ts';
import type { OpenBarrier } from './core/park/effects.ts';
import { evolve } from './core/park/evolve.ts';
import type { World } from './core/park/model.ts';
import { credentialOf } from './core/park/state.ts';
import { SECOND, type Zone } from './core/time.ts';
import { type EffectRunner, effectRunner } from './gateway/effects.ts';
import { type RunningGateway, startGateway } from './gateway/gateway.ts';
import { type Barriers, type Clock, type Committed, GatewayFull } from './gateway/ports.ts';
import { snapshotter } from './gateway/snapshots.ts';
import type { Notices } from './mallcoo/notices/notices.ts';
import { collectGarbage } from './memory.ts';
import { orderLine } from './ops/calls.ts';
import type { FaultBoard } from './ops/faults.ts';
import type { Logger } from './ops/log.ts';
import type { Meters } from './ops/metrics/meters.ts';
import { narrate } from './ops/narrate.ts';
import type { Supervisor } from './ops/service/supervisor.ts';
import type { Stops } from './stops.ts';
import { openStore, type Store } from './store/store.ts';

export interface LoopParts {
  readonly config: Config;
  readonly world: () => World;
  readonly zone: Zone;
  readonly clock: Clock;
  readonly faults: FaultBoard;
  readonly log: Logger;
  readonly meters: Meters;
  readonly supervisor: Supervisor;
  /** The disk has failed. */
  readonly onFatal: (error: Error) => void;
}

export interface Loop {
  readonly store: Store;
  readonly gateway: RunningGateway;
  /** Orders have somewhere to go from here on; before it no reading can have come. */
  attach(barriers: Barriers): void;
  /** What is queued is told from here on; the sender itself begins with what was queued before. */
  attachNotices(sender: Notices): void;
}

/** Recovers the state and starts the loop. @throws StoreError when the folder cannot be used. */
export async function startLoop(parts: LoopParts, stops: Stops): Promise<Loop> {
  const store = await recoverStore(parts);
  stops.push(() => store.close());
  const { stop, ...loop } = hang(parts, store);
  stops.push(stop);
  await expireOrders(loop.gateway, parts.log);
  const looking = setInterval(() => void store.lookForRoom(), SECOND);
  stops.push(async () => clearInterval(looking));
  return { store, ...loop };
}

async function recoverStore({ config, faults, log, supervisor, meters }: LoopParts): Promise<Store> {
  const segmentBytes = config.store.segmentMiB * 1024 * 1024;
  const fold: typeof evolve = (state, record) => {
    supervisor.progress();
    evolve(state, record);
  };
  const store = await openStore({ dir: config.data, fold, faults, log, segmentBytes, onFlush: meters.flushed });
  collectGarbage();
  const { records, fromSnapshotSeq, ms } = store.recovered;
  log.info(
    { zh: '已恢复状态', en: 'recovered' },
    { seq: store.committed.seq, snapshot: fromSnapshotSeq, replayed: records, ms },
  );
  return store;
}

/** The orders that were open when the last run ended are never sent. */
async function expireOrders(gateway: RunningGateway, log: Logger): Promise<void> {
  await gateway.submit({ type: 'recover' }).catch((error: unknown) => {
    if (!(error instanceof GatewayFull)) throw error;
    // They are not sent again all the same: only what is committed from here on has effects.
    log.info({ zh: '上次运行的指令仍未了结：磁盘已满', en: 'orders of the last run stay open: the disk is full' });
  });
}

/** The loop with what hangs on it: effects, the log's lines, snapshots. */
function hang(parts: LoopParts, store: Store) {
  const { config, world, log, faults, zone, clock, meters, onFatal } = parts;
  const telling = { zone, language: config.log.language };
  const snapshots = snapshotter({
    write: (snapshot) => meters.snapshot(() => store.writeSnapshot(snapshot)),
    every: config.store.snapshotEvery,
    since: store.recovered.records,
    clock,
    state: () => gateway.state(),
  });
  let effects: EffectRunner | null = null;
  let notices: Notices | null = null;
  const gateway = startGateway({
    world,
    working: store.working,
    committed: store.committed,
    journal: store.journal,
    clock,
    faults,
    inboxLimit: config.gateway.inbox,
    batchLimit: config.gateway.batch,
    onCommit(committed: Committed) {
      for (const line of narrate(committed, gateway.state(), telling)) log.line(line);
      snapshots.count();
      notices?.committed(committed.record);
    },
    onEffect: (effect) => effects?.perform(effect),
    onFatal,
    meter: meters.loop,
  });
  const onOrder = (order: OpenBarrier, outcome: BarrierOutcome, ms: number): void => {
    meters.ordered(order, outcome);
    log.line(orderLine(order, credentialOf(gateway.state(), order.park, order.visit), outcome, ms));
  };
  return {
    gateway,
    attach(barriers: Barriers) {
      effects = effectRunner({ gateway, barriers, clock, onOrder });
    },
    attachNotices(sender: Notices) {
      notices = sender;
    },
    async stop() {
      await effects?.settled();
      await gateway.stop();
      await snapshots.last();
    },
  };
}
