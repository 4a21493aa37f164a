/**
 * Every metric, in one closed table: `/metrics` tells these and no others, and docs/monitoring.md lists them. Names follow
 * Prometheus' rules: the unit in the name (seconds, bytes), `_total` for what only grows. Labels are names from the
 * configuration and closed lists of this program; never a plate, a ticket, an order number or a phone number.
 */
import type { Labels } from './instruments.ts';
import type { Family } from './text.ts';

const LANE = ['park', 'lane', 'direction'];

const counter = (name: string, help: string, labels: Labels = []): Family => ({ name, type: 'counter', help, labels });
const gauge = (name: string, help: string, labels: Labels = []): Family => ({ name, type: 'gauge', help, labels });
const timing = (name: string, help: string, labels: Labels = []): Family => ({ name, type: 'histogram', help, labels });

const ABOUT = {
  build: gauge('gatepost_build_info', 'Always 1; the version that runs.', ['version', 'node']),
  faults: gauge(
    'gatepost_faults',
    'Faults that are raised now, by code; every code there is, at 0 when it is not raised.',
    ['code'],
  ),
  fault: gauge('gatepost_fault_raised', '1 for each fault that is raised now; gone when it is cleared.', [
    'code',
    'subject',
  ]),
  faultSince: gauge('gatepost_fault_since_timestamp_seconds', 'When the fault was raised.', ['code', 'subject']),
  clockBehind: gauge('gatepost_clock_behind_seconds', 'How far the clock is behind the last record of the journal.'),
} as const;

const LANES = {
  passages: counter(
    'gatepost_passages_total',
    'Vehicles that passed a lane: entered, left, let_out (owing: the line was down, or the operator said so), let_through (no visit known), noted (of an outage, without a visit).',
    [...LANE, 'outcome'],
  ),
  holds: counter('gatepost_holds_total', 'Vehicles before which the arm stayed down, by reason.', [...LANE, 'reason']),
  present: gauge('gatepost_vehicles_present', 'Vehicles in the park: open visits.', ['park']),
  lastVehicle: gauge(
    'gatepost_lane_last_vehicle_timestamp_seconds',
    'When the lane last dealt with a vehicle, also before this start; absent before the first.',
    LANE,
  ),
  held: gauge(
    'gatepost_lane_held_seconds',
    'For how long a vehicle has been held at the exit; 0 when none is. One that is held longer than waitingMinutes is taken to have backed off.',
    ['park', 'lane'],
  ),
  superseded: counter('gatepost_superseded_total', 'Vehicles that entered again without having been seen to leave.', [
    'park',
  ]),
  uncollected: counter('gatepost_uncollected_fen_total', 'What vehicles owed that were let go, in fen (1/100 yuan).', [
    'park',
  ]),
} as const;

const DEVICES = {
  readings: counter(
    'gatepost_readings_total',
    'Readings by what became of them: used, or duplicate (one more message of a passage that is known).',
    ['device', 'fate'],
  ),
  deviceUp: gauge(
    'gatepost_device_up',
    '1 while the wire is open and no fault says that the device is silent, offline or gone.',
    ['device'],
  ),
  deviceHeard: gauge(
    'gatepost_device_last_heard_timestamp_seconds',
    'When the last message or bytes came from the device; absent before the first since the start.',
    ['device'],
  ),
  deviceMessages: counter('gatepost_device_messages_total', 'MQTT messages of the device.', ['device']),
  deviceBytes: counter('gatepost_device_received_bytes_total', 'Bytes of the device on its serial line.', ['device']),
  deviceOrders: counter('gatepost_device_orders_total', 'Open orders handed to the device.', ['device']),
  discards: counter('gatepost_device_discards_total', 'Messages, bytes and readings that came to nothing, by reason.', [
    'device',
    'reason',
  ]),
  refused: counter('gatepost_device_refused_total', 'Logins, topics and packets that the embedded broker refused.', [
    'device',
  ]),
} as const;

const LOOP = {
  decisions: timing(
    'gatepost_decision_seconds',
    'From a command (a reading, a payment, …) to its reply: decided, and on the disk.',
    ['command'],
  ),
  batch: timing('gatepost_batch_commands', 'Commands that shared one flush.'),
  inbox: gauge('gatepost_inbox_commands', 'Commands that wait to be decided.'),
  inboxLimit: gauge('gatepost_inbox_limit_commands', 'Commands that may wait; more are turned away.'),
  turnedAway: counter(
    'gatepost_commands_turned_away_total',
    'Commands that were not taken: inbox (busy) or disk (full).',
    ['reason'],
  ),
} as const;

