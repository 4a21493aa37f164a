/** The whole program tells a receiver over HTTP of its entries, and is killed at it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { type JournalRecord, placeOf } from '../../src/core/park/events.ts';
import { DEMO_KEYS, DEMO_SHEET, demoConfig } from '../../src/demo/config.ts';
import { createReceiver, type Receiver } from '../../src/mallcoo-client/receiver.ts';
import { type Behaviour, serveReceiver } from '../../src/mallcoo-client/receiver-http.ts';
import { folder, gatepost, outside, type Running, running, until } from './support.ts';

const CARS = 10;

interface Site {
  readonly data: string;
  readonly receiver: Receiver;
  /** What the receiver does with a call. */
  behave: () => Behaviour;
  start(): Promise<Running>;
}

async function site(t: TestContext): Promise<Site> {
  const data = folder(t);
  const dir = folder(t);
  const known = { parkCodes: ['P001'], maxSkewMs: 60_000, plateEncoding: 'raw', remember: 1_000 } as const;
  const receiver = createReceiver({ ...DEMO_KEYS, ...known });
  const self: Site = { data, receiver, behave: () => 'ok', start: () => running(gatepost(t, ['run', file])) };
  const server = await serveReceiver({ receiver, clock: systemClock, port: 0, behave: () => self.behave() });
  t.after(() => server.close());
  const file = join(dir, 'site.yaml');
  const config = demoConfig({ portBase: 0, data, notices: server.url }).replace('notices: {', '$&"perSecond":100,');
  writeFileSync(file, `${config}store: { segmentMiB: 1 }\n`);
  writeFileSync(join(dir, 'demo-sheet.yaml'), DEMO_SHEET);
  return self;
}

/** Cars come, so many; each is on the disk when it is acknowledged. */
async function cars(t: TestContext, gate: Running, from: number, count = CARS): Promise<void> {
  const { see, client } = await outside(t, gate.mqtt);
  for (let car = from; car < from + count; car += 1) await see('demo-in-1', `粤A${10_000 + car}`);
  await client.endAsync(true);
}

interface NoticeCounts {
  readonly waiting: number;
  readonly dead: number;
}

/** What the health page says of the park's outbox. */
async function outbox(gate: Running): Promise<NoticeCounts> {
  const response = await fetch(`${gate.local}/healthz`);
  const { outbox: kept, notices } = (await response.json()) as Readonly<Record<string, Record<string, NoticeCounts>>>;
  const counts = (kept ?? notices)?.['P001'];
  assert.ok(counts, 'the health tells of the outbox');
  return counts;
}

const nothingWaits = (gate: Running): Promise<boolean> =>
  until('nothing waits', async () => (await outbox(gate)).waiting === 0);

function journal(data: string): readonly JournalRecord[] {
  const bin = join(import.meta.dirname, '..', '..', 'src', 'bin.mjs');
  const listing = spawnSync(process.execPath, [bin, 'journal', data, '--json'], { encoding: 'utf8' });
  assert.equal(listing.status, 0, listing.stderr);
  return listing.stdout
    .trim()
    .split('\n')
    .map((line): JournalRecord => JSON.parse(line));
}

/** The visits whose entry Mallcoo has confirmed, as the journal has it: once for each time. */
function confirmed(data: string): readonly string[] {
  const visits = new Map<string, string>();
  const found: string[] = [];
  for (const { seq, events } of journal(data)) {
    for (const [index, event] of events.entries()) {
      if (event.type === 'noticeQueued') visits.set(placeOf(seq, index), event.visit);
      if (event.type === 'noticeDone' && event.outcome === 'confirmed') found.push(visits.get(event.noticeId) ?? '?');
    }
  }
  return found;
}

test('killed as Mallcoo answers, and before: every car is told in order, and what was recorded is never told again', async (t) => {
  const s = await site(t);
  const { receiver, data } = s;
  const recorded = new Map<string, number>();
  for (const [life, last] of (['lost', 'cut'] as const).entries()) {
    s.behave = () => 'error500';
    const gate = await s.start();
    await cars(t, gate, life * CARS);
    let calls = 0;
    s.behave = () => {
      calls += 1;
      if (calls < 6) return 'ok';
      if (calls === 6) gate.signal('SIGKILL');
      return last;
    };
    assert.equal(await gate.exited(), 'SIGKILL');
    for (const visit of confirmed(data)) recorded.set(visit, receiver.entries().get(visit)?.times ?? 0);
  }
  s.behave = () => 'ok';
  const gate = await s.start();
  await cars(t, gate, 2 * CARS);
  await nothingWaits(gate);
  assert.equal(await gate.end('SIGTERM'), 0);

  const plates = [...receiver.entries().values()].map(({ plate }) => plate);
  assert.deepEqual(
    plates,
    Array.from({ length: 3 * CARS }, (_, car) => `粤A${10_000 + car}`),
  );
  assert.deepEqual([receiver.problems(), receiver.counts().outOfOrder], [[], 0]);
  const all = confirmed(data);
  assert.deepEqual([all.length, new Set(all).size], [3 * CARS, 3 * CARS]);
  assert.ok(
    recorded.size > 0 && receiver.counts().repeated > 0,
    'there was something to tell again, and something not',
  );
  for (const [visit, times] of recorded) assert.equal(receiver.entries().get(visit)?.times, times, visit);
  t.diagnostic(
    `2 kills in the middle of an answer: ${plates.length} entries told in order, each confirmed once; ` +
      `${receiver.counts().repeated} told again, none of the ${recorded.size} that were recorded`,
  );
});

test('what Mallcoo will never take is a fault on the health page, over a restart too; the gate and the rest go on', async (t) => {
  const s = await site(t);
  let calls = 0;
  s.behave = () => {
    calls += 1;
    return calls === 2 ? 1101 : 'ok';
  };
  const gate = await s.start();
  await cars(t, gate, 0, 3);
  await nothingWaits(gate);
  assert.deepEqual([s.receiver.entries().size, (await outbox(gate)).dead], [2, 1]);
  await gate.printed('NOTICE_DEAD');
  assert.match(gate.output(), /粤A10000 +Mallcoo knows of the entry/);
  assert.match(gate.output(), /a notice will not be sent again notice=\S+ code=1101 message=scripted/);
  assert.equal(await gate.end('SIGTERM'), 0);
  const again = await s.start();
  await again.printed('FAULT P001: notices to Mallcoo that will not be sent again: 1; gatepost outbox');
  assert.equal(await again.end('SIGTERM'), 0);
});

test('a receiver that hangs does not keep the daemon from stopping, nor a car from entering', async (t) => {
  const s = await site(t);
  s.behave = () => 'hang';
  const gate = await s.start();
  await cars(t, gate, 0, 2);
  assert.equal((await outbox(gate)).waiting, 2);
  assert.equal(await gate.end('SIGTERM'), 0);
  s.behave = () => 'ok';
  const again = await s.start();
  await nothingWaits(again);
  assert.deepEqual(s.receiver.counts().taken, 2);
  assert.equal(await again.end('SIGTERM'), 0);
});
