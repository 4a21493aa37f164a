/** The real program reads its configuration again while cars pass: SIGHUP, `gatepost reload`, good files and bad ones. */
import assert from 'node:assert/strict';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { formatLocal, instant, zoneOf } from '../../src/core/time.ts';
import { demoConfig } from '../../src/demo/config.ts';
import { agoMinutes, folder, gatepost, outside, post, type Running, running, until } from './support.ts';

interface Place {
  readonly dir: string;
  readonly file: string;
  /** Writes the price sheet anew. */
  sheet(version: string, price: string): void;
}

function place(t: TestContext): Place {
  const dir = folder(t);
  const file = join(dir, 'site.yaml');
  const sheet = (version: string, price: string): void =>
    writeFileSync(join(dir, 'demo-sheet.yaml'), `name: Demo\nversion: "${version}"\nprice: ${price}\n`);
  sheet('1', '5 per hour');
  writeFileSync(file, demoConfig({ portBase: 0, data: join(dir, 'data') }));
  return { dir, file, sheet };
}

async function faultsOf({ local }: Running): Promise<readonly string[]> {
  const { faults } = (await (await fetch(`${local}/healthz`)).json()) as { faults: { code: string }[] };
  return faults.map(({ code }) => code);
}

const due = async ({ mallcoo }: Running, plateNo: string): Promise<unknown> =>
  (await post(mallcoo, 'GetParkingPaymentInfo', { plateNo })).fields['unPayAmount'];

const nowText = (): string => formatLocal(instant(Date.now()), zoneOf('Asia/Shanghai'));

/** How often a text has been printed. */
const times = (gate: Running, text: string): number => gate.output().split(text).length - 1;

test('SIGHUP brings other prices for the next quote; what was shown or paid before stays', async (t) => {
  const { file, sheet } = place(t);
  const gate = await running(gatepost(t, ['run', file]));
  const site = await outside(t, gate.mqtt);
  for (const plate of ['粤A11111', '粤A22222', '粤A33333']) await site.see('demo-in-1', plate, agoMinutes(90));
  const pay = (plateNo: string, orderNo: string) =>
    post(gate.mallcoo, 'PayParkingFee', {
      plateNo,
      orderNo,
      payTime: nowText(),
      unPayAmount: 1000,
      amount: 1000,
      payType: 3,
    });
  const leaves = async (plate: string): Promise<void> => {
    const before = site.orders.length;
    await site.see('demo-out-1', plate);
    await until(`the arm to rise for ${plate}`, () => site.orders.length > before);
  };
  assert.equal((await pay('粤A11111', 'O1')).resCode, 0);
  assert.equal(await due(gate, '粤A22222'), 1000);

  sheet('2', '8 per hour');
  gate.signal('SIGHUP');
  await gate.printed('reloaded: park P001: price sheet Demo 1 → Demo 2');
  assert.equal(await due(gate, '粤A33333'), 1600);
  assert.equal(await due(gate, '粤A11111'), 0, 'paid before, by the price of then');
  await leaves('粤A11111');
  assert.equal((await pay('粤A22222', 'O2')).resCode, 0, 'shown 10 yuan a moment ago');
  await leaves('粤A22222');
  assert.doesNotMatch(gate.output(), /UNDERPAID|uncollected/);
  assert.deepEqual(await faultsOf(gate), []);
  assert.equal(await gate.end('SIGTERM'), 0);
});

test('SIGHUP brings passes, tells whose have changed, and takes them away again', async (t) => {
  const { dir, file } = place(t);
  const passes = (...plates: readonly string[]): void =>
    writeFileSync(join(dir, 'passes.csv'), ['plate,kind', ...plates.map((plate) => `${plate},free`), ''].join('\n'));
  passes('粤A99999');
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace('tariff: standard', 'tariff: standard\n    passes: passes.csv'),
  );
  const gate = await running(gatepost(t, ['run', file]));
  const site = await outside(t, gate.mqtt);
  await site.see('demo-in-1', '粤A11111', agoMinutes(90));
  assert.equal(await due(gate, '粤A11111'), 1000);
  passes('粤A11111');
  gate.signal('SIGHUP');
  await gate.printed('reloaded: park P001: passes 1 added (粤A11111), 1 removed (粤A99999)');
  assert.equal(await due(gate, '粤A11111'), 0);
  passes();
  gate.signal('SIGHUP');
  await gate.printed('passes 1 removed (粤A11111)');
  assert.equal(await due(gate, '粤A11111'), 1000);
});

