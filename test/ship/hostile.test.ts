/** Machines on which things stand otherwise than on ours. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { program, running, until } from '../daemon/support.ts';
import { need } from '../need.ts';
import { lay, type Wires } from './scene.ts';
import { binary, DIST, packed } from './support.ts';

/** Mounts are root's, and a container may forbid them. */
function needMounts(t: TestContext): boolean {
  const tried = spawnSync('unshare', ['-m', 'true']);
  if (tried.status === 0) return true;
  if (process.env['CI'] === 'true')
    throw new Error('unshare -m does not work here, and under CI nothing may be skipped');
  t.skip('SKIPPED: this user may not mount folders');
  return false;
}

/** The binary's command in a world of its own, in which these folders are what `mount` makes of them. */
function withMounts(script: string, wires: Wires): readonly string[] {
  return ['unshare', '-m', 'sh', '-ec', `${script}\nexec "$@"`, 'sh', ...binary(), 'run', wires.site];
}

const remount = (dir: string, how: 'exec' | 'noexec'): string =>
  `mount --bind ${dir} ${dir}; mount -o remount,bind,${how} ${dir}`;

async function ticketRaisesTheArm(wires: Wires): Promise<void> {
  await wires.relayReady();
  wires.scanned('in', '0102030405060708');
  await wires.raised('in');
}

test('what NODE_OPTIONS says is for other programs', async (t) => {
  if (!need(t, 'socat')) return;
  const wires = await lay(t, false);
  const evil = join(wires.dir, 'evil.cjs');
  writeFileSync(evil, 'process.exit(9);');
  const env = { NODE_OPTIONS: `--require ${evil} --max-old-space-size=10 --no-such-option`, NODE_PATH: wires.dir };
  await running(packed(t, ['run', wires.site], env));
  await ticketRaisesTheArm(wires);
});

test('a folder for temporary files that is mounted noexec: the serial ports work, and nothing is left behind', async (t) => {
  if (!needMounts(t) || !need(t, 'socat')) return;
  const wires = await lay(t, false);
  const temporary = join(wires.dir, 'temporary');
  mkdirSync(temporary);
  const command = withMounts(`mount -t tmpfs -o noexec tmpfs ${temporary}`, wires);
  const gate = await running(program(t, command, { TMPDIR: temporary }));
  await ticketRaisesTheArm(wires);
  const left = spawnSync('sh', [
    '-c',
    `ls -d /proc/${gate.pid}/root${temporary}/* /tmp/gatepost-serial-* /dev/shm/gatepost-serial-*`,
  ]);
  assert.equal(left.stdout.toString(), '');
});

test('no folder at all to load the serial library in: a fault names them, and the rest of the gate works', async (t) => {
  if (!needMounts(t) || !need(t, 'socat')) return;
  const wires = await lay(t, false);
  const folders = ['/tmp', '/var/tmp', '/run', '/dev/shm', '/var/lib'];
  // The binary itself may stand below one of them.
  const mounts = [...folders.map((dir) => remount(dir, 'noexec')), remount(DIST, 'exec')].join('\n');
  const gate = await running(program(t, withMounts(mounts, wires), { TMPDIR: '/tmp' }));
  const fault = await until('the fault', () => /FAULT .*no folder in which.*\[PORT_GONE\]/.exec(gate.output())?.[0]);
  assert.match(fault, /tried \/tmp \(mounted noexec\).*\/run\/gatepost \(.*\/var\/tmp \(mounted noexec\)/);
  assert.match(fault, /Set TMPDIR to a folder/);
  assert.equal((await fetch(`${gate.local}/healthz`)).status, 200);
});
