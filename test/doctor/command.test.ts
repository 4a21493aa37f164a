/** `gatepost doctor` as a person calls it: with the gate stopped and running, in both languages, with a clock that is wrong. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { doctorCommand } from '../../src/cli/doctor.ts';
import { ERRORS } from '../../src/core/errors.ts';
import { REMEDIES } from '../../src/core/remedies.ts';
import { CHECK_NAMES } from '../../src/doctor/site.ts';
import { siteFile } from '../cli/outbox-tools.ts';
import { ran } from '../cli/ran.ts';
import { folder, gatepost, outside, program, running, until } from '../daemon/support.ts';
import { run } from '../devices/support.ts';
import { need } from '../need.ts';

const BIN = join(import.meta.dirname, '..', '..', 'src', 'bin.mjs');
const QUICK = ['--fsync-seconds', '0.1'];

test('the gate is stopped: each check says something, the sum counts them, and nothing is left behind', async (t) => {
  const dir = folder(t);
  const { file } = await siteFile(dir);
  const { code, lines } = await ran(doctorCommand, [file, ...QUICK]);
  assert.equal(code, 1, 'the scanner’s port is not there');
  const named = lines.flatMap((line) => /^[✓!✗–] (\S+)/.exec(line)?.[1] ?? []).filter((name) => /^[a-z]+$/.test(name));
  assert.deepEqual(
    CHECK_NAMES.filter((name) => !named.includes(name)),
    [],
  );
  const text = lines.join('\n');
  assert.match(text, /✗ serial +scan-out: there is no port .*\n +→ cable and power/);
  assert.match(text, /! service +the gate does not run/);
  const count = (sign: string): number => lines.filter((line) => line.startsWith(sign)).length;
  assert.equal(
    lines.at(-1),
    `${file}: ${count('✓')} fine, ${count('!')} to look at, ${count('✗')} wrong, ${count('–')} not applicable`,
  );
});

test('the gate runs: what it tells of itself, and its port in its hands; a fault with its remedy, until it ends', async (t) => {
  if (!need(t, 'socat')) return;
  const dir = folder(t);
  const scanner = join(dir, 'scanner');
  const { file } = await siteFile(dir, { scanner, probed: true });
  const gate = await running(gatepost(t, ['run', file]));
  await gate.printed('FAULT scan-out');
  const only = ['serial', 'devices', 'faults', 'service', 'ports', 'tunnel', 'data', 'program'].flatMap((name) => [
    '--only',
    name,
  ]);
  const doctor = async () => (await ran(doctorCommand, [file, ...only])).lines.join('\n');
  const faulty = await doctor();
  assert.match(
    faulty,
    /✗ faults +PORT_GONE scan-out since 20\d\d-.*\n +→ cable and power; gatepost doctor --only serial/,
  );
  assert.match(faulty, /✗ +scan-out: PORT_GONE, not heard since the start/);
  assert.match(faulty, new RegExp(`✓ service +the gate runs \\(PID ${gate.pid}, \\w+\\), since 20`));
  assert.match(
    faulty,
    /✓ ports +mallcoo 127\.0\.0\.1:\d+: held by the gate\n✓ +local 127\.0\.0\.1:\d+: held by the gate/,
  );
  run(t, 'socat', [`pty,raw,echo=0,link=${scanner},wait-slave`, 'PIPE']);
  await gate.printed('CLEARED scan-out');
  await (await outside(t, gate.mqtt)).see('in-1', '粤A12345');
  const well = await until('the first probe', async () => {
    const text = await doctor();
    return /from outside through/.test(text) && text;
  });
  assert.match(well, /✓ serial +scan-out: .*scanner → \/dev\/pts\/\d+, open in the gate/);
  assert.match(well, /✓ devices +cam-in: heard \d+ s ago; 1 readings/);
  assert.match(well, /✓ faults +none raised/);
  assert.match(well, /✓ tunnel +from outside through 127\.0\.0\.1:\d+ to this gate \(\d+ ms\)/);
  assert.match(well, /✓ +the newest journal file is clean \(\d+ records\)/);
});

test('in Chinese; as JSON in both; with no configuration at all', async (t) => {
  const dir = folder(t);
  const { file } = await siteFile(dir);
  const { out } = await ran(doctorCommand, [file, '--only', 'serial', '--only', 'auth'], 'zh');
  assert.match(out, /✗ serial +scan-out：没有端口 .*\n +→ 检查线和电源/);
  assert.match(out, /1 项正常，0 项需要留意，1 项有问题，0 项不适用/);
  const json = JSON.parse((await ran(doctorCommand, [file, '--json', '--only', 'serial'])).out);
  assert.deepEqual(json.sum, { fine: 0, look: 0, wrong: 1, none: 0 });
  assert.match(json.checks[0].findings[0].what.zh, /没有端口/);
  assert.match(json.checks[0].findings[0].advice.en, /cable and power/);
  const none = await ran(doctorCommand, [join(dir, 'none.yaml'), ...QUICK]);
  assert.equal(none.code, 1);
  assert.match(none.out, /✗ configuration +.*none\.yaml: there is no such file/);
  assert.match(none.out, /– data +needs a configuration that can be used/);
  writeFileSync(file, readFileSync(file, 'utf8').replace('direction: in', 'direction: up'));
  assert.match((await ran(doctorCommand, [file, '--only', 'configuration'])).out, /✗ configuration +.*direction/);
});

test('without root: a healthy site whose secrets are root’s is no mistake, but wants sudo', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('SKIPPED: only root can become somebody else');
  const dir = folder(t);
  const { file } = await siteFile(dir);
  chmodSync(dir, 0o755);
  mkdirSync(join(dir, 'credentials'), { mode: 0o700 });
  writeFileSync(join(dir, 'credentials', 'token'), '0123456789abcdef', { mode: 0o600 });
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace('{ type: none }', '{ type: token, token: { credential: token } }'),
  );
  const only = ['--only', 'configuration'];
  assert.match(
    (await ran(doctorCommand, [file, ...only])).out,
    /✓ configuration .*\n✓ +1 secret\(s\), readable for their owner only/,
  );
  process.seteuid?.(65_534);
  try {
    const { code, out } = await ran(doctorCommand, [file, ...only]);
    assert.equal(code, 0);
    assert.match(out, /! configuration +only root can read the secrets.*\n +→ sudo gatepost doctor /);
  } finally {
    process.seteuid?.(0);
  }
});

test('called wrongly, it says how', async () => {
  for (const [args, says] of [
    [['a.yaml', 'b.yaml'], /"b\.yaml" means nothing here/],
    [['--only', 'disk'], /--only "disk" is no check; there are: program, configuration/],
    [['--fsync-seconds', 'long'], /--fsync-seconds "long" is to be a number of seconds, 0 to 60/],
    [['--fsync-seconds', '61'], /0 to 60/],
  ] as const) {
    const { code, err } = await ran(doctorCommand, args);
    assert.equal(code, 2);
    assert.match(err, says);
  }
  for (const language of ['zh', 'en'] as const) {
    const { code, out } = await ran(doctorCommand, ['--help'], language);
    assert.equal(code, 0);
    for (const name of CHECK_NAMES) assert.ok(out.includes(name), name);
  }
});

test('a clock two hours off, against a server with the right one', async (t) => {
  if (!need(t, 'faketime')) return;
  const dir = folder(t);
  const server = createServer((_, response) => response.writeHead(405).end()).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await until('the server', () => server.listening);
  const address = server.address();
  const { file } = await siteFile(dir, { mallcoo: typeof address === 'object' && address !== null ? address.port : 0 });
  const command = ['faketime', '-f', '-2h', process.execPath, BIN, 'doctor', file, '--only', 'clock'];
  const doctor = program(t, command, { DONT_FAKE_MONOTONIC: '1' });
  assert.equal(await doctor.exited(), 1);
  assert.match(
    doctor.output(),
    /✗ +(7199|7200|7201) s behind the clock of 127\.0\.0\.1:\d+: signatures are refused, and fees are wrong\n +→ let it be set: timedatectl/,
  );
});

test('every fault has its remedy, in both languages and in a line', () => {
  const faults = Object.entries(ERRORS).filter(([, { kind }]) => kind === 'fault');
  assert.deepEqual(Object.keys(REMEDIES).sort(), faults.map(([code]) => code).sort());
  for (const [code, { zh, en }] of Object.entries(REMEDIES)) {
    assert.match(zh, /\p{Script=Han}/u, code);
    assert.ok(en.length <= 120 && zh.length <= 120 && !/[\n。]$/.test(zh), code);
  }
});
