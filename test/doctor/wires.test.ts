/** What the doctor finds at the gate's wires: serial ports, listeners, devices, prices, faults. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  openSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkAuth } from '../../src/doctor/checks/auth.ts';
import { checkCalendars } from '../../src/doctor/checks/calendars.ts';
import { checkDevices } from '../../src/doctor/checks/devices.ts';
import { checkFaults } from '../../src/doctor/checks/faults.ts';
import { checkPorts, isPrivate } from '../../src/doctor/checks/ports.ts';
import { checkSerial } from '../../src/doctor/checks/serial.ts';
import { examine } from '../../src/doctor/examine.ts';
import { fine, same } from '../../src/doctor/finding.ts';
import { lookAtProcesses } from '../../src/doctor/processes.ts';
import { CHECK_NAMES, type Check, type CheckName } from '../../src/doctor/site.ts';
import { folder, until } from '../daemon/support.ts';
import { freePort, run } from '../devices/support.ts';
import { need } from '../need.ts';
import { gateTelling, NOBODY, programs, siteIn, told } from './rig.ts';

const isRoot = process.getuid?.() === 0;

/** A real port that nobody has opened, at its link. */
async function pty(t: TestContext, dir: string, name = 'port'): Promise<string> {
  const link = join(dir, name);
  // It waits with the far end: otherwise socat would hold the near one itself.
  run(t, 'socat', [`pty,raw,echo=0,link=${link},wait-slave`, 'PIPE']);
  await until('the port', () => existsSync(link));
  return link;
}

const scanner = (port: string, id = 'scan'): string =>
  `{ id: ${id}, driver: serial-scanner, port: ${JSON.stringify(port)} }`;

test('serial: none; one that is not there; a link that leads nowhere; a file; one that opens', async (t) => {
  if (!need(t, 'socat')) return;
  const dir = folder(t);
  const tell = async (port: string) =>
    told(await checkSerial(siteIn(dir, { devices: `[${scanner(port)}]` }))).join('\n');
  assert.match(told(await checkSerial(siteIn(dir))).join(), /^none: no serial devices$/);
  assert.match(await tell(join(dir, 'gone')), /^wrong: scan: there is no port .*\/gone → .*\/dev\/serial\/by-path/);
  symlinkSync('/dev/nothing-like-it', join(dir, 'dangling'));
  assert.match(await tell(join(dir, 'dangling')), /^wrong: scan: .*dangling leads to a port that is not there/);
  assert.match(await tell(join(dir, 'gatepost.yaml')), /^wrong: scan: .* is no serial port/);
  const port = await pty(t, dir);
  assert.equal(await tell(port), `fine: scan: ${port} → ${realpathSync(port)} opens at 9600 baud`);
  const twice = told(
    await checkSerial(siteIn(dir, { devices: `[${scanner(port)}, ${scanner(realpathSync(port), 'other')}]` })),
  );
  assert.ok(
    twice.some((line) => /^wrong: scan and other are the same port/.test(line)),
    twice.join('\n'),
  );
});

test('serial: a port that another program holds, named; ModemManager with its cure; the gate’s own is fine', async (t) => {
  if (!need(t, 'socat')) return;
  const dir = folder(t);
  const port = await pty(t, dir);
  copyFileSync('/bin/sleep', join(dir, 'ModemManager'));
  chmodSync(join(dir, 'ModemManager'), 0o755);
  const child = spawn(join(dir, 'ModemManager'), ['60'], { stdio: [openSync(port, 'r+'), 'ignore', 'ignore'] });
  t.after(() => child.kill('SIGKILL'));
  const devices = `[${scanner(port)}]`;
  // This process holds it, too, and is passed over as the doctor itself.
  await until('the program', async () =>
    ((await lookAtProcesses()).holders.get(realpathSync(port)) ?? []).some(({ name }) => name === 'ModemManager'),
  );
  assert.equal(
    told(await checkSerial(siteIn(dir, { devices }))).join(),
    `wrong: scan: ${port} → ${realpathSync(port)} is held by ModemManager (PID ${child.pid}) → systemctl disable --now ModemManager`,
  );
  const gate = gateTelling({});
  const own = siteIn(dir, { devices, gate, gatePid: child.pid ?? 0 });
  assert.match(told(await checkSerial(own)).join(), /^fine: scan: .*, open in the gate$/);
});

test('serial: a port that the service’s user may not use; one that the running gate has not opened; culprits about', async (t) => {
  if (!need(t, 'socat')) return;
  const dir = folder(t);
  chmodSync(dir, 0o755);
  const port = await pty(t, dir);
  const devices = `[${scanner(port)}]`;
  if (isRoot) {
    const denied = told(await checkSerial(siteIn(dir, { devices, user: NOBODY }))).join();
    assert.match(
      denied,
      /^wrong: scan: the user nobody may not use \/dev\/pts\/\d+ \(\d+ \w+\) → systemctl edit gatepost/,
    );
    chownSync(realpathSync(port), NOBODY.uid, 65_534);
    assert.match(told(await checkSerial(siteIn(dir, { devices, user: NOBODY }))).join(), /^fine/);
    const closed = siteIn(dir, { devices, gate: gateTelling({}), gatePid: 1 });
    assert.match(told(await checkSerial(closed)).join(), /^look: scan: .* the gate has not opened it/);
  }
  const machine = programs(dir, {
    systemctl: 'case "$2" in brltty*) echo ActiveState=active;; *) echo ActiveState=inactive;; esac',
  });
  const found = told(await checkSerial(siteIn(dir, { devices, machine })));
  assert.match(found.at(-1) ?? '', /^look: brltty is active.* → systemctl disable --now brltty/);
});

