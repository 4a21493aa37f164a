/**
 * `GetParkingPaymentInfo` through the whole daemon with 100,000 open visits, beside a bare Hono route that reads a JSON
 * body and answers one of the same size. The two take turns, so that a slow moment of the machine meets both.
 */
import autocannon from 'autocannon';
import type { LaneId, ParkId, VisitId } from '../../src/core/ids.ts';
import type { JournalRecord } from '../../src/core/park/events.ts';
import { evolve } from '../../src/core/park/evolve.ts';
import { type Instant, MINUTE } from '../../src/core/time.ts';
import { openStore } from '../../src/store/store.ts';
import {
  type Child,
  cpuMs,
  freePort,
  median,
  plateOf,
  readingOf,
  row,
  startChild,
  withFolder,
  writeSite,
} from './support.ts';

const VISITS = 100_000;
const CONNECTIONS = 16;
const SECONDS = 3;
const ROUNDS = 3;
const QUIET = { raise: () => undefined, clear: () => undefined, notice: () => undefined, info: () => undefined };

interface Round {
  readonly perSecond: number;
  readonly p99: number;
  readonly cpuMicros: number;
}

/** A day's journal of cars that came and have not left. */
async function fill(dir: string): Promise<void> {
  const store = await openStore({ dir, fold: evolve, faults: QUIET, log: QUIET, segmentBytes: 64 * 1024 * 1024 });
  const now = Date.now();
  for (let first = 0; first < VISITS; first += 1_000) {
    const batch = Array.from({ length: 1_000 }, (_, index) => entry(first + index, now));
    await store.journal.append(batch);
  }
  await store.close();
}

function entry(number: number, now: number): JournalRecord {
  // Spread over the last ten hours, so that fees and times of entry differ.
  const at = (now - 600 * MINUTE + Math.floor((number / VISITS) * 600 * MINUTE)) as Instant;
  return {
    seq: number + 1,
    at,
    events: [
      {
        type: 'entered',
        park: 'P001' as ParkId,
        lane: 'in-1' as LaneId,
        visit: `V${String(number).padStart(15, '0')}` as VisitId,
        reading: readingOf(number),
        at,
        plateKind: 'ordinary',
        backlog: false,
      },
    ],
  };
}

async function measure(child: Child, port: number): Promise<Round> {
  const bodies = Array.from({ length: 1_000 }, (_, index) =>
    JSON.stringify({ parkId: 'P001', plateNo: plateOf(index * 97), freeMinutes: 60, freeAmount: 0 }),
  );
  const before = cpuMs(child.pid);
  const result = await autocannon({
    url: `http://127.0.0.1:${port}/GetParkingPaymentInfo`,
    connections: CONNECTIONS,
    duration: SECONDS,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    requests: bodies.map((body) => ({ body })),
  });
  const cpu = cpuMs(child.pid) - before;
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} refused, ${result.errors} errors`);
  return {
    perSecond: result.requests.total / result.duration,
    p99: result.latency.p99,
    cpuMicros: (cpu * 1_000) / result.requests.total,
  };
}

const middle = (rounds: readonly Round[], field: keyof Round): number => median(rounds.map((round) => round[field]));

export function benchHttp(print: (line: string) => void): Promise<void> {
  return withFolder(async (dir) => {
    const [ours, local, bare] = [await freePort(), await freePort(), await freePort()];
    const broker = `{ broker: embedded, listen: "127.0.0.1:${await freePort()}", anonymous: true }`;
    const site = await writeSite(dir, { mallcoo: ours, local }, broker);
    await fill(`${dir}/data`);
    const daemon = await startChild(process.execPath, ['src/bin.mjs', 'run', site], 'is up');
    const sample = await fetch(`http://127.0.0.1:${ours}/GetParkingPaymentInfo`, {
      method: 'POST',
      body: JSON.stringify({ plateNo: plateOf(97) }),
    });
    const answer = await sample.text();
    if (!answer.includes('"resCode":0')) throw new Error(`not the answer that was to be measured: ${answer}`);
    const reference = await startChild(process.execPath, ['test/bench/bare-hono.ts', String(bare), answer], 'ready');
    const rounds: { gatepost: Round[]; hono: Round[] } = { gatepost: [], hono: [] };
    try {
      await measure(daemon, ours);
      await measure(reference, bare);
      for (let i = 0; i < ROUNDS; i += 1) {
        rounds.gatepost.push(await measure(daemon, ours));
        rounds.hono.push(await measure(reference, bare));
      }
    } finally {
      await daemon.stop();
      await reference.stop();
    }
    report(rounds.gatepost, rounds.hono, answer.length, print);
  });
}

function report(ours: readonly Round[], bare: readonly Round[], bytes: number, print: (line: string) => void): void {
  const widths = [22, 12, 10, 16];
  print(`\nGetParkingPaymentInfo, ${VISITS} open visits, ${CONNECTIONS} connections, answers of ${bytes} bytes`);
  print(row(['', 'requests/s', 'p99 ms', 'CPU µs/request'], widths));
  for (const [name, rounds] of [
    ['gatepost', ours],
    ['bare Hono', bare],
  ] as const) {
    const cells = [
      middle(rounds, 'perSecond').toFixed(0),
      middle(rounds, 'p99').toFixed(1),
      middle(rounds, 'cpuMicros').toFixed(1),
    ];
    print(row([name, ...cells], widths));
  }
  const speed = middle(ours, 'perSecond') / middle(bare, 'perSecond');
  const cpu = middle(bare, 'cpuMicros') / middle(ours, 'cpuMicros');
  print(`ratio to bare Hono: ${speed.toFixed(2)} by requests/s, ${cpu.toFixed(2)} by CPU time (wanted: at least 0.80)`);
}
