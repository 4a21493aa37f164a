/**
 * Events committed per second through the gateway (decide, journal, flush, fold, reply) at 1, 8 and 64 writers, beside
 * bare appends of the same bytes to a preallocated file with one `fdatasync` for as many records as there are writers.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.ts';
import type { DeviceId, LaneId, ParkId, VisitId } from '../../src/core/ids.ts';
import type { Command } from '../../src/core/park/commands.ts';
import { evolve } from '../../src/core/park/evolve.ts';
import { normalisePlate } from '../../src/core/plate.ts';
import { startGateway } from '../../src/gateway/gateway.ts';
import { openStore } from '../../src/store/store.ts';
import { park } from '../core/park/scene.ts';
import { median, plateOf, row, withFolder } from './support.ts';

const WRITERS = [1, 8, 64] as const;
const ROUND_MS = 1_500;
const ROUNDS = 5;
const SEGMENT = 64 * 1024 * 1024;
const QUIET = { raise: () => undefined, clear: () => undefined, notice: () => undefined, info: () => undefined };

function reading(number: number): Command {
  const plate = normalisePlate(plateOf(number));
  if (plate === undefined) throw new Error(`no plate: ${plateOf(number)}`);
  return {
    type: 'reading',
    park: 'P001' as ParkId,
    lane: 'in-1' as LaneId,
    reading: {
      device: 'cam-in' as DeviceId,
      credential: { kind: 'plate', plate },
      colour: 'blue',
      confidence: 0.98,
      identity: `id:${number}`,
    },
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
  const thePark = park();
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
      const writer = async (): Promise<void> => {
        while (performance.now() - began < ROUND_MS) {
          number += 1;
          await gateway.submit(reading(number));
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

/** The floor: what the disk takes when nothing but the bytes is written. */
async function bare(file: string, bytes: number, writers: number): Promise<number> {
  const handle = await open(file, 'r+');
  const chunk = Buffer.alloc(bytes * writers, 'x');
  let at = 0;
  let flushes = 0;
  const began = performance.now();
  while (performance.now() - began < ROUND_MS) {
    if (at + chunk.length > SEGMENT) at = 0;
    await handle.write(chunk, 0, chunk.length, at);
    await handle.datasync();
    at += chunk.length;
    flushes += 1;
  }
  const seconds = (performance.now() - began) / 1_000;
  await handle.close();
  return (flushes * writers) / seconds;
}

async function preallocate(file: string): Promise<void> {
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
    const widths = [10, 12, 16, 8];
    print(row(['writers', 'gatepost', 'bare fdatasync', 'ratio'], widths));
    for (const writers of WRITERS) {
      const rates: { ours: number[]; bare: number[] } = { ours: [], bare: [] };
      for (let i = 0; i < ROUNDS; i += 1) {
        rates.ours.push(await ours.round(writers));
        rates.bare.push(await bare(file, ours.bytes(), writers));
      }
      const [mine, floor] = [median(rates.ours), median(rates.bare)];
      print(row([writers, mine.toFixed(0), floor.toFixed(0), (mine / floor).toFixed(2)], widths));
    }
    print('wanted: at least 0.80');
    await ours.close();
  });
}
