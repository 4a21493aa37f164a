/** The whole watcher in real time: what it raises, what it says waits, what it asks for. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ParkId } from '../../../src/core/ids.ts';
import { instant, zoneOf } from '../../../src/core/time.ts';
import type { ProbeTarget } from '../../../src/mallcoo/reach/call.ts';
import { folder, until } from '../../daemon/support.ts';
import { NONE, site } from '../site.ts';
import { book, reachOf } from './rig.ts';

const ZONE = zoneOf('Asia/Shanghai');

interface Switch {
  readonly port: number;
  /** Connections that were taken so far. */
  taken(): number;
  /** Takes connections again, or no more; those that are open are cut. */
  on(): Promise<void>;
  off(): Promise<void>;
}

/** A port that can be switched: in front of `to`, or of nobody. */
async function switchable(t: TestContext, to?: number): Promise<Switch> {
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  let port = 0;
  let taken = 0;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  async function on(): Promise<void> {
    const fresh = createServer((socket) => {
      taken += 1;
      keep(socket);
      if (to !== undefined) socket.pipe(keep(connect(to, '127.0.0.1'))).pipe(socket);
    });
    await new Promise<void>((resolve) => fresh.listen(port, '127.0.0.1', resolve));
    port = (fresh.address() as AddressInfo).port;
    server = fresh;
  }
  async function off(): Promise<void> {
    const closing = server;
    server = null;
    for (const socket of sockets) socket.destroy();
    if (closing) await new Promise((resolve) => closing.close(resolve));
  }
  await on();
  t.after(off);
  return { port, taken: () => taken, on, off };
}

const targetAt = (port: number, timeoutMs = 20_000): ProbeTarget => ({
  publicUrl: `http://127.0.0.1:${port}/mallcoo`,
  path: 'GetTraffic',
  park: 'P001' as ParkId,
  auth: NONE,
  zone: ZONE,
  timeoutMs,
});

test('a tunnel that dies is raised with what waits, its restart is asked for, and it clears with the first good probe', async (t) => {
  const probes = book();
  const gate = await site(t, { probes });
  const tunnel = await switchable(t, gate.port);
  const file = join(folder(t), 'restart-tunnel');
  let notices = 127;
  const since = instant(Date.parse('2026-11-21T19:12:40Z'));
  const rig = reachOf(t, {
    book: probes,
    target: targetAt(tunnel.port),
    restart: { file, afterMs: 1_000 },
    waiting: () => ({ notices, since }),
    clock: { now: () => instant(Date.parse('2026-11-22T02:00:00Z')) },
  });
  await until('the line', () => rig.lines.length > 0);
  assert.deepEqual([rig.lines, rig.raised()], [[true], []]);

  await tunnel.off();
  await until('the fault', () => rig.raised().length > 0);
  const text = rig.raised().join();
  assert.match(
    text,
    /^TUNNEL_DOWN Mallcoo cannot reach the gate through the tunnel: connection refused by 127\.0\.0\.1/,
  );
  assert.match(text, /; 127 notices wait, the oldest since 03:12:40$/);
  assert.deepEqual(rig.lines, [true, false]);
  notices = 1;
  await until('the text to follow', () => rig.raised().join().endsWith('; 1 notice waits, since 03:12:40'));
  await until('the restart to be asked for', () => rig.log.some((line) => line.includes('restart is asked for')));
  assert.equal(readFileSync(file, 'utf8'), '2026-11-22 10:00:00 TUNNEL_DOWN\n');

  await tunnel.on();
  await until('the end', () => rig.raised().length === 0);
  assert.deepEqual(rig.lines, [true, false, true]);
  assert.equal(rig.log.filter((line) => line.startsWith('FAULT')).length, 1, 'one line in the log, however long');
  assert.equal(rig.reach.stats().internet, 'up');
});

test('no internet is one fault; when it is back and Mallcoo still does not answer, that is told', async (t) => {
  const probes = book();
  const gate = await site(t, { probes });
  const tunnel = await switchable(t, gate.port);
  const dns = await switchable(t);
  const points = [{ host: '127.0.0.1', port: dns.port }];
  const rig = reachOf(t, { book: probes, target: targetAt(tunnel.port), points });
  await until('the line', () => rig.lines.length > 0);
  await Promise.all([tunnel.off(), dns.off()]);
  rig.reach.reports.failed('unreachable', { zh: '10 秒内没有应答', en: 'no answer within 10 s' });
  await until('the fault', () => rig.raised().length > 0);
  assert.deepEqual(rig.raised(), [`INTERNET_DOWN no internet: none of 127.0.0.1:${dns.port} can be reached`]);
  assert.equal(rig.reach.stats().internet, 'down');
  rig.reach.reports.failed('unreachable', { zh: '10 秒内没有应答', en: 'no answer within 10 s' });
  assert.equal(rig.raised().length, 1);

  await Promise.all([tunnel.on(), dns.on()]);
  await until('the internet', () => rig.backs() === 1);
  rig.reach.reports.failed('unreachable', { zh: '10 秒内没有应答', en: 'no answer within 10 s' });
  await until('the fault', () => rig.raised().length > 0);
  assert.deepEqual(rig.raised(), ['MALLCOO_UNREACHABLE Mallcoo cannot be reached: no answer within 10 s']);
  rig.reach.reports.failed('refusing', 'Code 1101: unknown park');
  assert.deepEqual(rig.raised(), ['MALLCOO_REFUSING Mallcoo answers, but takes no notices: Code 1101: unknown park']);
  rig.reach.reports.delivered();
  assert.deepEqual(rig.raised(), []);
  await until('the line', () => rig.lines.length === 3);
  assert.deepEqual(rig.lines, [true, false, true]);
});

test('a stop does not wait for a probe that nobody answers', { timeout: 60_000 }, async (t) => {
  const silent = await switchable(t);
  const rig = reachOf(t, { target: targetAt(silent.port, 3_600_000) });
  await until('the probe', () => silent.taken() > 0);
  await rig.reach.stop();
  assert.deepEqual([rig.raised(), rig.lines], [[], []]);
});

test('without a public address nothing is probed, and the line is up', async (t) => {
  const rig = reachOf(t, {});
  assert.deepEqual([rig.lines, rig.raised()], [[true], []]);
  assert.deepEqual(rig.reach.stats(), { publicUrl: null, line: 'up', lastProbe: null, internet: 'unknown' });
});
