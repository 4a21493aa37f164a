/** A park on paper: commands in, events and state out, with time in the test's hand. For tests of the pure core. */
import type { DeviceId, LaneId, OrderNo, ParkId, VisitId } from '../../../src/core/ids.ts';
import { fen } from '../../../src/core/money.ts';
import type { Command, PaymentNotice } from '../../../src/core/park/commands.ts';
import { decide } from '../../../src/core/park/decide.ts';
import type { Decision } from '../../../src/core/park/decision.ts';
import type { JournalRecord } from '../../../src/core/park/events.ts';
import { evolve } from '../../../src/core/park/evolve.ts';
import type { Credential, Direction, Lane, Park, PlateColour, World } from '../../../src/core/park/model.ts';
import { NO_PASSES } from '../../../src/core/park/pass.ts';
import { type InfoAnswer, paymentInfo } from '../../../src/core/park/queries.ts';
import { emptyState, type State } from '../../../src/core/park/state.ts';
import { normalisePlate } from '../../../src/core/plate.ts';
import { type Instant, instant, MINUTE, SECOND, zoneOf } from '../../../src/core/time.ts';
import { tariffOf } from '../tariff/sheets.ts';
import type { Shelf } from './shelf.ts';

export const P001 = 'P001' as ParkId;
export const ZONE = zoneOf('Asia/Shanghai');
/** 2026-11-22 10:00:00 in Shanghai. */
export const TEN = instant(Date.parse('2026-11-22T02:00:00Z'));
export const minutes = (count: number): Instant => instant(TEN + count * MINUTE);

export function lane(id: string, direction: Direction, over: Partial<Lane> = {}): Lane {
  const times = { dedupeMs: 30 * SECOND, orderDeadlineMs: 5 * SECOND };
  return { id: id as LaneId, direction, barrier: true, ...times, whenLineDown: { type: 'hold' }, ...over };
}

/** The sheet of {@link park}. */
export const SHEET = 'free: 15 min\nprice: 5 per hour\ncap: 50 per 24 h\n';

/** The demo's park: 15 minutes free (cliff), ¥5 per started hour, ¥50 per 24 h. */
export function park(over: Partial<Park> = {}): Park {
  const lanes = [lane('in-1', 'in'), lane('out-1', 'out'), lane('out-2', 'out')];
  return {
    id: P001,
    name: 'Test',
    zone: ZONE,
    tariff: tariffOf(SHEET),
    classes: new Map(),
    passes: NO_PASSES,
    quoteValidityMs: 5 * MINUTE,
    capDeduction: false,
    waitingMs: 10 * MINUTE,
    notices: { entry: false, exit: false },
    lateNoticeMs: 30 * MINUTE,
    lanes: new Map(lanes.map((entry) => [entry.id, entry])),
    ...over,
  };
}

export function plate(text: string): Credential {
  const normal = normalisePlate(text);
  return normal === undefined ? { kind: 'unplated' } : { kind: 'plate', plate: normal };
}

export const ticket = (barcode: string): Credential => ({ kind: 'ticket', barcode });

export function notice(over: Partial<PaymentNotice> & { readonly orderNo: OrderNo }): PaymentNotice {
  return {
    feeId: null,
    plate: null,
    barcode: null,
    payTime: null,
    unPayAmount: null,
    amount: fen(0),
    deductionAmount: fen(0),
    payChannel: 0,
    payType: 3,
    thirdTradeNo: 'T1',
    deductionDetails: [],
    member: null,
    rounded: false,
    ...over,
  };
}

export interface ReadOptions {
  readonly colour?: PlateColour;
  readonly identity?: string;
  readonly confidence?: number;
  readonly history?: Instant;
}

export interface Scene {
  readonly park: Park;
  readonly state: State;
  readonly records: JournalRecord[];
  send(command: Command, now: Instant): Decision;
  read(laneId: string, credential: Credential, now: Instant, options?: ReadOptions): Decision;
  /** With what `archive` says to it, if it is asked. */
  pay(order: string, now: Instant, over: Partial<PaymentNotice>, archive?: Shelf): Decision;
  info(credential: Credential, now: Instant, freeMinutes?: number, freeAmount?: number): Found;
}

export type Found = Extract<InfoAnswer, { type: 'found' }>;

export function scene(over: Partial<Park> = {}): Scene {
  const thePark = park(over);
  const world: World = { parks: new Map([[thePark.id, thePark]]) };
  const state = emptyState();
  const records: JournalRecord[] = [];
  let visits = 0;
  function send(command: Command, now: Instant): Decision {
    const decision = decide(world, state, command, now);
    if (decision.events.length > 0) {
      const record = { seq: state.seq + 1, at: now, events: decision.events };
      records.push(record);
      evolve(state, record);
    }
    return decision;
  }
  return {
    park: thePark,
    state,
    records,
    send,
    read(laneId, credential, now, options = {}) {
      visits += 1;
      return send(
        {
          type: 'reading',
          park: thePark.id,
          lane: laneId as LaneId,
          reading: {
            device: 'cam' as DeviceId,
            credential,
            colour: options.colour ?? 'unknown',
            confidence: options.confidence ?? null,
            identity: options.identity ?? null,
          },
          history: options.history ?? null,
          freshVisit: `V${visits}` as VisitId,
        },
        now,
      );
    },
    pay(order, now, noticeOver, archive) {
      const theNotice = notice({ orderNo: order as OrderNo, feeId: 'V1', payTime: now, ...noticeOver });
      const archived = archive ? { archived: archive.answer(theNotice) } : {};
      return send(
        { type: 'pay', park: thePark.id, notice: theNotice, digest: JSON.stringify(theNotice), ...archived },
        now,
      );
    },
    info(credential, now, freeMinutes = 0, freeAmount = 0) {
      const request = {
        plate: credential.kind === 'plate' ? credential.plate : null,
        barcode: credential.kind === 'ticket' ? credential.barcode : null,
        freeMinutes,
        freeAmount: fen(freeAmount),
      };
      const answer = paymentInfo(thePark, state.parks.get(thePark.id), request, now);
      if (answer.type !== 'found') throw new Error(`not found: ${answer.code}`);
      return answer;
    },
  };
}

/** The types of a decision's events, in order. */
export function types(decision: Decision): readonly string[] {
  return decision.events.map((event) => event.type);
}