test('ports: free, held by the gate, held by another, of no address here, too low, changed since the start', async (t) => {
  const dir = folder(t);
  const [mallcoo, local] = [await freePort(), await freePort()];
  const lines = { mallcoo: `{ listen: "127.0.0.1:${mallcoo}" }`, local: `{ listen: "127.0.0.1:${local}" }` };
  const free = told(await checkPorts(siteIn(dir, { lines })));
  assert.deepEqual(free, [
    `fine: mallcoo 127.0.0.1:${mallcoo}: free`,
    `fine: local 127.0.0.1:${local}: free`,
    'none: mqtt 127.0.0.1:0: any free port',
  ]);
  const gate = gateTelling({});
  const changed = told(await checkPorts(siteIn(dir, { lines, gate, gatePid: process.pid })));
  assert.match(changed[0] ?? '', /^wrong: .*the configuration has changed since its start/);
  const server = createServer().listen(mallcoo, '127.0.0.1');
  t.after(() => server.close());
  await until('the listener', () => server.listening);
  const taken = told(await checkPorts(siteIn(dir, { lines })))[0] ?? '';
  assert.match(
    taken,
    new RegExp(
      `^wrong: mallcoo .*: held by .* \\(PID ${process.pid}\\) → stop it, or choose another port; see: ss -ltnp`,
    ),
  );
  assert.match(
    told(await checkPorts(siteIn(dir, { lines, gate, gatePid: process.pid })))[0] ?? '',
    /^fine: .*held by the gate$/,
  );
  assert.match(told(await checkPorts(siteIn(dir, { lines, gate, gatePid: 1 })))[0] ?? '', /^wrong: .*held by/);
  const abroad = { mqtt: '{ listen: "192.0.2.77:1883", allowRemote: true, anonymous: true }' };
  assert.match(
    told(await checkPorts(siteIn(dir, { lines: abroad }))).join('\n'),
    /wrong: mqtt 192\.0\.2\.77:1883: no address of this machine/,
  );
  const low = { mallcoo: '{ listen: "127.0.0.1:81" }' };
  assert.match(
    told(await checkPorts(siteIn(dir, { lines: low, user: NOBODY })))[0] ?? '',
    /^wrong: .*may not take a port below 1024/,
  );
});

test('ports: who can reach them from elsewhere', async (t) => {
  const dir = folder(t);
  const all = (name: string) => ({ [name]: `{ listen: "0.0.0.0:0", allowRemote: true }` });
  const reached = async (name: string, addresses: readonly string[]) =>
    told(await checkPorts(siteIn(dir, { lines: all(name), machine: { addresses: () => addresses } }))).filter((line) =>
      line.startsWith('look'),
    );
  assert.deepEqual(await reached('mallcoo', ['127.0.0.1', '192.168.1.10', 'fe80::1']), []);
  assert.match((await reached('mallcoo', ['192.168.1.10', '8.8.4.4'])).join(), /8\.8\.4\.4:0 is a public address/);
  // It listens on IPv4 alone.
  assert.deepEqual(await reached('mallcoo', ['192.168.1.10', '2001:db8::7']), []);
  assert.match((await reached('local', ['192.168.1.10'])).join(), /anybody in that network can let vehicles out/);
  const addresses = [
    '10.0.0.1',
    '172.31.0.1',
    '172.32.0.1',
    '100.64.0.1',
    'fd00::1',
    '2001:db8::1',
    '::1',
    '203.0.113.5',
  ];
  assert.deepEqual(
    addresses.filter((address) => !isPrivate(address)),
    ['172.32.0.1', '2001:db8::1', '203.0.113.5'],
  );
});

test('devices: heard, silent, never heard, unseen while the gate is stopped', async (t) => {
  const dir = folder(t);
  const now = Date.parse('2026-11-22T02:20:00Z');
  const site = (gate: ReturnType<typeof gateTelling>) => siteIn(dir, { gate, machine: { now: () => now } });
  const stats = { devices: { devices: { 'cam-in': { readings: 7, orders: 2 } } } };
  const tell = async (gate: ReturnType<typeof gateTelling>) => told(await checkDevices(site(gate))).join();
  assert.equal(
    await tell(gateTelling(stats, [['cam-in', now - 5_000]])),
    'fine: cam-in: heard 5 s ago; 7 readings, 2 orders',
  );
  assert.match(
    await tell(gateTelling(stats)),
    /^look: cam-in: nothing heard since the start; .* → the device's power and network/,
  );
  const faults = [{ code: 'DEVICE_SILENT', subject: 'cam-in' }];
  assert.match(
    await tell(gateTelling({ ...stats, faults }, [['cam-in', now - 90_000]])),
    /^wrong: cam-in: DEVICE_SILENT, heard 90 s ago → /,
  );
  assert.match(told(await checkDevices(siteIn(dir))).join(), /^none: 1 device\(s\): start the gate to see$/);
});

