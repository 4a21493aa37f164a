/**
 * Events committed per second through the gateway (decide, journal, flush, fold, reply) at 1, 8 and 64 writers, each of
 * which waits for its reply before it goes on. Beside it, with the same bytes and a preallocated file: bare writers that
 * append and `fdatasync` for themselves; and, as the disk's ceiling, one loop that writes and flushes as many records at
 * once as there are writers, with nothing to decide, encode or answer.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.ts';
import type { LaneId, ParkId, VisitId } from '../../src/core/ids.ts';
import type { Command } from '../../src/core/park/commands.ts';
import { evolve } from '../../src/core/park/evolve.ts';
import { startGateway } from '../../src/gateway/gateway.ts';
import { openStore } from '../../src/store/store.ts';
import { park } from '../core/park/scene.ts';
import { median, readingOf, row, withFolder } from './support.ts';

const WRITERS = [1, 8, 64] as const;
const ROUND_MS = 1_500;
const ROUNDS = 5;
const SEGMENT = 64 * 1024 * 1024;
const QUIET = { raise: () => undefined, clear: () => undefined, notice: () => undefined, info: () => undefined };

function reading(number: number, lane: 'in-1' | 'out-1'): Command {
  return {
    type: 'reading',
    park: 'P001' as ParkId,
    lane: lane as LaneId,
    reading: readingOf(number),
    history: null,
    freshVisit: `V${String(number).padStart(15, '0')}` as VisitId,
  };
}

interface Bench {
  /** Records per second. */
  round(writers: number): Promise<number>;
  /** Bytes of a record on the disk. */
  bytes(): number;
  close(): Promise<void>;
}

async function gatepost(dir: string): Promise<Bench> {
  const store = await openStore({ dir, fold: evolve, faults: QUIET, log: QUIET, segmentBytes: SEGMENT });
  // No arms: an order's outcome would be a second record that no writer waits for.
  const lanes = new Map([...park().lanes].map(([id, lane]) => [id, { ...lane, barrier: false }]));
  const thePark = park({ lanes });
  let written = 0;
  let records = 0;
  const gateway = startGateway({
    world: { parks: new Map([[thePark.id, thePark]]) },
    working: store.working,
    committed: store.committed,
    journal: store.journal,
    clock: systemClock,
    faults: QUIET,
    inboxLimit: 10_000,
    batchLimit: 512,
    onCommit({ record }) {
      records += 1;
      if (records <= 100) written += JSON.stringify({ v: 1, ...record, crc: '01234567' }).length + 1;
    },
    onEffect: () => undefined,
    onFatal: (error) => {
      throw error;
    },
  });
  let number = 0;
  return {
    async round(writers) {
      const before = records;
      const began = performance.now();
      // A car comes in and leaves again, so that the park does not fill with more cars than a park has.
      const writer = async (): Promise<void> => {
        while (performance.now() - began < ROUND_MS) {
          number += 1;
          const car = number;
          await gateway.submit(reading(car, 'in-1'));
          await gateway.submit(reading(car, 'out-1'));
        }
      };
      await Promise.all(Array.from({ length: writers }, writer));
      return ((records - before) * 1_000) / (performance.now() - began);
    },
    bytes: () => Math.round(written / Math.min(100, records)),
    async close() {
      await gateway.stop();
      await store.close();
    },
  };
}

/** Flushes per second of so many loops, each of which appends `bytes` bytes and syncs them. */
export async function bare(file: string, bytes: number, loops: number): Promise<number> {
  const handle = await open(file, 'r+');
  const chunk = Buffer.alloc(bytes, 'x');
  let tail = 0;
  let flushes = 0;
  const began = performance.now();
  const loop = async (): Promise<void> => {
    while (performance.now() - began < ROUND_MS) {
      const at = tail + bytes > SEGMENT ? 0 : tail;
      tail = at + bytes;
      await handle.write(chunk, 0, bytes, at);
      await handle.datasync();
      flushes += 1;
    }
  };
  await Promise.all(Array.from({ length: loops }, loop));
  const seconds = (performance.now() - began) / 1_000;
  await handle.close();
  return flushes / seconds;
}

export async function preallocate(file: string): Promise<void> {
  const handle = await open(file, 'wx');
  const filler = Buffer.alloc(1024 * 1024, '\n');
  for (let at = 0; at < SEGMENT; at += filler.length) await handle.write(filler, 0, filler.length, at);
  await handle.sync();
  await handle.close();
}

export function benchCommit(print: (line: string) => void): Promise<void> {
  return withFolder(async (dir) => {
    const file = join(dir, 'bare');
    await preallocate(file);
    const ours = await gatepost(join(dir, 'data'));
    await ours.round(8);
    print(`\nevents committed per second, records of ${ours.bytes()} bytes`);
    const widths = [8, 10, 26, 6, 28, 6];
    print(
      row(['writers', 'gatepost', 'bare, each its own flush', 'ratio', 'bare, one flush for all', 'ratio'], widths),
    );
    for (const writers of WRITERS) {
      const rates = { ours: [] as number[], each: [] as number[], all: [] as number[] };
      for (let i = 0; i < ROUNDS; i += 1) {
        rates.ours.push(await ours.round(writers));
        rates.each.push(await bare(file, ours.bytes(), writers));
        rates.all.push(writers * (await bare(file, ours.bytes() * writers, 1)));
      }
      const [mine, each, all] = [median(rates.ours), median(rates.each), median(rates.all)];
      const cells = [
        writers,
        mine.toFixed(0),
        each.toFixed(0),
        (mine / each).toFixed(2),
        all.toFixed(0),
        (mine / all).toFixed(2),
      ];
      print(row(cells, widths));
    }
    print('wanted: at least 0.80 of bare writers with a flush each');
    await ours.close();
  });
}
