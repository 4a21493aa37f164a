import type { DeviceId, LaneId, OrderNo, ParkId, VisitId } from '../../src/core/ids.ts';
import { fen } from '../../src/core/money.ts';
import type { JournalRecord, ParkEvent } from '../../src/core/park/events.ts';
import { evolve } from '../../src/core/park/evolve.ts';
import type { Reading } from '../../src/core/park/model.ts';
import { capture, restore, type Snapshot } from '../../src/core/park/snapshot.ts';
import type { Plate } from '../../src/core/plate.ts';
import { openStore } from '../../src/store/store.ts';
import { listen, type Opened, time } from './tools.ts';

const PARK = 'p1' as ParkId;
const LANE = 'in-1' as LaneId;

function reading(seq: number): Reading {
  return {
    device: 'cam-1' as DeviceId,
    credential: { kind: 'plate', plate: `京A${String(seq).padStart(5, '0')}` as Plate },
    colour: 'blue',
    confidence: 0.97,
    identity: `r${seq}`,
  };
}

/** Traffic as a park sees it: record `seq` brings a vehicle in, pays for an earlier one, or lets one out. */
export function traffic(seq: number): JournalRecord {
  return {
    seq,
    at: time(seq),
    events: [
      eventOf(seq),
      { type: 'passageNoted', park: PARK, lane: LANE, direction: 'out', reading: reading(seq), at: time(seq) },
    ],
  };
}

function eventOf(seq: number): ParkEvent {
  const at = time(seq);
  const visit = `V${seq}` as VisitId;
  switch (seq % 4) {
    case 2:
      return {
        type: 'paymentUnmatched',
        park: PARK,
        digest: `d${seq}`,
        notice: {
          orderNo: `o${seq}` as OrderNo,
          feeId: null,
          plate: null,
          barcode: '条码',
          payTime: at,
          unPayAmount: null,
          amount: fen(500),
          deductionAmount: fen(0),
          payChannel: 1,
          payType: 2,
          thirdTradeNo: null,
          deductionDetails: [],
          member: null,
          rounded: false,
        },
      };
    case 3:
      return { type: 'barrierOrdered', park: PARK, lane: LANE, visit: null, deadline: at };
    case 0:
      return {
        type: 'left',
        park: PARK,
        lane: LANE,
        visit: `V${seq - 3}` as VisitId,
        identity: null,
        at,
        backlog: false,
        gross: fen(500),
        paid: fen(500),
        uncollected: fen(0),
        tariff: { name: 't', version: '1' },
      };
    default:
      return {
        type: 'entered',
        park: PARK,
        lane: LANE,
        visit,
        reading: reading(seq),
        at,
        plateKind: null,
        backlog: false,
      };
  }
}

/** A snapshot of a park with so many vehicles in it, as of record `seq`. */
export function fullPark(visits: number, seq: number): Snapshot {
  const state = restore({ seq: 0, at: time(0), parks: [] });
  for (let n = 1; n <= visits; n += 1) {
    const entered = { seq: n, at: time(n), events: [eventOf(4 * n + 1)] };
    evolve(state, entered);
  }
  return { ...capture(state), seq };
}

/** Opens a store with the real fold. */
export async function openPark(dir: string, segmentBytes = 4_096): Promise<Omit<Opened, 'folded'>> {
  const heard = listen();
  const store = await openStore({ dir, fold: evolve, faults: heard.faults, log: heard.log, segmentBytes });
  return { ...heard, store };
}