test('a file with mistakes changes nothing and raises a fault until a good one comes', async (t) => {
  const { dir, file, sheet } = place(t);
  const gate = await running(gatepost(t, ['run', file]));
  const site = await outside(t, gate.mqtt);
  await site.see('demo-in-1', '粤A11111', agoMinutes(90));

  sheet('2', '8 per decade');
  gate.signal('SIGHUP');
  await gate.printed('demo-sheet.yaml:3:');
  await gate.printed('[RELOAD_REFUSED]');
  await until('the fault', async () => (await faultsOf(gate)).includes('RELOAD_REFUSED'));
  assert.equal(await due(gate, '粤A11111'), 1000);

  renameSync(file, join(dir, 'away.yaml'));
  gate.signal('SIGHUP');
  await gate.printed('there is no such file');
  assert.deepEqual(await faultsOf(gate), ['RELOAD_REFUSED']);

  renameSync(join(dir, 'away.yaml'), file);
  sheet('1', '5 per hour # nothing else');
  gate.signal('SIGHUP');
  await gate.printed('reloaded: nothing changed');
  await gate.printed('CLEARED');
  assert.deepEqual(await faultsOf(gate), []);
  assert.equal(await due(gate, '粤A11111'), 1000);
});

test('what needs a restart is named and stays; gatepost reload tells the same', async (t) => {
  const { file, sheet } = place(t);
  const gate = await running(gatepost(t, ['run', file]));
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, `${text.replace('direction: out,', 'direction: out, dedupeSeconds: 7,')}gateway: { batch: 9 }\n`);
  sheet('1', '6 per hour');
  const told = gatepost(t, ['reload', gate.local]);
  assert.equal(await told.exited(), 0);
  assert.match(told.output(), /park P001: other prices under the same version Demo 1/);
  assert.match(told.output(), /^parks\[0\]\.lanes\[1\]\.dedupeSeconds has changed: it needs a restart$/m);
  assert.match(told.output(), /^gateway\.batch has changed: it needs a restart$/m);
  await gate.printed('gateway.batch has changed: it needs a restart');

  sheet('1', '');
  const refused = gatepost(t, ['reload', gate.local]);
  assert.equal(await refused.exited(), 1);
  assert.match(refused.output(), /demo-sheet\.yaml:3.*\n(.*\n)*gatepost reload: nothing has changed/);
  assert.equal(await gate.end('SIGTERM'), 0);
  const gone = gatepost(t, ['reload', gate.local]);
  assert.equal(await gone.exited(), 2);
});

test('reloads among passing cars cost none of them anything', async (t) => {
  const { file, sheet } = place(t);
  const gate = await running(gatepost(t, ['run', file]));
  const site = await outside(t, gate.mqtt);
  let version = 1;
  let passed = 0;
  const cars = (async () => {
    for (; version < 12; passed += 1)
      await site.see('demo-in-1', `粤B${String(passed).padStart(5, '0')}`, agoMinutes(1));
  })();
  for (version = 2; version < 12; version += 1) {
    sheet(String(version), `${version} per hour`);
    gate.signal('SIGHUP');
    await gate.printed(`→ Demo ${version}`);
  }
  await cars;
  await until('a line for each car', () => times(gate, ' entered ') === passed);
  const { openVisits } = (await (await fetch(`${gate.local}/healthz`)).json()) as { openVisits: { P001: number } };
  assert.equal(openVisits.P001, passed);
  assert.deepEqual(await faultsOf(gate), []);
  assert.equal(await gate.end('SIGTERM'), 0);
});

test('SIGHUP while the gate starts does not end it', async (t) => {
  const { file } = place(t);
  const program = gatepost(t, ['run', file]);
  // Until the program has a handler, the signal ends any process: systemd sends none before the gate is up.
  await until('a handler for SIGHUP', () => {
    const caught = /^SigCgt:\t([0-9a-f]+)$/m.exec(readFileSync(`/proc/${program.pid}/status`, 'utf8'))?.[1] ?? '0';
    return (BigInt(`0x${caught}`) & 1n) === 1n;
  });
  for (let count = 0; count < 5; count += 1) program.signal('SIGHUP');
  const gate = await running(program);
  gate.signal('SIGHUP');
  await gate.printed('reloaded: nothing changed');
  assert.equal(await gate.end('SIGTERM'), 0);
});
