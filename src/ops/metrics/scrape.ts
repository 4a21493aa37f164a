/**
 * `GET /metrics`: all figures at this moment. What is counted on the way comes from the meters; what the state and the
 * parts know is read here. Its cost grows with lanes and devices, not with the cars in the park.
 */
import { ERRORS } from '../../core/errors.ts';
import type { Lane, Park } from '../../core/park/model.ts';
import { type Instant, SECOND } from '../../core/time.ts';
import type { Health } from '../health.ts';
import { printable } from '../log.ts';
import { oldestOf } from '../outbox-view.ts';
import { METRICS } from './catalog.ts';
import { type MachineReading, watchMachine } from './machine.ts';
import type { Meters } from './meters.ts';
import { type Page, page, type Sample } from './text.ts';

/** Of one device, since the start. */
export interface DeviceFigures {
  readonly messages: number;
  readonly bytes: number;
  readonly orders: number;
  readonly discards: Readonly<Record<string, number>>;
}

export interface Sources {
  readonly meters: Meters;
  readonly health: () => Health;
  readonly machine: () => Promise<MachineReading>;
  readonly inbox: { readonly waiting: () => number; readonly limit: number };
  readonly journal: { stats(): { readonly seq: number; readonly segments: number; readonly bytes: number } };
  readonly devices: {
    stats(): {
      readonly devices: Readonly<Record<string, DeviceFigures>>;
      readonly refused: Readonly<Record<string, number>>;
    };
    contacts(): ReadonlyMap<string, { readonly up: boolean; readonly heard: Instant | null }>;
  };
}

export interface Figures {
  /** The page of `/metrics` at this moment. */
  metrics(): Promise<string>;
  stop(): Promise<void>;
}

/** @param folder on the disk whose room is told. */
export function startFigures({ folder, ...sources }: Omit<Sources, 'machine'> & { readonly folder: string }): Figures {
  const { read: machine, stop } = watchMachine(folder);
  return { metrics: () => scrape({ ...sources, machine }), stop: async () => stop() };
}

/** The page, in Prometheus' text format. */
export async function scrape(sources: Sources): Promise<string> {
  const machine = await sources.machine();
  const health = sources.health();
  const to = page();
  addAbout(to, health);
  addLanes(to, health, sources.meters);
  addDevices(to, health, sources);
  addLoop(to, sources);
  addStore(to, health, sources, machine);
  addBarriers(to, sources.meters);
  addMallcoo(to, sources.meters);
  addOutbox(to, health, sources.meters);
  addReach(to, health);
  addMachine(to, machine);
  return to.text();
}

const one = (value: number): readonly Sample[] => [[[], value]];
/** No sample where there is no value. */
const maybe = (value: number | null | undefined): readonly Sample[] => (value == null ? [] : one(value));
const seconds = (at: Instant): number => at / SECOND;

function addAbout(to: Page, { version, faults, now, state }: Health): void {
  to.add(METRICS.build, [[[version, process.version], 1]]);
  const raised = new Map<string, number>();
  for (const { code } of faults) raised.set(code, (raised.get(code) ?? 0) + 1);
  const codes = Object.entries(ERRORS).flatMap(([code, { kind }]) => (kind === 'fault' ? [code] : []));
  to.add(
    METRICS.faults,
    codes.map((code) => [[code], raised.get(code) ?? 0]),
  );
  const named = faults.map(({ code, subject, since }) => [[code, printable(subject)], since] as const);
  to.add(
    METRICS.fault,
    named.map(([labels]) => [labels, 1]),
  );
  to.add(
    METRICS.faultSince,
    named.map(([labels, since]) => [labels, seconds(since)]),
  );
  to.add(METRICS.clockBehind, one(Math.max(0, state.at - now) / SECOND));
}

