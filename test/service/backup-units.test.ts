/** The nightly backup's units. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { backup, workedSite } from '../cli/backup-tools.ts';
import { folder } from '../daemon/support.ts';
import { need } from '../need.ts';
import { commandOf, environmentOf, readUnit, SYSTEMD } from '../tunnel/unit.ts';

const read = (name: string): string => readFileSync(join(SYSTEMD, name), 'utf8');
const UNITS = ['gatepost-backup.service', 'gatepost-backup.timer'];

test('systemd finds nothing to say about the backup and its timer', (t) => {
  if (!need(t, 'systemd-analyze')) return;
  const dir = folder(t);
  for (const name of UNITS) writeFileSync(join(dir, name), read(name).replaceAll('/usr/bin/gatepost', '/usr/bin/env'));
  const verified = spawnSync('systemd-analyze', ['verify', '--man=no', ...UNITS.map((name) => join(dir, name))], {
    encoding: 'utf8',
  });
  const own = `${verified.stdout}${verified.stderr}`.split('\n').filter((line) => line.includes('gatepost'));
  assert.deepEqual([verified.status, own], [0, []]);
});

test('the file of defaults names every setting as the unit has it, and the command that comes of it makes backups', async (t) => {
  const unit = readUnit('gatepost-backup.service');
  const commented = environmentOf(read('gatepost-backup.default').replaceAll(/^#(?=[A-Z_]+=)/gm, ''));
  const defaults = environmentOf(unit.value('Service.Environment').replaceAll(' ', '\n'));
  assert.deepEqual(commented, defaults);
  assert.equal(unit.value('Service.EnvironmentFile'), '-/etc/default/gatepost-backup');
  assert.equal(join('/var/lib', unit.value('Service.StateDirectory')), defaults['BACKUP_FOLDER']);

  const site = await workedSite(t);
  const own = { BACKUP_FOLDER: join(site.dir, 'stick'), BACKUP_KEEP: '2', BACKUP_CONFIG: site.config };
  const [program, word, ...args] = commandOf(unit, own);
  assert.deepEqual([program, word], ['/usr/bin/gatepost', 'backup']);
  const made = backup(...args);
  assert.equal(made.code, 0, made.err);
  assert.match(readdirSync(own.BACKUP_FOLDER).join(), /^gatepost-P001-\d{8}-\d{6}Z\.tar\.gz$/);
});

test('a backup sees no secret, writes no books, and does not run unless the site says so', () => {
  const unit = readUnit('gatepost-backup.service');
  const values = ['User', 'ReadOnlyPaths', 'InaccessiblePaths'].map((name) => unit.value(`Service.${name}`));
  assert.deepEqual(values, ['gatepost', '-/var/lib/gatepost', '-/etc/gatepost/credentials']);
  assert.doesNotMatch(unit.value('Service.ExecStart'), /secrets/);
  assert.doesNotMatch(read('gatepost-backup.service'), /\[Install\]/);
  assert.equal(readUnit('gatepost-backup.timer').value('Install.WantedBy'), 'timers.target');
});
