/** What a fee costs: evaluations a second, time and memory per call, on the plainest and the richest sheet. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chinaCalendar } from '../../src/config/tariff/holidays.ts';
import { loadSheet } from '../../src/config/tariff/load.ts';
import { compileTariff } from '../../src/core/tariff/compile.ts';
import type { Tariff } from '../../src/core/tariff/tariff.ts';
import { after, DAY, HOUR, type Instant, instant, SECOND, zoneOf } from '../../src/core/time.ts';

const SHEETS = join(import.meta.dirname, '..', '..', 'docs', 'tariffs');
const LENGTHS: readonly (readonly [name: string, ms: number])[] = [
  ['2 hours', 2 * HOUR],
  ['1 day', DAY],
  ['3 days', 3 * DAY],
  ['90 days', 90 * DAY],
];
/** Entries are spread over a day and lengths over some minutes, so that no call is like the one before. */
const SPREAD = 1_000;
const MEASURED_MS = 400;

export interface FeeFigures {
  readonly sheet: string;
  readonly stay: string;
  readonly perSecond: number;
  readonly nanoseconds: number;
  /** Bytes of heap per call. */
  readonly bytes: number;
}

function tariffOf(file: string): Tariff {
  const zone = zoneOf('Asia/Shanghai');
  const { versions, problems } = loadSheet(file, readFileSync(join(SHEETS, file), 'utf8'), zone);
  if (problems.length > 0) throw new Error(`${file} has problems`);
  return compileTariff(versions, chinaCalendar(), zone);
}

/** Runs so many calls and returns their sum, so that none of them can be left out. */
function calls(tariff: Tariff, from: Instant, ms: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i += 1) {
    const spread = i % SPREAD;
    sum += tariff.fee(after(from, spread * 86 * SECOND), after(from, ms + spread * 87 * SECOND));
  }
  return sum;
}

/** CPU time of this process, in ms: other work on the machine does not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function measure(sheet: string, tariff: Tariff, stay: string, ms: number): FeeFigures {
  // The winter of 2026, with New Year and the Spring Festival in the longest stay.
  const from = instant(Date.parse('2025-12-20T10:03:07+08:00'));
  let sum = calls(tariff, from, ms, 20_000);
  let count = 0;
  const start = cpuMs();
  while (cpuMs() - start < MEASURED_MS) {
    sum += calls(tariff, from, ms, 10_000);
    count += 10_000;
  }
  const spent = cpuMs() - start;
  // The least of some short runs: a collection in between would show as less than nothing.
  const heaps = Array.from({ length: 9 }, () => {
    const before = process.memoryUsage().heapUsed;
    sum += calls(tariff, from, ms, 2_000);
    return (process.memoryUsage().heapUsed - before) / 2_000;
  }).filter((bytes) => bytes >= 0);
  if (!Number.isSafeInteger(sum)) throw new Error('a fee was no whole number');
  const nanoseconds = (spent / count) * 1e6;
  return { sheet, stay, perSecond: 1e9 / nanoseconds, nanoseconds, bytes: Math.min(...heaps, Number.MAX_SAFE_INTEGER) };
}

/** Measures, and prints the table. */
export function benchFee(print: (text: string) => void): readonly FeeFigures[] {
  const sheets = [
    ['plainest', 'plain.yaml'],
    ['richest', 'everything.yaml'],
  ] as const;
  const figures = sheets.flatMap(([name, file]) => {
    const tariff = tariffOf(file);
    return LENGTHS.map(([stay, ms]) => measure(`${name} (${file})`, tariff, stay, ms));
  });
  print('fee: CPU time of one core');
  print(
    `${'sheet'.padEnd(28)}${'stay'.padEnd(10)}${'fees/s'.padStart(14)}${'ns each'.padStart(10)}${'bytes each'.padStart(12)}`,
  );
  for (const { sheet, stay, perSecond, nanoseconds, bytes } of figures) {
    const rate = Math.round(perSecond).toLocaleString('en-US');
    print(
      `${sheet.padEnd(28)}${stay.padEnd(10)}${rate.padStart(14)}${nanoseconds.toFixed(0).padStart(10)}${bytes.toFixed(0).padStart(12)}`,
    );
  }
  return figures;
}

if (import.meta.main) benchFee(console.log);
