/**
 * Events committed per second through the gateway (decide, journal, flush, fold, reply) at 1, 8 and 64 writers, each of
 * which waits for its reply before it goes on, with 5,000 open visits. Beside it, with the same bytes on the same disk in
 * the same run: bare writes and flushes (the floor and, one flush for all, the ceiling), plain lowdb, and SQLite.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.ts';
import { bare, type Contender, lowdb, sqlite } from './contenders.ts';
import { arrivals, fill, town } from './journals.ts';
import { openLoop } from './loop.ts';
import { median, row, withFolder } from './support.ts';

const WRITERS = [1, 8, 64] as const;
const OPEN_VISITS = 5_000;
const ROUND_MS = 600;
const ROUNDS = 3;
const SEGMENT = 64 * 1024 * 1024;
const WIDTHS = [40, 9, 9, 9, 16, 16] as const;

async function gatepost(dir: string): Promise<Contender & { readonly recordBytes: number }> {
  const data = join(dir, 'data');
  await fill(data, arrivals(town(), OPEN_VISITS, systemClock.now()));
  let bytes = 0;
  let counted = 0;
  const loop = await openLoop(data, SEGMENT, (record) => {
    if (counted >= 100) return;
    counted += 1;
    bytes += Buffer.byteLength(JSON.stringify({ v: 1, ...record, crc: '01234567' })) + 1;
  });
  await loop.drive(8, ROUND_MS);
  return {
    name: 'gatepost: decide, journal, flush, fold',
    recordBytes: Math.round(bytes / counted),
    async run(writers, ms) {
      const before = loop.committed();
      await loop.drive(writers, ms);
      return loop.committed() - before;
    },
    close: loop.close,
  };
}

/**
 * Bytes that the disk under a folder has been given so far, by its own count: that of other programs is in it. What Linux
 * counts for a process (`/proc/self/io`) is whole folios of the page cache, 256 KiB for a record of 324 bytes.
 * NaN where the folder's disk cannot be asked.
 */
function bytesWritten(folder: string): number {
  const { dev } = statSync(folder);
  const major = (dev >> 8) & 0xfff;
  const minor = (dev & 0xff) | ((dev >> 12) & 0xfff00);
  const stat = `/sys/dev/block/${major}:${minor}/stat`;
  if (!existsSync(stat)) return Number.NaN;
  const sectors = readFileSync(stat, 'utf8').trim().split(/\s+/)[6];
  return Number(sectors) * 512;
}

interface Figures {
  /** Per second. */
  readonly rates: number[];
  /** Bytes written per event. */
  readonly bytes: number[];
}

async function measure(dir: string, contender: Contender, writers: number, into: Figures): Promise<void> {
  const before = bytesWritten(dir);
  const began = performance.now();
  const events = await contender.run(writers, ROUND_MS);
  into.rates.push((events * 1_000) / (performance.now() - began));
  into.bytes.push((bytesWritten(dir) - before) / events);
}

export function benchCommit(print: (line: string) => void): Promise<void> {
  return withFolder(async (dir) => {
    const ours = await gatepost(dir);
    const { recordBytes } = ours;
    const each = await bare(dir, recordBytes, SEGMENT, false);
    const contenders: readonly Contender[] = [
      ours,
      each,
      await bare(dir, recordBytes, SEGMENT, true),
      await lowdb(dir, recordBytes, OPEN_VISITS),
      sqlite(dir, recordBytes, OPEN_VISITS, false),
      sqlite(dir, recordBytes, OPEN_VISITS, true),
    ];
    const figures = contenders.map(() => WRITERS.map((): Figures => ({ rates: [], bytes: [] })));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [column, writers] of WRITERS.entries()) {
        for (const [index, contender] of contenders.entries()) {
          const into = figures[index]?.[column];
          if (into) await measure(dir, contender, writers, into);
        }
      }
    }
    for (const contender of contenders) await contender.close();
    report(contenders, figures, recordBytes, print);
  });
}

function report(
  contenders: readonly Contender[],
  figures: readonly (readonly Figures[])[],
  recordBytes: number,
  print: (line: string) => void,
): void {
  const last = WRITERS.length - 1;
  const rate = (index: number, column: number): number => median(figures[index]?.[column]?.rates ?? []);
  const bytes = (index: number, column: number): string => median(figures[index]?.[column]?.bytes ?? []).toFixed(0);
  print(`\nevents committed per second, records of ${recordBytes} bytes, ${OPEN_VISITS} open visits`);
  const heads = WRITERS.map((writers) => `${writers} at once`);
  print(row(['', ...heads, 'disk B/event, 1', `disk B/event, ${WRITERS[last]}`], WIDTHS));
  for (const [index, { name }] of contenders.entries()) {
    const rates = WRITERS.map((_, column) => rate(index, column).toFixed(0));
    print(row([name, ...rates, bytes(index, 0), bytes(index, last)], WIDTHS));
  }
  const ratios = WRITERS.map((_, column) => (rate(0, column) / rate(1, column)).toFixed(2));
  print(row(['gatepost to bare, each its own flush', ...ratios, 'wanted 0.80', ''], WIDTHS));
}
