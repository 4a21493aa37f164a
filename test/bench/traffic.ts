/** What a question to a year of history costs: `GetTraffic` over a million passages, orders new and archived. */
import type { OrderNo } from '../../src/core/ids.ts';
import { lowerBound, traffic } from '../../src/core/park/queries.ts';
import { emptyPark } from '../../src/core/park/state.ts';
import { after, DAY, type Instant, instant, SECOND } from '../../src/core/time.ts';
import { type ArchiveStore, openArchive } from '../../src/store/archive/archive.ts';
import { realDisk } from '../../src/store/disk.ts';
import { batchOf, NEW_YEAR, orderOn, PARK, visitOn } from '../store/archive-tools.ts';
import { listen } from '../store/tools.ts';
import { median, row, withFolder } from './support.ts';

const DAYS = 400;
/** Each way: a million passages in all. */
const PASSAGES_A_DAY = 1_250;
/** Fewer than passages, so that the archive is made in seconds. */
const VISITS_A_DAY = 250;
/** Days that are still in the state. */
const LIVE_DAYS = 3;
const QUESTIONS = 20_000;
const ROUNDS = 40;
const CHECKED = 200;
const WIDTHS = [44, 12, 12];

/** Ascending moments of a day, and now and then one of a week before: a backlog that came late. */
function passagesOf(day: number, below: (limit: number) => number): Instant[] {
  const list = Array.from({ length: PASSAGES_A_DAY }, (_, index) =>
    instant(NEW_YEAR + (day - (index % 50 === 0 ? below(7) : 0)) * DAY + below(DAY)),
  );
  return list.sort((a, b) => a - b);
}

function chance(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

async function fill(archive: ArchiveStore, all: { readonly in: Instant[]; readonly out: Instant[] }): Promise<void> {
  const below = chance(1);
  const numbers = Array.from({ length: VISITS_A_DAY }, (_, index) => index);
  for (let day = 0; day < DAYS - LIVE_DAYS; day += 1) {
    const lists = { in: passagesOf(day, below), out: passagesOf(day, below) };
    const visits = numbers.map((number) => visitOn(day, number));
    await archive.put(
      PARK,
      batchOf(day + 1, { ...lists, visits, orders: numbers.map((number) => orderOn(day, number)) }),
    );
    all.in.push(...lists.in);
    all.out.push(...lists.out);
  }
}

/** CPU time of a call, in µs: the median and the worst of {@link ROUNDS} rounds. Other work on the machine does not count. */
function cpuOf(call: (index: number) => unknown): readonly string[] {
  const each = Math.floor(QUESTIONS / ROUNDS);
  const rounds = Array.from({ length: ROUNDS }, (_, round) => {
    const began = process.cpuUsage();
    for (let index = round * each; index < (round + 1) * each; index += 1) call(index);
    const { user, system } = process.cpuUsage(began);
    return (user + system) / each;
  });
  // The first is the compiler's.
  return [median(rounds).toFixed(1), Math.max(...rounds.slice(1)).toFixed(1)];
}

/** Time of a call that waits for the disk, in µs. */
async function timeOf(count: number, call: (index: number) => Promise<unknown>): Promise<readonly string[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const began = performance.now();
    await call(index);
    times.push((performance.now() - began) * 1_000);
  }
  return [median(times).toFixed(0), Math.max(...times).toFixed(0)];
}

export async function benchTraffic(print: (line: string) => void): Promise<void> {
  await withFolder(async (folder) => {
    const { faults } = listen();
    const parks = [{ id: PARK, archivedThrough: DAYS - LIVE_DAYS }];
    const all = { in: [] as Instant[], out: [] as Instant[] };
    await fill(await openArchive({ disk: realDisk, folder, faults, parks }), all);
    const began = performance.now();
    const archive = await openArchive({ disk: realDisk, folder, faults, parks });
    const opened = performance.now() - began;

    const below = chance(2);
    const state = emptyPark(PARK);
    for (let day = DAYS - LIVE_DAYS; day < DAYS; day += 1) {
      state.passages.in.push(...passagesOf(day, below));
      state.passages.out.push(...passagesOf(day, below));
    }
    for (const list of [state.passages.in, state.passages.out]) list.sort((a, b) => a - b);
    const flat = { in: [...all.in, ...state.passages.in], out: [...all.out, ...state.passages.out] };
    for (const list of [flat.in, flat.out]) list.sort((a, b) => a - b);

    const spans = Array.from({ length: QUESTIONS }, () => {
      const from = instant(NEW_YEAR + below((DAYS * DAY) / SECOND) * SECOND);
      return { from, to: after(from, below((DAYS * DAY) / SECOND) * SECOND) };
    });
    const ask = (index: number): number => {
      const { from, to } = spans[index] ?? { from: NEW_YEAR, to: NEW_YEAR };
      const here = traffic(state, from, to);
      const there = archive.traffic(PARK, from, to, DAYS);
      return here.inNum + there.inNum + here.outNum + there.outNum;
    };
    const askFlat = (index: number): number => {
      const { from, to } = spans[index] ?? { from: NEW_YEAR, to: NEW_YEAR };
      const count = (list: readonly Instant[]): number => lowerBound(list, to) - lowerBound(list, from);
      return count(flat.in) + count(flat.out);
    };
    for (let index = 0; index < CHECKED; index += 1) {
      const { from, to } = spans[index] ?? { from: NEW_YEAR, to: NEW_YEAR };
      const naive = [...flat.in, ...flat.out].reduce((sum, at) => sum + (at >= from && at < to ? 1 : 0), 0);
      if (ask(index) !== naive) throw new Error(`${ask(index)} passages were counted, and there are ${naive}`);
    }

    const { bytes, visits, orders } = archive.stats();
    const passages = flat.in.length + flat.out.length;
    print(
      `\narchive: ${DAYS} days, ${passages} passages, ${visits} visits, ${orders} orders, ${Math.round(bytes / 2 ** 20)} MiB`,
    );
    print(`opened in ${Math.round(opened)} ms; ${CHECKED} spans counted one by one gave the same`);
    print(row(['one question, µs', 'median', 'worst'], WIDTHS));
    print(row(['traffic of a random span, CPU (wanted: 50)', ...cpuOf(ask)], WIDTHS));
    print(row(['the same in one flat list in memory, CPU', ...cpuOf(askFlat)], WIDTHS));
    const fresh = (index: number): unknown => archive.order(PARK, `new-${index}` as OrderNo);
    print(row(['an order that is new (filters), CPU', ...cpuOf(fresh)], WIDTHS));
    const known = (index: number): Promise<unknown> =>
      archive.order(PARK, `O${index % (DAYS - LIVE_DAYS)}-${index % VISITS_A_DAY}` as OrderNo);
    print(row(['an archived order (index and line), time', ...(await timeOf(2_000, known))], WIDTHS));
  });
}
