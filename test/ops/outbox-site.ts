/** A real loop on a real folder that tells Mallcoo of each car, without anyone who sends: what it tells waits. */
import type { TestContext } from 'node:test';
import type { DeviceId, LaneId, NoticeId, VisitId } from '../../src/core/ids.ts';
import { evolve } from '../../src/core/park/evolve.ts';
import type { Credential, World } from '../../src/core/park/model.ts';
import type { Notice } from '../../src/core/park/notice.ts';
import { capture } from '../../src/core/park/snapshot.ts';
import type { State } from '../../src/core/park/state.ts';
import type { Instant } from '../../src/core/time.ts';
import type { RunningGateway } from '../../src/gateway/gateway.ts';
import { openStore } from '../../src/store/store.ts';
import { P001, park, plate } from '../core/park/scene.ts';
import { gatewayOn } from '../store/gate.ts';
import { listen } from '../store/tools.ts';

export const WORLD: World = { parks: new Map([[P001, park({ notices: { entry: true, exit: true } })]]) };

export interface OutboxSite {
  readonly clock: { at: Instant; now(): Instant };
  readonly gateway: RunningGateway;
  state(): State;
  /** A car comes in. @returns its notice. */
  enter(credential: Credential): Promise<Notice>;
  /** Mallcoo will never take it. */
  kill(notice: Notice, code: string, message: string): Promise<void>;
  waiting(): readonly NoticeId[];
  dead(): readonly NoticeId[];
  /** @param snapshot whether one is written at the end. */
  stop(snapshot?: boolean): Promise<void>;
}

export async function outboxSite(t: TestContext, data: string, at: Instant): Promise<OutboxSite> {
  const clock = { at, now: (): Instant => clock.at };
  const heard = listen();
  const store = await openStore({ dir: data, fold: evolve, segmentBytes: 65_536, ...heard });
  t.after(() => store.close());
  const gateway = gatewayOn(store, { world: WORLD, clock, faults: heard.faults });
  const outbox = () => gateway.state().parks.get(P001)?.outbox;
  let visits = gateway.state().seq;
  return {
    clock,
    gateway,
    state: () => gateway.state(),
    async enter(credential) {
      visits += 1;
      const reading = { device: 'cam' as DeviceId, credential, colour: 'blue', confidence: 1, identity: null } as const;
      const freshVisit = `V${visits}` as VisitId;
      const lane = 'in-1' as LaneId;
      await gateway.submit({ type: 'reading', park: P001, lane, reading, history: null, freshVisit });
      const notice = [...(outbox()?.waiting.values() ?? [])].find(({ visit }) => visit === freshVisit);
      if (!notice) throw new Error('the entry is not in the outbox');
      return notice;
    },
    async kill({ id, plate: sent }, code, message) {
      const outcome = { outcome: 'dead', code, message } as const;
      await gateway.submit({ type: 'noticeDone', park: P001, noticeId: id, sent, outcome });
    },
    waiting: () => [...(outbox()?.waiting.keys() ?? [])],
    dead: () => [...(outbox()?.dead.keys() ?? [])],
    async stop(snapshot = true) {
      await gateway.stop();
      if (snapshot) await store.writeSnapshot(capture(store.committed));
      await store.close();
    },
  };
}

/** Plates that differ, one for each number below 100,000. */
export const car = (number: number): Credential => plate(`粤A${String(number).padStart(5, '0')}`);
