/**
 * The lanes: vehicles that queue, cameras that read the first of them, arms that rise for it. Messages go through the
 * real driver's machine; what the gate did not take is kept by the camera and sent again.
 */
import type { Machine, Order } from '../../drivers/contract.ts';
import { DRIVERS } from '../../drivers/registry.ts';
import { recognition } from '../../drivers/vzenith-mqtt/simulator.ts';
import type { BarrierOrderId, DeviceId, VisitId } from '../../src/core/ids.ts';
import type { BarrierOutcome } from '../../src/core/park/commands.ts';
import type { Reading } from '../../src/core/park/model.ts';
import { type Instant, MINUTE, SECOND } from '../../src/core/time.ts';
import type { LaneDevices } from '../../src/devices/config.ts';
import type { OrderResult } from '../../src/devices/orders.ts';
import { GatewayBusy } from '../../src/gateway/ports.ts';
import type { Gate } from './gate-port.ts';
import { ENTRIES, EXITS, type Sight, type Trip } from './plan.ts';
import { laneOf, PARK, type Site, trueTime } from './site.ts';

/** A vehicle that comes to a lane. */
export interface Arrival {
  readonly vehicle: Trip['vehicle'];
  readonly sight: Sight;
  /** The arm has risen for it. */
  readonly onThrough: () => void;
  /** It stands first and has been seen for these many ms without the arm rising; true when it gives up and goes. */
  readonly onWaiting: (ms: number) => boolean;
}

export type BarrierFault = 'refused' | 'uncertain' | 'risen';

export interface Lanes {
  readonly devices: readonly LaneDevices[];
  arrive(lane: string, arrival: Arrival): void;
  order(device: DeviceId, order: Order): Promise<OrderResult>;
  /** The gate's process is up: devices connect, and send what they kept. */
  connect(gate: Gate): void;
  /** It is not up any more. `outcome` settles the orders that wait; null leaves them without an answer for ever. */
  disconnect(outcome: OrderResult | null): void;
  setLine(lane: string, up: boolean): void;
  setBarrier(lane: string, fault: BarrierFault | null): void;
  /** The camera repeats its last message. */
  flood(lane: string, count: number): void;
  /** The camera sends its last records again, as a backlog. */
  replay(lane: string): void;
}

/** What a camera has recorded. */
interface Shot {
  readonly id: string;
  readonly plate: string;
  readonly confidence: number;
  readonly at: Instant;
}

interface Lane {
  readonly id: string;
  readonly camera: DeviceId;
  readonly queue: (Arrival & { since: number | null; looks: number })[];
  machine: Machine | null;
  lineUp: boolean;
  fault: BarrierFault | null;
  shots: number;
  /** The last records, oldest first. */
  readonly recent: Shot[];
  /** Not acknowledged yet, or sent while nobody listened. */
  readonly kept: Map<string, Shot>;
}

const LOOK_AGAIN = 10 * SECOND;
const NEXT_IN_LINE = 3 * SECOND;
const KEPT_RECENT = 10;
/** A record older than this is sent as a backlog. */
const LIVE_FOR = 5 * SECOND;

const cameraOf = (lane: string): DeviceId => `cam-${lane}` as DeviceId;

