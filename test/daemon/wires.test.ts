/** The daemon on wires that are not its own: serial lines, and another broker. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { need } from '../need.ts';
import { folder, gatepost, outside, post, running, until } from './support.ts';

/** A cable: two ends of a pty pair. */
async function cable(
  t: TestContext,
  dir: string,
  name: string,
): Promise<{ readonly near: string; readonly far: string }> {
  const near = join(dir, name);
  const far = join(dir, `${name}-far`);
  const socat: ChildProcess = spawn('socat', [`pty,raw,echo=0,link=${near}`, `pty,raw,echo=0,link=${far}`], {
    stdio: 'ignore',
  });
  t.after(() => socat.kill());
  await until('the cable', () => existsSync(near) && existsSync(far));
  return { near, far };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const TARIFFS = `tariffs: { standard: ${join(import.meta.dirname, '..', '..', 'docs', 'tariffs', 'plain.yaml')} }`;

test('a ticket at a scanner raises the arm on a relay, and the arm comes down again', async (t) => {
  if (!need(t, 'socat')) return;
  const dir = folder(t);
  const [scanner, relay] = [await cable(t, dir, 'scanner'), await cable(t, dir, 'relay')];
  const site = join(dir, 'site.yaml');
  writeFileSync(
    site,
    `data: ${join(dir, 'data')}
mallcoo: { listen: "127.0.0.1:0" }
local: { listen: "127.0.0.1:0" }
mqtt: { listen: "127.0.0.1:0" }
${TARIFFS}
parks:
  - id: P001
    name: Serial
    tariff: standard
    mallcoo: { auth: { type: none } }
    lanes: [{ id: in-1, direction: in, readers: [scan-in], barrier: { device: relay, output: 1 } }]
devices:
  - { id: scan-in, driver: serial-scanner, port: ${scanner.near} }
  - { id: relay, driver: lcus-relay, port: ${relay.near} }
`,
  );
  let heard = '';
  const listening = createReadStream(relay.far).on('data', (chunk) => (heard += Buffer.from(chunk).toString('hex')));
  // The pty's end is the test's own; it goes with socat.
  listening.on('error', () => undefined);
  const gate = await running(gatepost(t, ['run', site]));
  await until('the relay to be put off at the start', () => heard.includes('a00100a1'));
  heard = '';
  const line = createWriteStream(scanner.far);
  line.write('\x000102030405060708\r\n');
  line.end(']Q10102030405060709\r\n');
  await until('on, and off again', () => heard.includes('a00101a2') && heard.endsWith('a00100a1'));
  const asked = await post(gate.mallcoo, 'GetParkingPaymentInfo', { barcode: '0102030405060709' });
  assert.equal(asked.resCode, 0, gate.output());
  assert.equal(await gate.end('SIGTERM'), 0);
});

test('with another broker: a car drives in through mosquitto, and a token guards the calls, under the site’s own paths', async (t) => {
  if (!need(t, 'mosquitto')) return;
  const dir = folder(t);
  const port = await freePort();
  const conf = join(dir, 'mosquitto.conf');
  writeFileSync(conf, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
  const mosquitto = spawn('mosquitto', ['-c', conf], {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
  });
  t.after(() => mosquitto.kill());
  const site = join(dir, 'site.yaml');
  writeFileSync(
    site,
    `data: ${join(dir, 'data')}
log: { format: json }
mallcoo: { listen: "127.0.0.1:0", language: en, basePath: /parking, paths: { info: fee/ask } }
local: { listen: "127.0.0.1:0" }
mqtt: { broker: "mqtt://127.0.0.1:${port}" }
${TARIFFS}
parks:
  - id: P001
    name: Mosquitto
    tariff: standard
    mallcoo: { auth: { type: token, token: { env: MALLCOO_TOKEN } } }
    lanes: [{ id: in-1, direction: in, readers: [cam], barrier: { device: cam, output: 0 } }]
devices:
  - { id: cam, driver: vzenith-mqtt, options: { sn: cam } }
`,
  );
  const token = '0123456789abcdef0123456789abcdef';
  const program = gatepost(t, ['run', site], { MALLCOO_TOKEN: token });
  await program.printed('is up');
  const ports =
    program
      .output()
      .split('\n')
      .find((line) => line.includes('is up')) ?? '{}';
  const { fields } = JSON.parse(ports) as { fields: { mallcoo: number } };
  const site1 = await until('the broker', () => outside(t, `mqtt://127.0.0.1:${port}`).catch(() => undefined));
  // Until the daemon has subscribed, mosquitto has nobody to hand the message to.
  await until('the pulse through mosquitto', async () => {
    await site1.see('cam', '粤A12345');
    return site1.orders.find(({ topic }) => topic === 'device/cam/message/down/gpio_out');
  });
  const base = `http://127.0.0.1:${fields.mallcoo}`;
  const without = await post(base, 'parking/fee/ask', { plateNo: '粤A12345' });
  assert.deepEqual([without.status, without.resCode], [401, 1]);
  const withToken = await post(base, `Parking/Fee/Ask?token=${token}`, { plateNo: '粤A12345' });
  assert.deepEqual([withToken.status, withToken.resCode], [200, 0]);
  assert.ok(!program.output().includes(token), 'a token never stands in the log');
  assert.equal(await program.end('SIGTERM'), 0);
});