function addLanes(to: Page, { world, state, now }: Health, { counted }: Meters): void {
  to.add(METRICS.passages, counted.passages.read());
  to.add(METRICS.holds, counted.holds.read());
  const parks = [...world.parks.values()];
  to.add(
    METRICS.present,
    parks.map(({ id }) => [[id], state.parks.get(id)?.open.size ?? 0]),
  );
  const last = (park: Park, lane: Lane) => state.parks.get(park.id)?.lanes.get(lane.id)?.last;
  const lanes = parks.flatMap((park) => [...park.lanes.values()].map((lane) => [park, lane] as const));
  to.add(
    METRICS.lastVehicle,
    lanes.flatMap(([park, lane]): readonly Sample[] => {
      const at = last(park, lane)?.at;
      return at === undefined ? [] : [[[park.id, lane.id, lane.direction], seconds(at)]];
    }),
  );
  const exits = lanes.filter(([, { direction }]) => direction === 'out');
  to.add(
    METRICS.held,
    exits.map(([park, lane]) => [[park.id, lane.id], heldMs(park, last(park, lane), now) / SECOND]),
  );
  to.add(METRICS.superseded, counted.superseded.read());
  to.add(METRICS.uncollected, counted.uncollected.read());
}

/** A vehicle that is held longer than the park waits has gone away, as far as anyone can tell. */
function heldMs({ waitingMs }: Park, last: { outcome: string; at: Instant } | null | undefined, now: Instant): number {
  const ms = last?.outcome === 'held' ? Math.max(0, now - last.at) : 0;
  return ms > waitingMs ? 0 : ms;
}

/** Faults whose subject is a device, which has nothing to say then. */
const AWAY: readonly string[] = ['DEVICE_SILENT', 'DEVICE_OFFLINE', 'PORT_GONE'];

function addDevices(to: Page, { faults }: Health, { devices, meters }: Sources): void {
  const { devices: figures, refused } = devices.stats();
  const away = new Set(faults.flatMap(({ code, subject }) => (AWAY.includes(code) ? [subject] : [])));
  const contacts = [...devices.contacts()];
  const each = (figure: (of: DeviceFigures) => number): readonly Sample[] =>
    Object.entries(figures).map(([id, of]) => [[id], figure(of)]);
  to.add(METRICS.readings, meters.counted.readings.read());
  to.add(
    METRICS.deviceUp,
    contacts.map(([id, { up }]) => [[id], up && !away.has(id) ? 1 : 0]),
  );
  to.add(
    METRICS.deviceHeard,
    contacts.flatMap(([id, { heard }]): readonly Sample[] => (heard === null ? [] : [[[id], seconds(heard)]])),
  );
  to.add(
    METRICS.deviceMessages,
    each(({ messages }) => messages),
  );
  to.add(
    METRICS.deviceBytes,
    each(({ bytes }) => bytes),
  );
  to.add(
    METRICS.deviceOrders,
    each(({ orders }) => orders),
  );
  to.add(
    METRICS.discards,
    Object.entries(figures).flatMap(([id, { discards }]) =>
      Object.entries(discards).map(([reason, count]) => [[id, reason], count] as const),
    ),
  );
  to.add(
    METRICS.refused,
    Object.entries(refused).map(([id, count]) => [[id], count]),
  );
}

function addLoop(to: Page, { meters: { counted, measured }, inbox }: Sources): void {
  to.histogram(
    METRICS.decisions,
    Object.entries(measured.decisions).map(([type, time]) => [[type], time.read()]),
  );
  to.histogram(METRICS.batch, [[[], measured.batch.read()]]);
  to.add(METRICS.inbox, one(inbox.waiting()));
  to.add(METRICS.inboxLimit, one(inbox.limit));
  to.add(METRICS.turnedAway, counted.turnedAway.read());
}

