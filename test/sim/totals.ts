/** What was run, so that a person believes it. */
import { nothingYet } from './site.ts';
import type { Outcome } from './world.ts';

export interface Totals {
  readonly began: number;
  runs: number;
  days: number;
  readonly sums: Record<keyof Outcome['stats'], number>;
}

export function emptyTotals(): Totals {
  return { began: performance.now(), runs: 0, days: 0, sums: nothingYet() };
}

export function addStats(totals: Totals, { stats }: Outcome, days: number): void {
  totals.runs += 1;
  totals.days += days;
  const { sums } = totals;
  sums.commands += stats.commands;
  sums.records += stats.records;
  sums.calls += stats.calls;
  sums.payments += stats.payments;
  sums.retries += stats.retries;
  sums.passages += stats.passages;
  sums.crashes += stats.crashes;
  sums.starts += stats.starts;
  sums.told += stats.told;
  sums.letOut += stats.letOut;
}

export function report({ began, runs, days, sums }: Totals): string {
  const seconds = (performance.now() - began) / 1000;
  const rate = Math.round((days / seconds) * 60);
  return [
    `${runs} seeds, ${days} park-days in ${seconds.toFixed(1)} s (${rate} park-days per minute):`,
    `${sums.commands} commands, ${sums.records} records, ${sums.passages} passages, ${sums.calls} calls,`,
    `${sums.payments} payments booked, ${sums.retries} notices sent again, ${sums.crashes} crashes in ${sums.starts} runs,`,
    `${sums.told} notices sent to Mallcoo, ${sums.letOut} cars let out while the line was down`,
  ].join('\n');
}
