/** The gate's own unit: what systemd says of it, and what must not slip out of it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { folder } from '../daemon/support.ts';
import { need } from '../need.ts';
import { readUnit, SYSTEMD } from '../tunnel/unit.ts';

const read = (name: string): string => readFileSync(join(SYSTEMD, name), 'utf8');
const SERVICES = readdirSync(SYSTEMD).filter((name) => name.endsWith('.service'));

/** The exposure that systemd counts together, in tenths: 0 is a locked box, 100 a root shell. */
const WORST = 15;

test('no unit is more exposed than 1.5', (t) => {
  if (!need(t, 'systemd-analyze')) return;
  for (const name of SERVICES) {
    const analyzed = spawnSync(
      'systemd-analyze',
      ['security', '--offline=true', `--threshold=${WORST}`, '--no-pager', join(SYSTEMD, name)],
      { encoding: 'utf8' },
    );
    const told = /Overall exposure level.*/.exec(analyzed.stdout)?.[0] ?? analyzed.stderr;
    assert.equal(analyzed.status, 0, `${name}: ${told}`);
    t.diagnostic(told);
  }
  assert.ok(SERVICES.includes('gatepost.service') && SERVICES.length >= 5);
});

test('systemd finds nothing to say about the gate and the record of its failures', (t) => {
  if (!need(t, 'systemd-analyze')) return;
  const dir = folder(t);
  const names = ['gatepost.service', 'gatepost-failed@.service'];
  // The package brings the program; systemd only looks whether it is there.
  for (const name of names) writeFileSync(join(dir, name), read(name).replaceAll('/usr/bin/gatepost', '/usr/bin/env'));
  const verified = spawnSync('systemd-analyze', ['verify', '--man=no', ...names.map((name) => join(dir, name))], {
    encoding: 'utf8',
  });
  const own = `${verified.stdout}${verified.stderr}`.split('\n').filter((line) => line.includes('gatepost'));
  assert.deepEqual([verified.status, own], [0, []]);
});

test('a gate is started again for ever, whatever ended it, and why is recorded each time', () => {
  const unit = readUnit('gatepost.service');
  const settings = ['Unit.StartLimitIntervalSec', 'Service.Restart', 'Service.RestartPreventExitStatus'];
  assert.deepEqual(settings.map(unit.value), ['0', 'always', '']);
  assert.ok(Number(unit.value('Service.RestartSec')) >= 2, 'a wrong configuration does not loop hot');
  assert.equal(unit.value('Service.ExecStopPost'), '-/usr/bin/gatepost record-failure');
  assert.equal(unit.value('Unit.OnFailure'), 'gatepost-failed@%n.service');
  assert.equal(
    readUnit('gatepost-failed@.service').value('Service.ExecStart'),
    '/usr/bin/gatepost record-failure --down',
  );
  assert.ok(Number(unit.value('Service.WatchdogSec')) > 0);
});

test('serial ports are reached by number, so that an adapter may be plugged in whenever; no environment slips in', () => {
  const unit = readUnit('gatepost.service');
  const allowed = unit.values('Service.DeviceAllow').join(' ');
  for (const major of [4, 166, 188, 204]) assert.match(allowed, new RegExp(`char-${major} rw`));
  assert.deepEqual(
    ['DevicePolicy', 'PrivateDevices', 'SupplementaryGroups'].map((name) => unit.value(`Service.${name}`)),
    ['closed', '', 'dialout'],
  );
  assert.match(unit.value('Service.UnsetEnvironment'), /^NODE_OPTIONS /);
});

test('the folders and the user that the unit takes for granted are made by the package', (t) => {
  const unit = readUnit('gatepost.service');
  const [, credentials = ''] = unit.value('Service.LoadCredential').split(':');
  assert.match(read('gatepost.tmpfiles.conf'), new RegExp(`^d ${credentials} 0700 root root -$`, 'm'));
  assert.match(read('gatepost.sysusers.conf'), new RegExp(`^u ${unit.value('Service.User')} -`, 'm'));
  if (!need(t, 'systemd-tmpfiles')) return;
  const root = folder(t);
  spawnSync('mkdir', ['-p', join(root, 'etc')]);
  const made = spawnSync('systemd-sysusers', [`--root=${root}`, join(SYSTEMD, 'gatepost.sysusers.conf')], {
    encoding: 'utf8',
  });
  assert.equal(made.status, 0, made.stderr);
  assert.match(readFileSync(join(root, 'etc', 'passwd'), 'utf8'), /^gatepost:x:\d+:\d+:.*:\/usr\/sbin\/nologin$/m);
});
