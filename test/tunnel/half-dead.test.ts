/** The tunnel with a real sshd and the unit's own ssh command: everything lives, and nothing comes through. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { folder, until } from '../daemon/support.ts';
import { type Relay, relay } from './far.ts';
import { QUICK, recovery, scene } from './scene.ts';

test('the connection is half-dead: nothing is closed and nothing comes through; ServerAlive finds it', async (t) => {
  const set = await scene(t);
  if (!set) return;
  const since = performance.now();
  set.line.swallow();
  await until('ssh to give up', () => /Timeout, server .* not responding/.test(set.tunnel.output()));
  await recovery(
    t,
    set,
    since,
    `the connection half-dead (ServerAlive ${QUICK.ALIVE_COUNT} × ${QUICK.ALIVE_SECONDS} s)`,
  );
});

test('a half-dead tunnel that ssh does not notice is found by the probe, and told until it is over', async (t) => {
  const front: { relay?: Relay } = {};
  const set = await scene(t, {
    publicPort: async (farPort) => {
      front.relay = await relay(t, farPort);
      return front.relay.port;
    },
  });
  if (!set || !front.relay) return;
  await set.gate.printed('is up');
  const pid = set.tunnel.pid();
  const since = performance.now();
  front.relay.hold();
  const [fault] = await until('TUNNEL_DOWN', async () => {
    const faults = await set.faults();
    return faults.length > 0 && faults;
  });
  t.diagnostic(
    `half-dead behind a living ssh: TUNNEL_DOWN after ${((performance.now() - since) / 1_000).toFixed(1)} s`,
  );
  assert.equal(fault?.code, 'TUNNEL_DOWN');
  assert.match(fault?.text ?? '', /takes the call and does not answer within 3 s/);
  assert.deepEqual([set.tunnel.pid(), set.tunnel.starts()], [pid, 1], 'the process lives');
  const back = performance.now();
  front.relay.pass();
  await until('the end of the fault', async () => (await set.faults()).length === 0);
  t.diagnostic(`cleared ${((performance.now() - back) / 1_000).toFixed(1)} s after calls came through again`);
  assert.match(set.gate.output(), /FAULT tunnel.*\n(.*\n)*.*CLEARED tunnel after \d+ s/);
});

test('a tunnel whose process hangs is restarted because the gate asks for it', async (t) => {
  const dir = folder(t);
  const file = join(dir, 'restart-tunnel');
  // Without questions to the far side ssh never ends by itself.
  const set = await scene(t, {
    settings: `, restartFile: ${file}, restartAfterSeconds: 10`,
    env: { ALIVE_SECONDS: '0' },
  });
  if (!set) return;
  const pid = set.tunnel.pid() ?? 0;
  const since = performance.now();
  process.kill(pid, 'SIGSTOP');
  await until('TUNNEL_DOWN', async () => (await set.faults()).some(({ code }) => code === 'TUNNEL_DOWN'));
  assert.equal(set.tunnel.pid(), pid);
  const asked = await until('the gate to ask for a restart', () => existsSync(file) && readFileSync(file, 'utf8'));
  assert.match(asked, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d TUNNEL_DOWN\n$/);
  // What gatepost-tunnel-restart.path does.
  set.tunnel.restart();
  await recovery(t, set, since, 'the ssh client hangs (restart asked for after 10 s of TUNNEL_DOWN)');
  await until('the end of the fault', async () => (await set.faults()).length === 0);
});
