/** Carries out effects: each once, none late, and what became of it goes back into the journal. */
import type { BarrierOutcome } from '../core/park/commands.ts';
import type { Effect, OpenBarrier } from '../core/park/effects.ts';
import { type Barriers, type Clock, type Gateway, GatewayFull, GatewayStopped } from './ports.ts';

export interface EffectParts {
  readonly gateway: Pick<Gateway, 'submit'>;
  readonly barriers: Barriers;
  readonly clock: Clock;
  /** Called when an order's outcome is known. `ms` runs from the order being given. */
  readonly onOrder: (order: OpenBarrier, outcome: BarrierOutcome, ms: number) => void;
}

export interface EffectRunner {
  /** Begins an effect at once and does not wait for it. */
  perform(effect: Effect): void;
  /** Resolves when every effect that was begun has ended and is recorded. */
  settled(): Promise<void>;
}

export function effectRunner(parts: EffectParts): EffectRunner {
  const underWay = new Set<Promise<void>>();

  async function open(order: OpenBarrier): Promise<void> {
    const started = performance.now();
    // An arm that rises for a car that has gone lets the next one in for nothing.
    const late = parts.clock.now() > order.deadline;
    const outcome = late ? 'expired' : await parts.barriers.open(order);
    parts.onOrder(order, outcome, performance.now() - started);
    await parts.gateway.submit({ type: 'barrierDone', park: order.park, order: order.id, outcome });
  }

  return {
    perform(effect) {
      const task = open(effect)
        // The gateway has stopped, or its disk is full: the order stays open in the journal and expires at the next start.
        .catch((error: unknown) => {
          if (!(error instanceof GatewayStopped || error instanceof GatewayFull)) throw error;
        })
        .finally(() => underWay.delete(task));
      underWay.add(task);
    },
    async settled() {
      await Promise.all(underWay);
    },
  };
}
