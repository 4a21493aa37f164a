/** The tunnel with a real sshd and the unit's own ssh command: its ends are killed, and its far port is not free. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { gatepost, until } from '../daemon/support.ts';
import { freePort, killNow } from './far.ts';
import { EXAMPLE, RESTART_SECONDS, recovery, scene, UNIT } from './scene.ts';
import { supervise } from './supervisor.ts';
import { commandOf } from './unit.ts';

test('gatepost mallcoo check is green through the tunnel', async (t) => {
  const set = await scene(t);
  if (!set) return;
  const check = gatepost(t, ['mallcoo', 'check', `http://127.0.0.1:${set.farPort}`]);
  assert.equal(await check.exited(), 0, check.output());
  t.diagnostic(check.output().trim().split('\n').at(-1) ?? '');
  assert.deepEqual(await set.faults(), []);
});

test('the ssh client is killed', async (t) => {
  const set = await scene(t);
  if (!set) return;
  const since = performance.now();
  killNow(set.tunnel.pid() ?? 0);
  await until('the tunnel to be gone', async () => !(await set.works()));
  await recovery(t, set, since, `the ssh client killed (RestartSec=${RESTART_SECONDS})`);
});

test('the sshd of the far server is killed with its connections, and comes back', async (t) => {
  const set = await scene(t);
  if (!set) return;
  await set.far.kill();
  await until('ssh to end', () => set.tunnel.output().includes('-- ended: 255'));
  await until('another attempt, in vain', () => set.tunnel.starts() > 2);
  assert.equal(await set.works(), false);
  await set.far.start();
  await recovery(t, set, performance.now(), 'the sshd killed, counted from when it is back');
});

test('the far port is stale: the far side still holds it for a connection that is dead', async (t) => {
  const set = await scene(t);
  if (!set) return;
  // sshd does not hear that the client is gone, and keeps the port until ClientAlive finds out.
  set.line.swallow();
  const since = performance.now();
  killNow(set.tunnel.pid() ?? 0);
  await until('ssh to find the port taken', () =>
    /remote port forwarding failed for listen port/.test(set.tunnel.output()),
  );
  await recovery(t, set, since, 'the far port stale (sshd gives up after 2 × 2 s)');
});

test('the far port is taken by somebody else: ssh ends and tries again until it is free', async (t) => {
  const set = await scene(t);
  if (!set) return;
  await set.far.kill();
  const squatter = createServer((socket) => socket.destroy());
  await until(
    'the port',
    () =>
      new Promise<boolean>((resolve) => {
        squatter.once('error', () => resolve(false));
        squatter.listen(set.farPort, '127.0.0.1', () => resolve(true));
      }),
  );
  t.after(() => squatter.close());
  await set.far.start();
  await until('ssh to find it taken', () => /remote port forwarding failed for listen port/.test(set.tunnel.output()));
  await new Promise((resolve) => squatter.close(resolve));
  await recovery(t, set, performance.now(), 'the far port free again');
});

test('the gate’s key opens no other port of the far server', async (t) => {
  const set = await scene(t);
  if (!set) return;
  const env = { ...EXAMPLE, ...set.far.env, FAR_SSH_PORT: String(set.line.port), GATE: new URL(set.gate.mallcoo).host };
  const other = supervise(t, commandOf(UNIT, { ...env, FAR_LISTEN: `127.0.0.1:${await freePort()}` }), 3_600);
  await until('ssh to be refused', () => other.output().includes('remote port forwarding failed for listen port'));
  await until('ssh to end', () => other.output().includes('-- ended: 255'));
});