export function createLanes(site: Site, newVisitId: () => VisitId): Lanes {
  const { agenda, trace } = site;
  const lanes = new Map([...ENTRIES, ...EXITS].map((id) => [id as string, emptyLane(id)]));
  const waiting = new Set<(result: OrderResult) => void>();

  function lane(id: string): Lane {
    const found = lanes.get(id);
    if (!found) throw new RangeError(`no such lane: ${id}`);
    return found;
  }

  function look(at: Lane): void {
    const car = at.queue[0];
    if (!car) return;
    car.since ??= agenda.now();
    car.looks += 1;
    if (car.looks > 1 && car.onWaiting(agenda.now() - car.since)) {
      at.queue.shift();
      agenda.later(NEXT_IN_LINE, () => look(at));
      return;
    }
    if (car.vehicle.kind === 'ticket') scan(at, car.vehicle.text);
    else shoot(at, car.vehicle.text, car.looks === 1 ? car.sight : null);
    agenda.later(LOOK_AGAIN, () => {
      if (at.queue[0] === car) look(at);
    });
  }

  function shoot(at: Lane, plate: string, sight: Sight | null): void {
    at.shots += 1;
    const id = `${at.id}-${at.shots}`;
    const first: Shot = {
      id,
      plate: sight?.misread ?? plate,
      confidence: sight?.misread ? 60 : 95,
      at: trueTime(site),
    };
    at.recent.push(first);
    if (at.recent.length > KEPT_RECENT) at.recent.shift();
    if (sight?.lost) return;
    const delay = sight?.delay ?? 0;
    agenda.later(delay, () => send(at, first));
    for (const copy of sight?.copies ?? []) agenda.later(delay + copy, () => send(at, first));
    if (sight?.misread && sight.corrected)
      agenda.later(400, () => send(at, { ...first, plate, confidence: 98, at: trueTime(site) }));
  }

  function scan(at: Lane, barcode: string): void {
    const gate = site.gate();
    if (!gate || !at.lineUp) return;
    const credential = { kind: 'ticket', barcode } as const;
    const reading: Reading = {
      device: cameraOf(at.id),
      credential,
      colour: 'unknown',
      confidence: null,
      identity: null,
    };
    // Nobody sends a scan again but the driver, who scans again.
    void submit(gate, at, reading, null).catch((error: unknown) => turnedAway(error));
  }

  function turnedAway(error: unknown): void {
    if (error instanceof Error && /^Gateway/.test(error.name)) trace(`  turned away: ${error.message}`);
    else site.fail('no internal error', `a reading failed: ${error instanceof Error ? error.stack : String(error)}`);
  }

  /** At QoS 1: the record is kept until the gate has acknowledged it. */
  function send(at: Lane, shot: Shot, backlog = false): void {
    at.kept.set(shot.id, shot);
    const gate = site.gate();
    const { machine } = at;
    if (!gate || !machine || !at.lineUp) return;
    const { plate, confidence, id } = shot;
    const { topic, payload } = recognition({ sn: at.id, plate, at: shot.at, id, backlog, confidence });
    const message = { type: 'message', topic, payload: Buffer.from(payload), retained: false } as const;
    const taken = machine.step(message, site.clock.now()).out.flatMap((output) => {
      if (output.type !== 'reading') return [];
      const { recordedAt, ...reading } = output.reading;
      return [submit(gate, at, { device: at.camera, ...reading }, recordedAt)];
    });
    Promise.all(taken).then(
      () => {
        if (at.kept.get(id) === shot) at.kept.delete(id);
      },
      (error: unknown) => {
        turnedAway(error);
        if (error instanceof GatewayBusy) agenda.later(2 * SECOND, () => resend(at, shot));
      },
    );
  }

  function resend(at: Lane, shot: Shot): void {
    if (at.kept.get(shot.id) === shot) send(at, shot, trueTime(site) - shot.at > LIVE_FOR);
  }

  function sendKept(at: Lane): void {
    for (const [index, shot] of [...at.kept.values()].entries())
      agenda.later(SECOND + 100 * index, () => resend(at, shot));
  }

  async function submit(gate: Gate, at: Lane, reading: Reading, history: Instant | null): Promise<void> {
    const command = {
      type: 'reading',
      park: PARK,
      lane: laneOf(at.id),
      reading,
      history,
      freshVisit: newVisitId(),
    } as const;
    const reply = await gate.gateway.submit(command);
    if (reply.type !== 'reading') return;
    const { credential } = reading;
    const name =
      credential.kind === 'plate' ? credential.plate : credential.kind === 'ticket' ? credential.barcode : '-';
    trace(`${at.id} ${name}${history === null ? '' : ' (backlog)'}: ${reply.outcome} ${reply.visit ?? ''}`);
    site.witness(`${at.id} ${reply.outcome} ${reply.visit}`);
  }

  function rise(at: Lane): void {
    const car = at.queue[0];
    trace(`${at.id} arm up${car ? ` for ${car.vehicle.text}` : ', nobody there'}`);
    if (!car || car.since === null) return;
    at.queue.shift();
    site.stats.passages += 1;
    car.onThrough();
    agenda.later(NEXT_IN_LINE, () => look(at));
  }

  function obey(at: Lane, order: Order): Promise<OrderResult> {
    if (!at.lineUp) return Promise.resolve({ outcome: 'refused', detail: 'the device cannot be reached' });
    const { fault } = at;
    if (fault === 'refused') return Promise.resolve({ outcome: 'refused', detail: 'the device said no' });
    if (fault !== 'uncertain') agenda.later(150, () => rise(at));
    // One lane of each kind has a relay that never answers.
    const outcome: BarrierOutcome = fault ? 'uncertain' : at.id.endsWith('2') ? 'sent' : 'confirmed';
    return new Promise((resolve) => {
      waiting.add(resolve);
      agenda.later(fault ? 2 * SECOND : 200, () => {
        if (!waiting.delete(resolve)) return;
        trace(`${at.id} order ${order.id} ${outcome}`);
        resolve({ outcome, detail: null });
      });
    });
  }

  return {
    devices: [...lanes.values()].map(({ id, camera }) => ({
      park: PARK,
      lane: laneOf(id),
      readers: [camera],
      barrier: { device: camera, output: 0 },
    })),
    arrive(id, arrival) {
      const at = lane(id);
      at.queue.push({ ...arrival, since: null, looks: 0 });
      trace(`${arrival.vehicle.text} comes to ${id}`);
      if (at.queue.length === 1) look(at);
    },
    order(device, order) {
      site.auditor.fired(order.id as BarrierOrderId, order.deadline, site.clock.now());
      site.witness(`order ${order.id}`);
      const at = [...lanes.values()].find(({ camera }) => camera === device);
      return at ? obey(at, order) : Promise.resolve({ outcome: 'refused', detail: 'no such device' });
    },
    connect() {
      for (const at of lanes.values()) {
        at.machine = DRIVERS['vzenith-mqtt']?.start({ sn: at.id }) ?? null;
        at.machine?.step({ type: 'link', up: at.lineUp }, site.clock.now());
        if (at.lineUp) sendKept(at);
      }
    },
    disconnect(outcome) {
      for (const settle of waiting) if (outcome) settle(outcome);
      waiting.clear();
      for (const at of lanes.values()) at.machine = null;
    },
    setLine(id, up) {
      const at = lane(id);
      at.lineUp = up;
      at.machine?.step({ type: 'link', up }, site.clock.now());
      if (up) sendKept(at);
    },
    setBarrier(id, fault) {
      lane(id).fault = fault;
    },
    flood(id, count) {
      const at = lane(id);
      const last = at.recent.at(-1);
      if (last) for (let index = 0; index < count; index += 1) send(at, last);
    },
    replay(id) {
      const at = lane(id);
      for (const shot of at.recent) send(at, shot, trueTime(site) - shot.at > LIVE_FOR);
    },
  };
}

function emptyLane(id: string): Lane {
  return {
    id,
    camera: cameraOf(id),
    queue: [],
    machine: null,
    lineUp: true,
    fault: null,
    shots: 0,
    recent: [],
    kept: new Map(),
  };
}

/** After this long at the first place in line a driver gives up. */
export const PATIENCE = 8 * MINUTE;
