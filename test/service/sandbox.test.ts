/**
 * The sandbox against what the gate really does, as far as that can be told without systemd as the first process: every system
 * call of a service with a scanner, a relay, a camera and Mallcoo's calls, and a serial port through the group alone.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  createReadStream,
  createWriteStream,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { folder, outside, post, until } from '../daemon/support.ts';
import { need } from '../need.ts';
import { readUnit } from '../tunnel/unit.ts';
import { service } from './systemd.ts';

const PLAIN = join(import.meta.dirname, '..', '..', 'docs', 'tariffs', 'plain.yaml');

interface Cable {
  readonly near: string;
  readonly far: string;
}

async function cable(t: TestContext, dir: string, name: string): Promise<Cable> {
  const [near, far] = [join(dir, name), join(dir, `${name}-far`)];
  const socat = spawn('socat', [`pty,raw,echo=0,link=${near}`, `pty,raw,echo=0,link=${far}`], { stdio: 'ignore' });
  t.after(() => socat.kill());
  await until('the cable', () => existsSync(near) && existsSync(far));
  return { near, far };
}

const site = (scanner: Cable, relay: Cable) => (data: string) =>
  `data: ${data}
mallcoo: { listen: "127.0.0.1:0" }
local: { listen: "127.0.0.1:0" }
mqtt: { listen: "127.0.0.1:0", anonymous: true }
tariffs: { standard: ${PLAIN} }
tunnel: { publicUrl: "http://localhost:9/parking", restartFile: ${data}-restart }
parks:
  - id: P001
    name: Sandbox
    tariff: standard
    mallcoo: { auth: { type: none } }
    lanes: [{ id: in-1, direction: in, readers: [scan-in, cam-in], barrier: { device: relay, output: 1 } }]
devices:
  - { id: scan-in, driver: serial-scanner, port: ${scanner.near} }
  - { id: relay, driver: lcus-relay, port: ${relay.near} }
  - { id: cam-in, driver: vzenith-mqtt, options: { sn: cam-in } }
`;

/** The system calls that a filter like the unit's lets through; a name with @ is a set. */
function filterOf(lists: readonly string[]): ReadonlySet<string> {
  const expand = (name: string): readonly string[] => {
    if (!name.startsWith('@')) return [name];
    const told = spawnSync('systemd-analyze', ['syscall-filter', '--no-pager', name], { encoding: 'utf8' });
    assert.equal(told.status, 0, told.stderr);
    return [...told.stdout.matchAll(/^ +([@a-z_0-9-]+)$/gm)].flatMap(([, found = '']) => expand(found));
  };
  const allowed = new Set(expand('@default'));
  for (const list of lists) {
    const denied = list.startsWith('~');
    for (const call of list.replace('~', '').split(' ').flatMap(expand))
      if (denied) allowed.delete(call);
      else allowed.add(call);
  }
  return allowed;
}

test('every system call of a gate at work, and of the record of its end, passes the filter; so does every socket', async (t) => {
  for (const program of ['strace', 'socat', 'systemd-analyze', 'perl']) if (!need(t, program)) return;
  const dir = folder(t);
  const [scanner, relay] = [await cable(t, dir, 'scanner'), await cable(t, dir, 'relay')];
  const under = ['strace', '-D', '-ff', '-qq', '-s', '0', '-e', 'signal=none', '-o', join(dir, 'trace')];
  const unit = await service(t, { watchdog: 600, under, config: site(scanner, relay) });
  let heard = '';
  const listening = createReadStream(relay.far).on('data', (chunk) => (heard += Buffer.from(chunk).toString('hex')));
  listening.on('error', () => undefined);
  const gate = await unit.start();
  await gate.heard(/^WATCHDOG=1$/m);
  await until('the relay to be put off at the start', () => heard.includes('a00100a1'));
  createWriteStream(scanner.far).end(']Q10102030405060709\r\n');
  await until('the arm to rise', () => heard.includes('a00101a2'));
  await (await outside(t, gate.mqtt)).see('cam-in', '粤A12345');
  const { resCode } = await post(gate.mallcoo, 'GetParkingPaymentInfo', { plateNo: '粤A12345' });
  assert.equal(resCode, 0);
  assert.equal(await gate.end('SIGTERM'), 0);
  await gate.ended();
  assert.equal(unit.record({ SERVICE_RESULT: 'signal', EXIT_CODE: 'killed', EXIT_STATUS: 'SEGV' }).code, 0);

  const traces = readdirSync(dir).filter((name) => name.startsWith('trace.'));
  const lines = traces.flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n'));
  const calls = new Set(lines.flatMap((line) => /^([a-z_0-9]+)\(/.exec(line)?.[1] ?? []));
  const unitFile = readUnit('gatepost.service');
  const allowed = filterOf(unitFile.values('Service.SystemCallFilter'));
  assert.deepEqual(
    [...calls].filter((call) => !allowed.has(call)),
    [],
  );
  assert.ok(calls.has('execve') && calls.has('fdatasync') && calls.size > 50, [...calls].join(' '));
  const families = new Set(lines.flatMap((line) => /^socket(?:pair)?\((AF_\w+)/.exec(line)?.[1] ?? []));
  // The lookup of a name asks which addresses the machine has, by netlink, and does without the answer.
  const permitted = [...unitFile.value('Service.RestrictAddressFamilies').split(' '), 'AF_NETLINK'];
  t.diagnostic(`${calls.size} system calls; ${[...families].join(' ')}`);
  assert.deepEqual(
    [...families].filter((family) => !permitted.includes(family)),
    [],
  );
});

test('within PrivateUsers= the group dialout opens a serial port, and without it nobody does', async (t) => {
  for (const program of ['socat', 'setpriv', 'unshare']) if (!need(t, program)) return;
  const unit = readUnit('gatepost.service');
  assert.deepEqual(
    ['PrivateUsers', 'SupplementaryGroups'].map((name) => unit.value(`Service.${name}`)),
    ['yes', 'dialout'],
  );
  if (process.getuid?.() !== 0) {
    t.skip('SKIPPED: only root can become another user');
    return;
  }
  const dir = folder(t);
  chmodSync(dir, 0o755);
  const port = realpathSync((await cable(t, dir, 'port')).near);
  assert.equal(spawnSync('chgrp', ['dialout', port]).status, 0);
  chmodSync(port, 0o660);
  const open = (...groups: readonly string[]): number | null => {
    const sandbox = ['--reuid', 'nobody', '--regid', 'nogroup', ...groups, '--no-new-privs', '--bounding-set=-all'];
    const words = [...sandbox, 'unshare', '--user', '--map-current-user', 'stty', '-F', port, '9600'];
    return spawnSync('setpriv', words, { stdio: 'ignore' }).status;
  };
  assert.equal(open('--groups', 'dialout'), 0);
  assert.notEqual(open('--clear-groups'), 0);
});
