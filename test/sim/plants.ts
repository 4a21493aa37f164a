/** Defects that can be planted, to show that the world finds them: a world that cannot fail is a defect itself. */
import type { OrderNo, VisitId } from '../../src/core/ids.ts';
import type { Command, PayCommand, Reply } from '../../src/core/park/commands.ts';
import type { World } from '../../src/core/park/model.ts';
import type { State } from '../../src/core/park/state.ts';
import type { Instant } from '../../src/core/time.ts';
import type { Barriers, Faults, Journal } from '../../src/gateway/ports.ts';
import type { Plant } from './plant-names.ts';
import { plantInPark, plantInRecords } from './plants-way.ts';

export function plantInJournal(plant: Plant | null, journal: Journal): Journal {
  switch (plant) {
    case 'answersEarly': {
      let before: Promise<void> = Promise.resolve();
      return {
        async append(records) {
          before = before.then(() => journal.append(records));
        },
        room: (records) => journal.room(records),
      };
    }
    case 'losesAppends': {
      let appends = 0;
      let lost = 0;
      return {
        async append(records) {
          appends += 1;
          if (appends % 20 === 0) lost += records.length;
          else await journal.append(records.map((record) => ({ ...record, seq: record.seq - lost })));
        },
        room: (records) => journal.room(records),
      };
    }
    default:
      return plantInRecords(plant, journal);
  }
}

export function plantInState(plant: Plant | null, state: State): void {
  if (plant === 'forgetsOrders') for (const park of state.parks.values()) park.ledger.clear();
}

export function plantInBarriers(plant: Plant | null, barriers: Barriers): Barriers {
  if (plant !== 'firesTwice') return barriers;
  return {
    async open(order) {
      await barriers.open(order);
      return barriers.open(order);
    },
  };
}

/** What a start should leave alone. */
export function plantInStart(plant: Plant | null, state: State, barriers: Barriers): void {
  if (plant !== 'firesLate') return;
  for (const park of state.parks.values())
    for (const order of park.orders.values()) void barriers.open({ type: 'openBarrier', park: park.id, ...order });
}

/** The parks as the gate has them; Mallcoo and the drivers go by what was agreed. */
export function plantInWorld(plant: Plant | null, world: World): World {
  if (plant !== 'shortGrace') {
    return { parks: new Map([...world.parks].map(([id, park]) => [id, plantInPark(plant, park)])) };
  }
  const shortened = [...world.parks.values()].map((park) => {
    const termsAt = (at: Instant) => ({ ...park.tariff.termsAt(at), grace: 1 });
    return [park.id, { ...park, tariff: { ...park.tariff, termsAt } }] as const;
  });
  return { parks: new Map(shortened) };
}

export function plantInFaults(plant: Plant | null, faults: Faults): Faults {
  if (plant !== 'faultStays' && plant !== 'wayFaultStays') return faults;
  const kept = plant === 'faultStays' ? 'CLOCK_' : 'MALLCOO_';
  return {
    raise: faults.raise,
    clear(code, subject) {
      if (!code.startsWith(kept)) faults.clear(code, subject);
    },
  };
}

type Submit = (command: Command) => Promise<Reply>;

/** What stands between the calls and the loop. */
export function plantInSubmit(plant: Plant | null, submit: Submit, state: () => State): Submit {
  const seen = new Set<OrderNo>();
  function meddle(command: PayCommand): PayCommand {
    const { notice } = command;
    if (plant === 'lateMoneyUnknown') {
      const here = state()
        .parks.get(command.park)
        ?.open.has(notice.feeId as VisitId);
      return here ? command : { ...command, notice: { ...notice, feeId: null, plate: null, barcode: null } };
    }
    const again = seen.has(notice.orderNo);
    seen.add(notice.orderNo);
    if (!again) return command;
    if (plant === 'booksTwice') return { ...command, notice: { ...notice, orderNo: `${notice.orderNo}x` as OrderNo } };
    return plant === 'refusesRetries' ? { ...command, digest: 'another' } : command;
  }
  if (plant !== 'booksTwice' && plant !== 'refusesRetries' && plant !== 'lateMoneyUnknown') return submit;
  return (command) => submit(command.type === 'pay' ? meddle(command) : command);
}

export function plantInAnswer(plant: Plant | null, json: Readonly<Record<string, unknown>>): typeof json {
  if (plant !== 'wrongPrice' || typeof json['unPayAmount'] !== 'number') return json;
  return { ...json, unPayAmount: json['unPayAmount'] + 1 };
}
