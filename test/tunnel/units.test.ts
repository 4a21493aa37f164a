/** The units and templates themselves. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { configOf, SMALL } from '../config/site.ts';
import { folder } from '../daemon/support.ts';
import { need } from '../need.ts';
import { commandOf, environmentOf, readUnit, SYSTEMD } from './unit.ts';

const read = (name: string): string => readFileSync(join(SYSTEMD, name), 'utf8');
const UNITS = readdirSync(SYSTEMD).filter((name) => /\.(service|path)$/.test(name) && /tunnel|frpc/.test(name));

test('systemd finds nothing to say about the units', (t) => {
  if (!need(t, 'systemd-analyze') || !need(t, 'ssh')) return;
  const dir = folder(t);
  // frp is brought by the site; systemd only looks whether its program is there.
  for (const name of UNITS) writeFileSync(join(dir, name), read(name).replace('/usr/local/bin/frpc', '/usr/bin/env'));
  const verified = spawnSync('systemd-analyze', ['verify', '--man=no', ...UNITS.map((name) => join(dir, name))], {
    encoding: 'utf8',
  });
  const own = `${verified.stdout}${verified.stderr}`
    .split('\n')
    .filter((line) => UNITS.some((name) => line.includes(name)));
  assert.deepEqual([verified.status, own], [0, []]);
  assert.equal(UNITS.length, 4);
});

test('a tunnel is started again for ever, and its user may do nothing else', () => {
  for (const name of ['gatepost-tunnel.service', 'gatepost-frpc.service']) {
    const unit = readUnit(name);
    const settings = [
      'Unit.StartLimitIntervalSec',
      'Service.Restart',
      'Service.User',
      'Service.NoNewPrivileges',
      'Service.ProtectSystem',
    ];
    assert.deepEqual(settings.map(unit.value), ['0', 'always', 'gatepost-tunnel', 'yes', 'strict'], name);
  }
  assert.match(read('gatepost-tunnel.sysusers.conf'), /^u gatepost-tunnel /m);
});

test('the example of the environment file is enough for the command, and names every setting with its default', () => {
  const unit = readUnit('gatepost-tunnel.service');
  const example = read('tunnel.env.example');
  const command = commandOf(unit, environmentOf(example));
  assert.deepEqual(command.slice(-5), ['-R', '127.0.0.1:18080:127.0.0.1:8080', '-p', '22', 'gatepost@203.0.113.7']);
  const commented = environmentOf(example.replaceAll(/^#(?=[A-Z_]+=)/gm, ''));
  const defaults = environmentOf(unit.values('Service.Environment').join(' ').replaceAll(' ', '\n'));
  assert.deepEqual(commented, { ...defaults, FAR_HOST: '203.0.113.7', FAR_USER: 'gatepost' });
});

test('the file that the gate writes to is the one that is watched, and what is restarted is there', () => {
  const file = readUnit('gatepost-tunnel-restart.path').value('Path.PathChanged');
  configOf(`tunnel: { publicUrl: "https://park.example.com", restartFile: ${file} }\n${SMALL}`);
  for (const name of ['tunnel.md', 'tunnel.zh-CN.md']) {
    const page = readFileSync(join(SYSTEMD, '..', 'docs', name), 'utf8');
    assert.ok(page.includes(`restartFile: ${file}`), `docs/${name} names it`);
  }
  assert.ok(read('gatepost.tmpfiles.conf').includes('d /run/gatepost '));
  const restarted = readUnit('gatepost-tunnel-restart.service')
    .values('Service.ExecStart')
    .map((line) => line.split(' ').at(-1));
  assert.deepEqual(restarted, ['gatepost-tunnel.service', 'gatepost-frpc.service']);
  for (const name of restarted) assert.ok(UNITS.includes(name ?? ''), name);
});