function addStore(to: Page, { archive }: Health, { meters, journal }: Sources, { disk }: MachineReading): void {
  const { counted, measured } = meters;
  const { seq, segments, bytes } = journal.stats();
  const { lastSuccess, failures } = counted.snapshots;
  to.histogram(METRICS.flush, [[[], measured.flush.read()]]);
  to.add(METRICS.records, one(counted.written.records));
  to.add(METRICS.written, one(counted.written.bytes));
  to.add(METRICS.sequence, one(seq));
  to.add(METRICS.segments, one(segments));
  to.add(METRICS.journalBytes, one(bytes));
  to.histogram(METRICS.snapshot, [[[], measured.snapshot.read()]]);
  to.add(METRICS.snapshotAt, maybe(lastSuccess && seconds(lastSuccess)));
  to.add(METRICS.snapshotFailures, one(failures));
  to.add(METRICS.diskFree, maybe(disk?.freeBytes));
  to.add(METRICS.diskSize, maybe(disk?.sizeBytes));
  to.add(METRICS.archiveBytes, one(archive.bytes));
  to.add(METRICS.archiveFiles, one(archive.files));
  to.add(METRICS.archived, [
    [['visits'], archive.visits],
    [['orders'], archive.orders],
    [['passages'], archive.passages],
  ]);
}

function addBarriers(to: Page, { counted, measured }: Meters): void {
  to.add(METRICS.orders, counted.orders.read());
  to.histogram(
    METRICS.opening,
    [...measured.openings.values()].map(({ labels, time }) => [labels, time.read()]),
  );
}

function addMallcoo(to: Page, { calls, counted }: Meters): void {
  to.add(METRICS.calls, calls.counts());
  to.histogram(METRICS.callTime, calls.times());
  to.add(METRICS.authFailures, calls.authFailures());
  to.add(METRICS.payments, counted.payments.read());
  to.add(METRICS.credited, counted.credited.read());
  to.add(METRICS.flags, counted.flags.read());
}

function addOutbox(to: Page, { world, state, now }: Health, { counted }: Meters): void {
  const parks = [...world.parks.keys()].map((id) => [id, state.parks.get(id)?.outbox] as const);
  to.add(
    METRICS.outboxWaiting,
    parks.map(([id, outbox]) => [[id], outbox?.waiting.size ?? 0]),
  );
  to.add(
    METRICS.outboxDead,
    parks.map(([id, outbox]) => [[id], outbox?.dead.size ?? 0]),
  );
  to.add(
    METRICS.outboxAge,
    parks.map(([id, outbox]) => {
      const oldest = outbox ? oldestOf(outbox.waiting.values()) : null;
      return [[id], oldest === null ? 0 : Math.max(0, now - oldest) / SECOND];
    }),
  );
  to.add(METRICS.notices, counted.notices.read());
}

function addReach(to: Page, { reach, notices, faults }: Health): void {
  const { line, internet, lastProbe: probe } = reach;
  const refusing = faults.some(({ code }) => code === 'MALLCOO_UNREACHABLE' || code === 'MALLCOO_REFUSING');
  // Nobody asks Mallcoo for its own sake: until a notice fails, it takes them.
  const tells = Object.values(notices).some(({ lastAnswer }) => lastAnswer !== null);
  const ways = { tunnel: line, internet, mallcoo: refusing ? 'down' : tells ? 'up' : 'unknown' };
  to.add(
    METRICS.reach,
    Object.entries(ways).flatMap(([way, is]): readonly Sample[] =>
      is === 'unknown' ? [] : [[[way], is === 'up' ? 1 : 0]],
    ),
  );
  to.add(METRICS.probeOk, maybe(probe && (probe.ok ? 1 : 0)));
  to.add(METRICS.probeTime, maybe(probe && probe.ms / SECOND));
  to.add(METRICS.probeAt, maybe(probe && seconds(probe.at)));
}

function addMachine(to: Page, machine: MachineReading): void {
  to.add(METRICS.cpu, one(machine.cpuSeconds));
  to.add(METRICS.resident, one(machine.residentBytes));
  to.add(METRICS.started, one(machine.startedSeconds));
  to.add(METRICS.fds, maybe(machine.openFds));
  to.add(METRICS.heapUsed, one(machine.heapUsedBytes));
  to.add(METRICS.heapTotal, one(machine.heapTotalBytes));
  to.histogram(METRICS.loopDelay, [[[], machine.loopDelay.read()]]);
}