test('faults: none; each with since when and its remedy, in both languages; a code of a newer gate', async (t) => {
  const dir = folder(t);
  assert.deepEqual(told(await checkFaults(siteIn(dir, { gate: gateTelling({}) }))), ['fine: none raised']);
  assert.match(told(await checkFaults(siteIn(dir))).join(), /^none: start the gate/);
  const since = '2026-11-22T02:13:05Z';
  const faults = [
    { code: 'PORT_GONE', subject: 'scan-out', text: 'the serial port cannot be used: x', since },
    { code: 'CALENDAR_ENDS', subject: 'P001', text: 'y', since },
    { code: 'OF_A_NEWER_GATE', subject: 's', text: 'z', since: 7 },
  ];
  const found = await checkFaults(siteIn(dir, { gate: gateTelling({ faults, zone: 'Asia/Shanghai' }) }));
  const [gone, calendar, newer] = told(found);
  assert.match(
    gone ?? '',
    /^wrong: PORT_GONE scan-out since 2026-11-22 10:13:05: the serial port cannot be used: x → cable and power; gatepost doctor --only serial/,
  );
  assert.match(calendar ?? '', /^look: CALENDAR_ENDS/);
  assert.match(newer ?? '', /^wrong: OF_A_NEWER_GATE s since -: z → docs\/ERRORS\.md$/);
  assert.match(told(found, 'zh')[0] ?? '', /^wrong: PORT_GONE scan-out，自 2026-11-22 10:13:05.* → 检查串口线和电源/);
});

test('auth: proved; none on loopback; none with a public address; none for the whole network', async (t) => {
  const dir = folder(t);
  const tell = async (auth: string, lines: Readonly<Record<string, string>> = {}) =>
    told(await checkAuth(siteIn(dir, { mallcoo: `{ auth: ${auth} }`, lines }))).join();
  assert.equal(await tell('{ type: token, token: 0123456789abcdef }'), 'fine: P001: Mallcoo proves itself by token');
  assert.match(await tell('{ type: none }'), /^fine/);
  assert.match(
    await tell('{ type: none }', { tunnel: '{ publicUrl: "https://park.example.com" }' }),
    /^look: .*whoever knows the public address/,
  );
  // The configuration refuses it without "allowRemote".
  const lines = { mallcoo: '{ listen: "0.0.0.0:0", allowRemote: true }' };
  assert.match(await tell('{ type: none }', lines), /^wrong: .*anybody can "pay" → agree on a token with Mallcoo/);
});

test('calendars: no sheet asks; the coming year is known, near, here', async (t) => {
  const dir = folder(t);
  assert.match(told(await checkCalendars(siteIn(dir))).join(), /^none: no price sheet asks/);
  const asking = folder(t);
  writeFileSync(join(asking, 'sheet.yaml'), SHEET_BY_DAYS);
  const tell = async (at: string) =>
    told(await checkCalendars(siteIn(asking, { machine: { now: () => Date.parse(at) } }))).join();
  assert.match(await tell('2026-02-01T00:00:00Z'), /^fine: P001: public holidays are known through 20\d\d$/);
  assert.match(
    await tell('2099-12-20T00:00:00Z'),
    /^wrong: P001: the public holidays of 2099, this year, are not known → .*holidays/,
  );
});

const SHEET_BY_DAYS = `name: T
version: "1"
price: 5 per hour
bands:
  - { name: festive, days: holidays, price: 8 per hour }
`;

test('a check that hangs says so, and one that throws; the others are told all the same', async (t) => {
  const quick: Check = async () => [fine(same('ok'))];
  const checks = Object.fromEntries(CHECK_NAMES.map((name) => [name, quick])) as Record<CheckName, Check>;
  const broken = {
    ...checks,
    clock: () => new Promise<never>(() => undefined),
    data: async () => {
      await sleep(1);
      throw new Error('EIO: i/o error');
    },
  };
  const found = await examine(siteIn(folder(t)), CHECK_NAMES, { checks: broken, patienceMs: 300 });
  assert.deepEqual(
    found.map(({ name }) => name),
    [...CHECK_NAMES],
  );
  const of = (name: CheckName) => told(found.find((one) => one.name === name)?.findings ?? []).join();
  assert.match(of('clock'), /^wrong: it did not come back within 0 s/);
  assert.match(of('data'), /^wrong: the check itself failed: EIO: i\/o error/);
  assert.equal(found.filter(({ hung }) => hung).length, 1);
  assert.equal(of('faults'), 'fine: ok');
});
