/** The real loop on a store that a test has opened, with nothing that hangs on it. */
import type { World } from '../../src/core/park/model.ts';
import { type RunningGateway, startGateway } from '../../src/gateway/gateway.ts';
import type { Clock, Faults } from '../../src/gateway/ports.ts';
import type { Store } from '../../src/store/store.ts';

/** A journal that fails throws, for none of these tests makes it fail. */
export function gatewayOn(
  { working, committed, journal }: Pick<Store, 'working' | 'committed' | 'journal'>,
  { world, clock, faults }: { readonly world: World; readonly clock: Clock; readonly faults: Faults },
): RunningGateway {
  return startGateway({
    world: () => world,
    working,
    committed,
    journal,
    clock,
    faults,
    inboxLimit: 100,
    batchLimit: 10,
    onCommit: () => undefined,
    onEffect: () => undefined,
    onFatal: (error) => {
      throw error;
    },
  });
}
