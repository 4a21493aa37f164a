/** The drivers of cars: they come, stay, pay before they leave or at the exit, and give up when the arm stays down. */
import { MINUTE, SECOND } from '../../src/core/time.ts';
import { type Lanes, PATIENCE } from './lanes.ts';
import type { Mallcoo } from './mallcoo.ts';
import type { Sight, Trip } from './plan.ts';
import { laneOf, PARK, type Site } from './site.ts';

export interface Drivers {
  /** Begins a trip, unless the vehicle is on one. */
  go(trip: Trip): void;
  /** A free short stay, through both lanes; with nothing wrong it must go well. */
  probe(entry: string, exit: string): void;
}

/** At the exit a driver who has not paid takes the phone out after this long. */
const PHONE_OUT = 20 * SECOND;
/** And is asked to hurry: the longest from the price to the payment there. */
const LONGEST_THINK = MINUTE;
/** The operator comes after so long, if one does. */
const OPERATOR_AFTER = 3 * MINUTE;

const CLEAR: Sight = { misread: null, corrected: false, delay: 0, copies: [], lost: false };

export function createDrivers(site: Site, lanes: Lanes, mallcoo: Mallcoo): Drivers {
  const { agenda, fail, trace } = site;
  const away = new Set<string>();

  function comeHome(trip: Pick<Trip, 'vehicle'>): void {
    away.delete(trip.vehicle.text);
  }

  function enter(trip: Trip): void {
    const { vehicle, entry } = trip;
    lanes.arrive(entry, {
      vehicle,
      sight: trip.arrival,
      onThrough() {
        if (trip.ahead) {
          const { ahead } = trip;
          agenda.later(trip.stay - ahead.lead, () => mallcoo.pay(vehicle, ahead, ahead.think));
        }
        agenda.later(trip.stay, () => leave(trip));
      },
      onWaiting(ms) {
        if (ms < PATIENCE) return false;
        if (site.healthyFor() > ms) fail('a vehicle gets in', `${vehicle.text} stood at ${entry} for ${ms / SECOND} s`);
        comeHome(trip);
        return true;
      },
    });
  }

  function leave(trip: Trip): void {
    const { vehicle, exit } = trip;
    let phone = false;
    let asked = false;
    lanes.arrive(exit, {
      vehicle,
      sight: trip.departure,
      onThrough: () => comeHome(trip),
      onWaiting(ms) {
        if (ms >= PHONE_OUT && !phone) {
          phone = true;
          mallcoo.pay(vehicle, trip.atExit, Math.min(trip.atExit.think, LONGEST_THINK));
        }
        if (trip.operator && ms >= OPERATOR_AFTER && !asked) {
          asked = true;
          letOut(trip);
        }
        if (ms < PATIENCE) return false;
        giveUp(trip, ms);
        return true;
      },
    });
  }

  /** The operator lets it go through the gate: the arm rises for whoever stands there, and the visit ends. */
  function letOut({ vehicle, exit }: Trip): void {
    const gate = site.gate();
    if (!gate) return;
    const command = { type: 'letOut', park: PARK, lane: laneOf(exit), reason: 'cannot pay', by: 'sim' } as const;
    gate.gateway.submit(command).then(
      (reply) => {
        trace(`the operator lets ${vehicle.text} out of ${exit}: ${JSON.stringify(reply)}`);
        site.witness(`letOut ${exit} ${reply.type}`);
      },
      (error: unknown) => trace(`  turned away: ${String(error)}`),
    );
  }

  /** The operator lets it out by hand. Had it nothing to pay, the gate should have done so. */
  function giveUp({ vehicle, exit }: Trip, ms: number): void {
    trace(`${vehicle.text} is let out of ${exit} by hand`);
    comeHome({ vehicle });
    if (site.healthyFor() <= ms) return;
    mallcoo.ask(vehicle, 0, (price) => {
      if (price !== null && price !== 'unknown' && price.unPay === 0)
        fail('who owes nothing gets out', `${vehicle.text} stood at ${exit} for ${ms / SECOND} s with nothing to pay`);
    });
  }

  return {
    go(trip) {
      if (away.has(trip.vehicle.text)) return;
      away.add(trip.vehicle.text);
      enter(trip);
    },
    probe(entry, exit) {
      const text = `沪A9000${entry.at(-1)}`;
      const car = { kind: 'plate', text } as const;
      const stuck = (lane: string) => (ms: number) => {
        if (ms < MINUTE) return false;
        fail('at the end the gate works', `${text} stood at ${lane} for ${ms / SECOND} s`);
        return true;
      };
      const out = { vehicle: car, sight: CLEAR, onThrough: () => undefined, onWaiting: stuck(exit) };
      const onThrough = (): void => agenda.later(5 * MINUTE, () => lanes.arrive(exit, out));
      lanes.arrive(entry, { vehicle: car, sight: CLEAR, onThrough, onWaiting: stuck(entry) });
    },
  };
}
