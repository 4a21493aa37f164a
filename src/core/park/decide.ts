/** The decisions: what a command leads to, given the state and the moment. Pure; the journal and the fold come after. */
import { assertNever } from '../errors.ts';
import type { Instant } from '../time.ts';
import type { BarrierDoneCommand, Command } from './commands.ts';
import { decideLetOut } from './decide-let-out.ts';
import { decideLine } from './decide-line.ts';
import { decideNoticeDone, decideNoticeDrop, decideNoticeRetry, withNotices } from './decide-notice.ts';
import { decidePayment } from './decide-payment.ts';
import { decideReading } from './decide-reading.ts';
import { decideArchived, decideSeal } from './decide-seal.ts';
import { type Decision, NOTHING } from './decision.ts';
import type { World } from './model.ts';
import type { State } from './state.ts';

/**
 * Decides one command.
 * @param now the moment of the decision, never before `state.at`: the gateway sees to that.
 */
export function decide(world: World, state: State, command: Command, now: Instant): Decision {
  return withNotices(world, state, decideOne(world, state, command, now));
}

function decideOne(world: World, state: State, command: Command, now: Instant): Decision {
  switch (command.type) {
    case 'reading':
      return decideReading(world, state, command, now);
    case 'pay':
      return decidePayment(world, state, command, now);
    case 'barrierDone':
      return decideBarrierDone(state, command);
    case 'recover':
      return decideRecovery(state);
    case 'seal':
      return decideSeal(state, command);
    case 'archived':
      return decideArchived(state, command);
    case 'noticeDone':
      return decideNoticeDone(state, command);
    case 'noticeRetry':
      return decideNoticeRetry(state, command);
    case 'noticeDrop':
      return decideNoticeDrop(state, command);
    case 'line':
      return decideLine(world, state, command, now);
    case 'letOut':
      return decideLetOut(world, state, command, now);
    default:
      return assertNever(command);
  }
}

function decideBarrierDone(state: State, command: BarrierDoneCommand): Decision {
  const { park, order, outcome } = command;
  const pending = state.parks.get(park)?.orders.get(order);
  if (!pending) return NOTHING;
  return { events: [{ type: 'barrierDone', park, order, lane: pending.lane, outcome }], reply: { type: 'done' } };
}

/**
 * Orders that were open when the last run ended expire, even before their deadline: nobody knows whether they were sent,
 * and an arm must never be raised twice for one car. If the car still stands there, its next reading gives a new order.
 */
function decideRecovery(state: State): Decision {
  const events = [...state.parks.values()].flatMap((park) =>
    [...park.orders.values()].map(
      ({ id, lane }) => ({ type: 'barrierDone', park: park.id, order: id, lane, outcome: 'expired' }) as const,
    ),
  );
  return { events, reply: { type: 'done' } };
}
