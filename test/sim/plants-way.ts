/** Defects of the way to Mallcoo that can be planted; see `plants.ts`. */

import { fen } from '../../src/core/money.ts';
import type { JournalRecord, ParkEvent } from '../../src/core/park/events.ts';
import type { Park } from '../../src/core/park/model.ts';
import type { Notice } from '../../src/core/park/notice.ts';
import { HOUR } from '../../src/core/time.ts';
import type { Clock, Gateway, Journal } from '../../src/gateway/ports.ts';
import type { Machine } from '../../src/mallcoo/notices/pump.ts';
import type { NoticeSettings } from '../../src/mallcoo/notices/settings.ts';
import type { ReachMachine } from '../../src/mallcoo/reach/reach.ts';
import type { Plant } from './plant-names.ts';

/** What the sender has of the gateway. */
export function plantInNotices(plant: Plant | null, gateway: Gateway): Gateway {
  if (plant !== 'tellsAgain') return gateway;
  let count = 0;
  return {
    ...gateway,
    async submit(command) {
      if (command.type === 'noticeDone') count += 1;
      if (command.type === 'noticeDone' && count % 5 === 0) return { type: 'done' };
      return gateway.submit(command);
    },
  };
}

export interface SenderParts {
  readonly settings: NoticeSettings;
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly machine: Machine;
}

export function plantInSender(plant: Plant | null, parts: SenderParts): SenderParts {
  const { settings, gateway, clock, machine } = parts;
  switch (plant) {
    case 'rushes':
      return { ...parts, settings: { ...settings, perSecond: 1_000 } };
    case 'givesUpEarly':
      return { ...parts, settings: { ...settings, giveUpMs: HOUR } };
    case 'oldStamp': {
      const start = clock.now();
      return { ...parts, clock: { now: () => start } };
    }
    case 'wrongPlate':
      return { ...parts, gateway: seeing(gateway, (all) => all.map((one) => ({ ...one, plate: null }))) };
    case 'tellsNewestFirst':
      return { ...parts, gateway: seeing(gateway, (all) => all.toReversed()) };
    case 'forgetsWaiting': {
      const before = gateway.state().seq;
      const fresh = (one: Notice): boolean => Number.parseInt(one.id, 10) > before;
      return { ...parts, gateway: seeing(gateway, (all) => all.filter(fresh)) };
    }
    case 'believesSilence': {
      const text = '{"Code":1,"Message":""}';
      const said = { type: 'answered', status: 200, retryAfter: null, date: null, text } as const;
      return {
        ...parts,
        machine: {
          ...machine,
          post: async (request, abort) => {
            const outcome = await machine.post(request, abort);
            return outcome.type === 'lost' ? said : outcome;
          },
        },
      };
    }
    default:
      return parts;
  }
}

/** A gateway whose outboxes look otherwise. */
function seeing(gateway: Gateway, view: (all: readonly Notice[]) => readonly Notice[]): Gateway {
  return {
    ...gateway,
    state() {
      const state = gateway.state();
      const parks = [...state.parks].map(([id, park]) => {
        const waiting = new Map(view([...park.outbox.waiting.values()]).map((one) => [one.id, one]));
        return [id, { ...park, outbox: { ...park.outbox, waiting } }] as const;
      });
      return { ...state, parks: new Map(parks) };
    },
  };
}

/** What the watch tells of the line. */
export function plantInLine(plant: Plant | null, tell: (up: boolean) => void): (up: boolean) => void {
  return plant === 'lineUntold' ? () => undefined : tell;
}

export function plantInReach(plant: Plant | null, machine: ReachMachine): ReachMachine {
  if (plant === 'blindToTunnel') {
    // What it asks never ends: it goes on as it began.
    return { ...machine, askHttp: () => new Promise(() => undefined) };
  }
  if (plant === 'blamesTunnel') {
    return { ...machine, askTcp: (point, ms, signal) => machine.askTcp(point, ms, signal).then(() => true) };
  }
  return machine;
}

export function plantInPark(plant: Plant | null, park: Park): Park {
  const rule =
    plant === 'ignoresRule' ? ({ type: 'letOut', upTo: fen(1_000_000) } as const) : ({ type: 'hold' } as const);
  if (plant === 'ignoresRule' || plant === 'holdsAll') {
    return { ...park, lanes: new Map([...park.lanes].map(([id, lane]) => [id, { ...lane, whenLineDown: rule }])) };
  }
  if (plant === 'forgetsPasses') return { ...park, passes: new Map() };
  if (plant === 'untold') return { ...park, notices: { ...park.notices, entry: false } };
  return park;
}

/** Spoils what is written, of records that are told apart by nothing else. */
export function plantInRecords(plant: Plant | null, journal: Journal): Journal {
  if (plant !== 'forgivesDebts' && plant !== 'keepsDebts') return journal;
  function spoiltEvent(event: ParkEvent): ParkEvent {
    if (plant === 'forgivesDebts' && event.type === 'left' && event.letOut) return { ...event, uncollected: fen(0) };
    const late = event.type === 'paymentBooked' ? event.uncollected : undefined;
    if (plant !== 'keepsDebts' || event.type !== 'paymentBooked' || late === undefined) return event;
    return { ...event, uncollected: fen(late + 100) };
  }
  const spoilt = (record: JournalRecord): JournalRecord => ({ ...record, events: record.events.map(spoiltEvent) });
  return { append: (records) => journal.append(records.map(spoilt)), room: (records) => journal.room(records) };
}
