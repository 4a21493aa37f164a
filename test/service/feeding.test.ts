/** When the watchdog is fed, to the millisecond, and what becomes of a systemd that cannot be told. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createNotifier } from '../../src/ops/service/notify.ts';
import { NO_SUPERVISOR, supervisorOf } from '../../src/ops/service/supervisor.ts';
import { startWatchdog } from '../../src/ops/service/watchdog.ts';
import { folder, until } from '../daemon/support.ts';
import { service } from './systemd.ts';

/** A loop whose turns the test lets come round, and time in its hand. */
function rig() {
  const turns: (() => void)[] = [];
  const fed: number[] = [];
  const late: number[] = [];
  let timers: { readonly at: number; readonly call: () => void }[] = [];
  const self = {
    now: 0,
    fed,
    late,
    turns,
    /** Time goes on, timer by timer; a loop that stands still has them all at its end. */
    async pass(ms: number, standing = false) {
      const end = self.now + ms;
      if (standing) self.now = end;
      for (;;) {
        const due = timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
        if (!due) break;
        timers = timers.filter((timer) => timer !== due);
        self.now = Math.max(self.now, due.at);
        due.call();
        await Promise.resolve();
      }
      self.now = end;
    },
    async comeRound() {
      turns.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  const stop = startWatchdog({
    limitMs: 40_000,
    pulse: () => new Promise((resolve) => turns.push(resolve)),
    feed: () => fed.push(self.now),
    onLate: (ms) => late.push(ms),
    timers: {
      now: () => self.now,
      after(ms, call) {
        const timer = { at: self.now + ms, call };
        timers.push(timer);
        return () => {
          timers = timers.filter((other) => other !== timer);
        };
      },
    },
  });
  return Object.assign(self, { stop });
}

test('each turn that comes round feeds, at half the limit', async () => {
  const r = rig();
  await r.comeRound();
  await r.pass(20_000);
  await r.pass(3_000);
  await r.comeRound();
  await r.pass(20_000);
  await r.comeRound();
  assert.deepEqual([r.fed, r.late], [[0, 23_000, 43_000], []]);
});

test('a turn that does not come round feeds nothing, for ever, and is told once', async () => {
  const r = rig();
  await r.comeRound();
  await r.pass(500_000);
  assert.deepEqual([r.fed, r.late, r.turns.length], [[0], [10_000], 1]);
});

test('a late turn is no feed, and the next is asked for at once', async () => {
  const r = rig();
  await r.comeRound();
  await r.pass(20_000);
  await r.pass(10_001);
  await r.comeRound();
  assert.deepEqual(r.fed, [0]);
  await r.comeRound();
  assert.deepEqual(r.fed, [0, 30_001]);
});

test('an event loop that stood still is late, although its turn is quick once it goes on', async () => {
  const r = rig();
  await r.comeRound();
  await r.pass(20_000 + 10_001, true);
  await r.comeRound();
  assert.equal(r.fed.length, 1);
});

test('once stopped nothing is fed', async () => {
  const r = rig();
  await r.comeRound();
  await r.pass(20_000);
  r.stop();
  await r.comeRound();
  await r.pass(100_000);
  assert.deepEqual(r.fed, [0]);
});

test('without systemd-notify the gate works, and says once that nobody can be told', async (t) => {
  const gate = await (await service(t, { watchdog: 600, path: folder(t) })).start();
  await gate.printed('systemd cannot be told anything: systemd-notify is missing');
  assert.equal(await gate.end('SIGTERM'), 0);
  assert.equal(gate.output().split('systemd-notify is missing').length, 2);
});

test('a systemd-notify that hangs holds nothing up, and what waits behind it is one message, the newest', async (t) => {
  const dir = folder(t);
  const script =
    '#!/bin/sh\necho "$@" >> "$NOTIFY_SOCKET/told"\nuntil test -e "$NOTIFY_SOCKET/go"; do sleep 0.02; done\n';
  writeFileSync(join(dir, 'systemd-notify'), script, { mode: 0o755 });
  const told = (): string => (existsSync(join(dir, 'told')) ? readFileSync(join(dir, 'told'), 'utf8') : '');
  const failures: string[] = [];
  const notifier = createNotifier({
    socket: dir,
    path: `${dir}:${process.env['PATH']}`,
    onFailure: (reason) => failures.push(reason),
  });
  notifier.send({ READY: '1', STATUS: 'two words; $(and) *' });
  await until('the first message', () => told() !== '');
  notifier.send({ RELOADING: '1' });
  for (let number = 1; number <= 10_000; number += 1) notifier.send({ WATCHDOG: '1', STATUS: `turn ${number}` });
  notifier.send({ READY: '1' });
  writeFileSync(join(dir, 'go'), '');
  await until('the second message', () => told().includes('turn'));
  notifier.send({ STOPPING: '1' });
  notifier.close();
  await until('the last message', () => told().includes('STOPPING'));
  assert.deepEqual(told().split('\n'), [
    'READY=1 STATUS=two words; $(and) *',
    'WATCHDOG=1 READY=1 STATUS=turn 10000',
    'STOPPING=1',
    '',
  ]);
  assert.deepEqual(failures, []);
});

/** A systemd-notify that writes down what it is told. */
function scribe(dir: string): { readonly env: Readonly<Record<string, string>>; told(): readonly string[] } {
  writeFileSync(join(dir, 'systemd-notify'), '#!/bin/sh\necho "$@" >> "$NOTIFY_SOCKET/told"\n', { mode: 0o755 });
  const file = join(dir, 'told');
  return {
    env: { NOTIFY_SOCKET: dir, PATH: `${dir}:${process.env['PATH']}` },
    told: () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []),
  };
}

const unexpected = (reason: string): never => assert.fail(reason);

test('a recovery that goes on asks for more time, and one that stands still does not', async (t) => {
  const { env, told } = scribe(folder(t));
  let now = 0;
  const timers = { now: () => now, after: () => () => undefined };
  const supervisor = supervisorOf({ env, pids: [7], timers, onFailure: unexpected });
  for (now = 0; now < 15_000; now += 100) supervisor.progress();
  await until('the first', () => told().length === 1);
  for (; now < 25_000; now += 100) supervisor.progress();
  await until('the second', () => told().length === 2);
  now += 1_000_000;
  supervisor.stopping();
  await until('the end', () => told().some((line) => line.includes('STOPPING')));
  assert.deepEqual(told(), ['EXTEND_TIMEOUT_USEC=60000000', 'EXTEND_TIMEOUT_USEC=60000000', 'STOPPING=1']);
});

for (const [pid, fed] of [
  ['7', true],
  ['8', false],
] as const) {
  test(`a watchdog for process ${pid} is ${fed ? 'fed' : 'not fed'} by process 7; the status is told all the same`, async (t) => {
    const { env, told } = scribe(folder(t));
    const watched = { ...env, WATCHDOG_USEC: '60000000', WATCHDOG_PID: pid };
    const supervisor = supervisorOf({ env: watched, pids: [7], onFailure: unexpected });
    const log = { notice: () => undefined, info: () => undefined };
    supervisor.up({ pulse: () => Promise.resolve(), status: () => 'well', log });
    await until('both', () => told().length >= 2);
    supervisor.stopping();
    assert.deepEqual(told().slice(0, 2), ['READY=1 STATUS=well', fed ? 'WATCHDOG=1 STATUS=well' : 'STATUS=well']);
  });
}

test('where nobody supervises nothing is done', () => {
  assert.equal(supervisorOf({ env: { WATCHDOG_USEC: '1000' }, pids: [7], onFailure: unexpected }), NO_SUPERVISOR);
});