const STORE = {
  flush: timing(
    'gatepost_journal_flush_seconds',
    'Writing a batch to the journal and flushing it to the disk (fsync).',
  ),
  records: counter('gatepost_journal_records_total', 'Records written to the journal.'),
  written: counter('gatepost_journal_written_bytes_total', 'Bytes of records written to the journal.'),
  sequence: gauge('gatepost_journal_last_record', 'The number of the last record; it goes on from start to start.'),
  segments: gauge('gatepost_journal_segments', 'Files of the journal.'),
  journalBytes: gauge('gatepost_journal_bytes', 'Size of the journal on the disk, set aside in advance.'),
  snapshot: timing('gatepost_snapshot_seconds', 'Writing a snapshot.'),
  snapshotAt: gauge(
    'gatepost_snapshot_last_success_timestamp_seconds',
    'When a snapshot was last written; absent before the first since the start.',
  ),
  snapshotFailures: counter('gatepost_snapshot_failures_total', 'Snapshots that could not be written.'),
  diskFree: gauge('gatepost_disk_free_bytes', 'Room for Gatepost on the disk of the data folder.'),
  diskSize: gauge('gatepost_disk_size_bytes', 'Size of the disk of the data folder.'),
  archiveBytes: gauge('gatepost_archive_bytes', 'Size of the archive on the disk.'),
  archiveFiles: gauge('gatepost_archive_files', 'Files of the archive.'),
  archived: gauge('gatepost_archive_entries', 'What the archive holds: visits, orders, passages.', ['kind']),
} as const;

const BARRIER = {
  orders: counter(
    'gatepost_barrier_orders_total',
    'Open orders by outcome: confirmed, sent (the device never answers), refused, uncertain (no answer), expired (too late, not sent).',
    ['park', 'lane', 'outcome'],
  ),
  opening: timing(
    'gatepost_barrier_seconds',
    'From the reading, payment or operator’s call to the device having taken the open order (confirmed or sent).',
    ['park', 'lane'],
  ),
} as const;

const MALLCOO = {
  calls: counter(
    'gatepost_mallcoo_calls_total',
    'Calls of Mallcoo that were answered: code is OK (resCode 0) or the code of the refusal; status is that of HTTP.',
    ['call', 'code', 'status'],
  ),
  callTime: timing(
    'gatepost_mallcoo_call_seconds',
    'From the headers of a call to its answer; without callers who are slowed.',
    ['call'],
  ),
  authFailures: counter('gatepost_mallcoo_auth_failures_total', 'Calls whose token or signature was not accepted.', [
    'code',
  ]),
  payments: counter(
    'gatepost_payments_total',
    'Notices of payments: booked, again (a repeat; nothing was booked), conflict (the order with other content), unmatched (nobody knows the visit).',
    ['park', 'outcome'],
  ),
  credited: counter('gatepost_payments_fen_total', 'Money booked, in fen (1/100 yuan): paid, and deducted (coupons).', [
    'park',
    'kind',
  ]),
  flags: counter('gatepost_payment_flags_total', 'Payments that were booked and want a second look, by flag.', [
    'park',
    'flag',
  ]),
  outboxWaiting: gauge('gatepost_outbox_waiting', 'Notices that wait to be told to Mallcoo.', ['park']),
  outboxDead: gauge('gatepost_outbox_dead', 'Notices that will not be sent again unless a person says so.', ['park']),
  outboxAge: gauge(
    'gatepost_outbox_oldest_age_seconds',
    'For how long the oldest notice has waited; 0 when none waits.',
    ['park'],
  ),
  notices: counter(
    'gatepost_notices_total',
    'Notices by what became of them: confirmed, dead, dropped (by a person).',
    ['park', 'outcome'],
  ),
  reach: gauge(
    'gatepost_reach_up',
    'The way to Mallcoo: tunnel (payments can reach the gate), internet, mallcoo (it takes notices); absent while it is not known.',
    ['way'],
  ),
  probeOk: gauge('gatepost_probe_success', 'Whether the last probe through the tunnel came back.'),
  probeTime: gauge('gatepost_probe_duration_seconds', 'How long the last probe through the tunnel took.'),
  probeAt: gauge('gatepost_probe_timestamp_seconds', 'When the last probe through the tunnel ended.'),
} as const;

const MACHINE = {
  cpu: counter('process_cpu_seconds_total', 'CPU time of the process, user and system.'),
  resident: gauge('process_resident_memory_bytes', 'Resident memory of the process.'),
  started: gauge('process_start_time_seconds', 'When the process was started.'),
  fds: gauge('process_open_fds', 'Open file descriptors of the process.'),
  heapUsed: gauge('nodejs_heap_size_used_bytes', 'Heap that is used.'),
  heapTotal: gauge('nodejs_heap_size_total_bytes', 'Heap that is allocated.'),
  loopDelay: timing(
    'nodejs_eventloop_delay_seconds',
    'How late the event loop was at a timer that is due twice a second: what everything else waited too.',
  ),
} as const;

export const METRICS = {
  ...ABOUT,
  ...LANES,
  ...DEVICES,
  ...LOOP,
  ...STORE,
  ...BARRIER,
  ...MALLCOO,
  ...MACHINE,
} as const satisfies Readonly<Record<string, Family>>;
