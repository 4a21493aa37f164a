/** Raises arms: finds the device that moves a lane's arm, and tells what became of the order. */

import { assertNever } from '../core/errors.ts';
import type { DeviceId, LaneId, ParkId } from '../core/ids.ts';
import type { OpenBarrier } from '../core/park/effects.ts';
import type { Barriers, Clock, Faults } from '../gateway/ports.ts';
import type { LaneDevices } from './config.ts';
import type { OrderResult } from './orders.ts';
import type { DeviceRuntime } from './runtime.ts';

export interface BarrierParts {
  readonly lanes: readonly LaneDevices[];
  readonly deviceOf: (id: DeviceId) => Pick<DeviceRuntime, 'order'> | undefined;
  readonly clock: Clock;
  readonly faults: Faults;
}

export function laneBarriers(parts: BarrierParts): Barriers {
  return {
    async open(order) {
      const result = await openOne(parts, order);
      report(parts.faults, order.lane, result);
      return result.outcome;
    },
  };
}

async function openOne({ lanes, deviceOf, clock }: BarrierParts, order: OpenBarrier): Promise<OrderResult> {
  const barrier = barrierOf(lanes, order.park, order.lane);
  const device = barrier ? deviceOf(barrier.device) : undefined;
  if (!barrier || !device)
    return { outcome: 'refused', detail: { zh: '该车道没有道闸', en: 'the lane has no barrier' } };
  if (clock.now() > order.deadline) return { outcome: 'expired', detail: null };
  return device.order({ id: order.id, type: 'open', output: barrier.output, deadline: order.deadline });
}

function barrierOf(lanes: readonly LaneDevices[], park: ParkId, lane: LaneId): LaneDevices['barrier'] {
  return lanes.find((candidate) => candidate.park === park && candidate.lane === lane)?.barrier ?? null;
}

/** An order that went well ends both faults; one that expired says nothing about the barrier. */
function report(faults: Faults, lane: LaneId, { outcome, detail }: OrderResult): void {
  switch (outcome) {
    case 'confirmed':
    case 'sent':
      faults.clear('BARRIER_UNCERTAIN', lane);
      faults.clear('BARRIER_REFUSED', lane);
      break;
    case 'uncertain':
      faults.raise('BARRIER_UNCERTAIN', lane);
      break;
    case 'refused':
      faults.raise('BARRIER_REFUSED', lane, detail ?? { zh: '设备拒绝', en: 'the device said no' });
      break;
    case 'expired':
      break;
    default:
      assertNever(outcome);
  }
}
