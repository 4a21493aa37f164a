/** Committed records as lines for the log: what happened at which lane to which vehicle, and how long it took. */
import { assertNever } from '../core/errors.ts';
import { add, type Fen, yuan, ZERO } from '../core/money.ts';
import type { ParkEvent } from '../core/park/events.ts';
import { credentialText, type Reading } from '../core/park/model.ts';
import { type State, visitOf } from '../core/park/state.ts';
import { formatLocal, MINUTE, type Zone } from '../core/time.ts';
import type { Committed } from '../gateway/ports.ts';
import type { Line } from './log.ts';

/** The lines of one record. `state` is the committed state, with this record folded in. */
export function narrate({ record, ms }: Committed, state: State, zone: Zone): readonly Line[] {
  return record.events.flatMap((event) => {
    const line = describe(event, state, zone);
    return line ? [{ ...line, fields: { ...line.fields, ms } }] : [];
  });
}

function describe(event: ParkEvent, state: State, zone: Zone): Line | null {
  switch (event.type) {
    case 'entered':
      return {
        level: event.plateKind === 'unrecognised' ? 'warn' : 'info',
        message: event.backlog ? `entered at ${formatLocal(event.at, zone)} (backlog)` : 'entered',
        fields: {
          lane: event.lane,
          vehicle: seen(event.reading),
          visit: event.visit,
          ...(event.plateKind === 'unrecognised' ? { plate: 'of no known form' } : {}),
        },
      };
    case 'left':
      return {
        level: event.uncollected > 0 ? 'warn' : 'info',
        message: event.backlog ? `left at ${formatLocal(event.at, zone)} (backlog)` : 'left',
        fields: {
          lane: event.lane,
          vehicle: vehicleOf(state, event.park, event.visit),
          fee: yuan(event.gross),
          paid: yuan(event.paid),
          ...(event.uncollected > 0 ? { uncollected: yuan(event.uncollected) } : {}),
          ...stayOf(state, event.park, event.visit),
        },
      };
    case 'held':
      return {
        level: 'warn',
        message: HOLDS[event.reason],
        fields: { lane: event.lane, vehicle: seen(event.reading), ...(event.due > 0 ? { due: yuan(event.due) } : {}) },
      };
    case 'corrected':
      return { level: 'info', message: 'plate read better', fields: { lane: event.lane, vehicle: event.plate } };
    case 'passageNoted':
      return {
        level: 'info',
        message: `passed ${event.direction} at ${formatLocal(event.at, zone)} (backlog; no visit fits)`,
        fields: { lane: event.lane, vehicle: seen(event.reading) },
      };
    case 'superseded':
      return {
        level: 'warn',
        code: 'VISIT_SUPERSEDED',
        message: 'entered again without having been seen to leave',
        fields: { vehicle: vehicleOf(state, event.park, event.visit) },
      };
    case 'paymentBooked': {
      const { notice, flags } = event;
      return {
        level: flags.length > 0 ? 'warn' : 'info',
        message: event.settlement ? 'paid, settled' : 'paid',
        fields: {
          vehicle: vehicleOf(state, event.park, event.visit),
          amount: yuan(notice.amount),
          ...deduction(notice.deductionAmount),
          credited: yuan(add(notice.amount, notice.deductionAmount)),
          order: notice.orderNo,
          ...(flags.length > 0 ? { flags: flags.join(',') } : {}),
        },
      };
    }
    case 'paymentUnmatched':
      return {
        level: 'error',
        code: 'PAYMENT_UNMATCHED',
        message: 'paid for a visit nobody knows',
        fields: { order: event.notice.orderNo },
      };
    case 'paymentConflicted':
      return {
        level: 'error',
        code: 'PAYMENT_CONFLICT',
        message: 'an order came again with other content',
        fields: { order: event.notice.orderNo },
      };
    case 'barrierOrdered':
    case 'barrierDone':
    case 'swept':
      // The order's outcome has a line of its own, written when it is known.
      return null;
    default:
      return assertNever(event);
  }
}

const HOLDS = {
  unpaid: 'held: not paid',
  unknownVehicle: 'held: no visit of this vehicle is known',
  unplated: 'held: a vehicle without a readable plate',
} as const;

function deduction(amount: Fen): { deduction?: string } {
  return amount > ZERO ? { deduction: yuan(amount) } : {};
}

function seen(reading: Reading): string {
  return credentialText(reading.credential);
}

function vehicleOf(
  state: State,
  park: Parameters<State['parks']['get']>[0],
  visit: Parameters<typeof visitOf>[1],
): string {
  const parkState = state.parks.get(park);
  const found = parkState && visitOf(parkState, visit);
  return found ? credentialText(found.credential) : visit;
}

function stayOf(
  state: State,
  park: Parameters<State['parks']['get']>[0],
  id: Parameters<typeof visitOf>[1],
): { stay?: string } {
  const parkState = state.parks.get(park);
  const visit = parkState && visitOf(parkState, id);
  if (!visit?.end) return {};
  const minutes = Math.floor((visit.end.at - visit.entryAt) / MINUTE);
  return { stay: `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, '0')}` };
}
