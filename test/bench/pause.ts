/**
 * The longest time for which the loop does nothing else while a snapshot of 100,000 open visits is captured and written
 * under load, beside the same load without a snapshot. A chain of `setImmediate` times its own links.
 */
import { join } from 'node:path';
import { systemClock } from '../../src/clock.ts';
import { capture } from '../../src/core/park/snapshot.ts';
import { arrivals, fill, town } from './journals.ts';
import { type Loop, openLoop } from './loop.ts';
import { median, percentile, row, withFolder } from './support.ts';

const OPEN_VISITS = 100_000;
const WRITERS = 8;
const ROUNDS = 7;
const ROUND_MS = 1_500;
const SEGMENT = 64 * 1024 * 1024;
const WIDTHS = [28, 14, 14, 8] as const;

/** The longest link of the chain while the work lasts, in ms. */
async function longestPause(work: () => Promise<void>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  let done = false;
  const link = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!done) setImmediate(link);
  };
  setImmediate(link);
  await work();
  done = true;
  return longest;
}

async function withSnapshot({ store, gateway, drive }: Loop, times: Times): Promise<void> {
  const driven = drive(WRITERS, ROUND_MS);
  // In the middle of the load, as in a day.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const began = performance.now();
  const snapshot = capture(gateway.state());
  times.capture.push(performance.now() - began);
  await store.writeSnapshot(snapshot);
  times.write.push(performance.now() - began);
  await driven;
}

interface Times {
  readonly capture: number[];
  readonly write: number[];
}

export function benchPause(print: (line: string) => void): Promise<void> {
  return withFolder(async (dir) => {
    const data = join(dir, 'data');
    await fill(data, arrivals(town(), OPEN_VISITS, systemClock.now()));
    const loop = await openLoop(data, SEGMENT);
    await loop.drive(WRITERS, ROUND_MS);
    const without: number[] = [];
    const beside: number[] = [];
    const times: Times = { capture: [], write: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      without.push(await longestPause(() => loop.drive(WRITERS, ROUND_MS)));
      beside.push(await longestPause(() => withSnapshot(loop, times)));
    }
    await loop.close();
    print(`\nlongest pause of the loop in ${ROUND_MS} ms of load, ${OPEN_VISITS} open visits, in ms`);
    print(row(['', 'median', `worst of ${ROUNDS}`, 'wanted'], WIDTHS));
    const line = (name: string, values: readonly number[], wanted: string): void =>
      print(row([name, median(values).toFixed(1), percentile(values, 1).toFixed(1), wanted], WIDTHS));
    line('no snapshot', without, '');
    line('a snapshot is written', beside, '< 20');
    line('of that, the capture', times.capture, '');
    print(`a snapshot took ${median(times.write).toFixed(0)} ms to be written under that load`);
  });
}
