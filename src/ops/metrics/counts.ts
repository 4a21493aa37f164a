/** What is counted since the start: of each command what became of it, of each event what it adds. */
import { assertNever } from '../../core/errors.ts';
import type { LaneId, ParkId } from '../../core/ids.ts';
import type { BarrierOutcome, Command, Reply } from '../../core/park/commands.ts';
import type { HoldReason, ParkEvent, PaymentBooked } from '../../core/park/events.ts';
import type { Direction, Lane, World } from '../../core/park/model.ts';
import type { NoticeOutcome } from '../../core/park/notice.ts';
import type { Instant } from '../../core/time.ts';
import { type Labels, type Tally, tally } from './instruments.ts';

export interface Counted {
  readonly passages: Tally;
  readonly holds: Tally;
  readonly superseded: Tally;
  readonly uncollected: Tally;
  readonly readings: Tally;
  readonly turnedAway: Tally;
  readonly orders: Tally;
  readonly payments: Tally;
  readonly credited: Tally;
  readonly flags: Tally;
  readonly notices: Tally;
  readonly written: { records: number; bytes: number };
  readonly snapshots: { failures: number; lastSuccess: Instant | null };
}

/** What became of a command. */
export function countReply(counted: Counted, command: Command, reply: Reply): void {
  if (command.type === 'reading' && reply.type === 'reading') {
    const fate = reply.outcome === 'duplicate' ? 'duplicate' : 'used';
    counted.readings.add([command.reading.device, fate], 1);
  }
  if (command.type !== 'pay') return;
  if (reply.type === 'booked') counted.payments.add([command.park, reply.repeated ? 'again' : 'booked'], 1);
  if (reply.type !== 'refused') return;
  if (reply.code === 'ORDER_CONFLICT') counted.payments.add([command.park, 'conflict'], 1);
  if (reply.code === 'FEE_ID_UNKNOWN') counted.payments.add([command.park, 'unmatched'], 1);
}

/** What an event adds. */
export function countEvent(counted: Counted, world: World, event: ParkEvent): void {
  const directionOf = ({ park, lane }: InLane): string => world.parks.get(park)?.lanes.get(lane)?.direction ?? '';
  const pass = (at: InLane, outcome: PassageOutcome): void =>
    counted.passages.add([at.park, at.lane, directionOf(at), outcome], 1);
  switch (event.type) {
    case 'entered':
      pass(event, 'entered');
      break;
    case 'left':
      pass(event, event.letOut === undefined ? 'left' : 'let_out');
      counted.uncollected.add([event.park], event.uncollected);
      break;
    case 'letThrough':
      pass(event, 'let_through');
      break;
    case 'passageNoted':
      pass(event, 'noted');
      break;
    case 'held':
      counted.holds.add([event.park, event.lane, directionOf(event), event.reason], 1);
      break;
    case 'superseded':
      counted.superseded.add([event.park], 1);
      break;
    case 'paymentBooked':
      countMoney(counted, event);
      break;
    case 'noticeDone':
      counted.notices.add([event.park, event.outcome], 1);
      break;
    case 'corrected':
    case 'stayed':
    case 'barrierOrdered':
    case 'barrierDone':
    case 'paymentUnmatched':
    case 'paymentConflicted':
    case 'sealed':
    case 'archived':
    case 'recalled':
    case 'swept':
    case 'lineChanged':
    case 'noticeQueued':
    case 'noticeRetried':
      // Of what these tell, what matters is counted at its command, or read off the state.
      break;
    default:
      assertNever(event);
  }
}

function countMoney(counted: Counted, { park, notice, flags }: PaymentBooked): void {
  counted.credited.add([park, 'paid'], notice.amount);
  counted.credited.add([park, 'deducted'], notice.deductionAmount);
  for (const flag of flags) counted.flags.add([park, flag], 1);
}

interface InLane {
  readonly park: ParkId;
  readonly lane: LaneId;
}

type PassageOutcome = 'entered' | 'left' | 'let_out' | 'let_through' | 'noted';
type PaymentOutcome = 'booked' | 'again' | 'conflict' | 'unmatched';

/** All of a closed list: one that is new in the core does not compile without its place here. */
export const all = <K extends string>(members: Readonly<Record<K, true>>): readonly K[] => Object.keys(members) as K[];

const PASSAGES: Readonly<Record<Direction, readonly PassageOutcome[]>> = {
  in: ['entered', 'noted'],
  out: ['left', 'let_out', 'let_through', 'noted'],
};
const HOLDS = all<HoldReason>({ unpaid: true, lineDown: true, unknownVehicle: true, unplated: true });
const OUTCOMES = all<BarrierOutcome>({ confirmed: true, sent: true, refused: true, uncertain: true, expired: true });
const PAYMENTS = all<PaymentOutcome>({ booked: true, again: true, conflict: true, unmatched: true });
const NOTICES = all<NoticeOutcome['outcome']>({ confirmed: true, dead: true, dropped: true });
/** All at 0; what the configuration and the closed lists know is there from the start. @param devices their ids. */
export function emptyCounts(world: World, devices: readonly string[]): Counted {
  const parks = [...world.parks.values()];
  const perPark = (values: readonly string[]): Tally =>
    tally(parks.flatMap(({ id }) => values.map((value) => [id, value])));
  const perLane = (values: (lane: Lane) => readonly string[], more: (lane: Lane) => Labels): Tally =>
    tally(lanesOf(world).flatMap(([park, lane]) => values(lane).map((value) => [park, lane.id, ...more(lane), value])));
  const direction = (lane: Lane): Labels => [lane.direction];
  return {
    passages: perLane((lane) => PASSAGES[lane.direction], direction),
    holds: perLane((lane) => (lane.direction === 'in' ? ['unplated'] : HOLDS), direction),
    superseded: tally(parks.map(({ id }) => [id])),
    uncollected: tally(parks.map(({ id }) => [id])),
    readings: tally(devices.flatMap((device) => ['used', 'duplicate'].map((fate) => [device, fate]))),
    turnedAway: tally([['busy'], ['full']]),
    orders: perLane(
      ({ barrier }) => (barrier ? OUTCOMES : []),
      () => [],
    ),
    payments: perPark(PAYMENTS),
    credited: perPark(['paid', 'deducted']),
    flags: tally(),
    notices: tally(
      parks.filter(({ notices }) => notices.entry).flatMap(({ id }) => NOTICES.map((outcome) => [id, outcome])),
    ),
    written: { records: 0, bytes: 0 },
    snapshots: { failures: 0, lastSuccess: null },
  };
}

/** Every lane, with its park. */
export const lanesOf = ({ parks }: World): readonly (readonly [ParkId, Lane])[] =>
  [...parks.values()].flatMap(({ id, lanes }) => [...lanes.values()].map((lane) => [id, lane] as const));
