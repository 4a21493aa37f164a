/**
 * The whole daemon started on a folder: with a million journalled events after the last snapshot, and with 100,000 open
 * visits in a snapshot; and the memory that it holds then, in a process of its own.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import autocannon from 'autocannon';
import { systemClock } from '../../src/clock.ts';
import { capture } from '../../src/core/park/snapshot.ts';
import { arrivals, fill, town, traffic } from './journals.ts';
import { type Child, median, plateOf, ROOT, residentMb, row, startChild, withFolder, writeSite } from './support.ts';

const EVENTS = 1_000_000;
const OPEN_VISITS = 100_000;
const ROUNDS = 3;
/** Without work for so long, it is at rest; in ms. */
const AT_REST_MS = 3_000;
/** As it ships (package.json, bin.mjs): V8's heaps for young objects stay at so many MB, and do not grow to 16. */
const SMALL_YOUNG_HEAP = '--max-semi-space-size=4';
const WIDTHS = [44, 10, 10, 14, 8] as const;

interface Start {
  readonly child: Child;
  /** What recovery took by the daemon's own log, and from the command to "is up", in ms. */
  readonly recoveryMs: number;
  readonly upMs: number;
}

/** With the compiled code at hand, as in a packaged build: stripping types costs a start 200 ms and 40 MB. */
async function start(site: string): Promise<Start> {
  const cache = `NODE_COMPILE_CACHE=${join(dirname(site), 'compiled')}`;
  const program = [cache, process.execPath, SMALL_YOUNG_HEAP, join(ROOT, 'src', 'bin.mjs')];
  if (!existsSync(join(dirname(site), 'compiled'))) {
    await (await startChild('env', [...program, '--version'], 'gatepost')).stop();
  }
  const began = performance.now();
  const child = await startChild('env', [...program, 'run', site], 'is up');
  const upMs = performance.now() - began;
  const recoveryMs = Number(/ recovered .* (\d+)\.\d ms/.exec(child.output)?.[1] ?? Number.NaN);
  return { child, recoveryMs, upMs };
}

/** Starts and kills, again and again, on the same folder: no snapshot of one run may shorten the next. */
async function starts(site: string, data: string, keepSnapshot: boolean): Promise<readonly [number, number]> {
  const recovery: number[] = [];
  const up: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { child, recoveryMs, upMs } = await start(site);
    await child.stop('SIGKILL');
    recovery.push(recoveryMs);
    up.push(upMs);
    if (keepSnapshot) continue;
    for (const name of await readdir(data)) if (name.startsWith('snapshot')) await rm(join(data, name));
  }
  return [median(recovery), median(up)];
}

/** The same bytes read and parsed line by line, with nothing checked and nothing kept. */
async function bareParse(folder: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    for (const name of await readdir(folder)) {
      const text = await readFile(join(folder, name), 'utf8');
      for (const line of text.split('\n')) if (line !== '') JSON.parse(line);
    }
    times.push(performance.now() - began);
  }
  return median(times);
}

const BROKER = '{ broker: embedded, listen: "127.0.0.1:0", anonymous: true }';

export async function benchStartup(print: (line: string) => void): Promise<void> {
  print('\na start of the daemon, in ms: its recovery by its own log, and all of it until it is up');
  print(row(['', 'recovery', 'all of it', 'reference', 'wanted'], WIDTHS));
  await withFolder(async (dir) => {
    const site = await writeSite(dir, { mallcoo: 0, local: 0 }, BROKER);
    const data = join(dir, 'data');
    const { records, events } = await fill(data, traffic(town(), EVENTS, systemClock.now()));
    const [recovery, up] = await starts(site, data, false);
    const bare = await bareParse(join(data, 'journal'));
    const name = `${events} events (${records} records), no snapshot`;
    print(row([name, recovery.toFixed(0), up.toFixed(0), `parse ${bare.toFixed(0)}`, '< 3000'], WIDTHS));
  });
  await withFolder(async (dir) => {
    const site = await writeSite(dir, { mallcoo: 0, local: 0 }, BROKER);
    const data = join(dir, 'data');
    const empty = await start(site);
    const bareMb = residentMb(empty.child.pid);
    await empty.child.stop('SIGKILL');
    await rm(data, { recursive: true });
    const cars = town();
    await fill(data, arrivals(cars, OPEN_VISITS, systemClock.now()), () => capture(cars.state));
    const [recovery, up] = await starts(site, data, true);
    const name = `a snapshot of ${OPEN_VISITS} open visits`;
    print(row([name, recovery.toFixed(0), up.toFixed(0), `empty ${empty.upMs.toFixed(0)}`, '< 1000'], WIDTHS));
    print('\nmemory of the daemon (VmRSS), in MB');
    print(row(['', 'at rest', 'after queries', 'reference', 'wanted'], WIDTHS));
    const { child } = await start(site);
    const { atRest, afterQueries } = await memoryOf(child);
    await child.stop('SIGKILL');
    const figures = [atRest, afterQueries].map((mb) => mb.toFixed(0));
    print(row([`${OPEN_VISITS} open visits`, ...figures, `empty ${bareMb.toFixed(0)}`, '< 200'], WIDTHS));
  });
}

interface Memory {
  readonly atRest: number;
  readonly afterQueries: number;
}

async function memoryOf(child: Child): Promise<Memory> {
  const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, AT_REST_MS));
  await rest();
  const atRest = residentMb(child.pid);
  const port = / mallcoo=(\d+)/.exec(child.output)?.[1] ?? '';
  await autocannon({
    url: `http://127.0.0.1:${port}/GetParkingPaymentInfo`,
    connections: 16,
    duration: 5,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    requests: [{ body: JSON.stringify({ parkId: 'P001', plateNo: plateOf(97), freeMinutes: 60 }) }],
  });
  await rest();
  return { atRest, afterQueries: residentMb(child.pid) };
}
