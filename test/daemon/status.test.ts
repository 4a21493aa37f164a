/** The log, `/healthz`, `gatepost status` and the status page in a real browser tell the same of one gate. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fillOutbox, siteFile } from '../cli/outbox-tools.ts';
import { run } from '../devices/support.ts';
import { need } from '../need.ts';
import { fitsThePhone, phone } from './browser.ts';
import { folder, gatepost, outside, running } from './support.ts';
import { healthz, logged, shown, since, status } from './told.ts';

const SCREENSHOT = join(import.meta.dirname, '..', '..', 'docs', 'status-page.png');

/** A Mallcoo that takes its time: what is told to it waits, and is neither taken nor refused. */
async function slowMallcoo(t: TestContext): Promise<number> {
  const held = new Set<Socket>();
  const server = createServer((socket) => {
    held.add(socket.on('error', () => undefined));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of held) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

test('a fault comes and goes: the log, the health, the terminal and the page say the same, and name it as text', async (t) => {
  if (!need(t, 'chromium') || !need(t, 'socat')) return;
  const dir = folder(t);
  const port = join(dir, '<img src=x onerror=alert(1)>13812345678');
  const { file, data } = await siteFile(dir, { scanner: port, mallcoo: await slowMallcoo(t) });
  await fillOutbox(t, data);
  const gate = await running(gatepost(t, ['run', file]));
  await gate.printed('FAULT scan-out');
  const { page, troubles } = await phone(t, gate.local);
  await page.goto(`${gate.local}/?lang=en`);
  await page.locator('.fault').first().waitFor();

  const health = await healthz(gate.local);
  assert.equal(health.status, 'degraded');
  assert.deepEqual(
    health.faults.map(({ code, subject, text }) => [code, subject, text]),
    logged(gate).map(({ code, subject, text }) => [code, subject, text]),
  );
  const [letters, fault] = health.faults;
  assert.ok(letters && fault && health.faults.length === 2, JSON.stringify(health.faults));
  assert.deepEqual([letters.code, fault.code], ['NOTICE_DEAD', 'PORT_GONE']);
  assert.match(fault.text, /<img src=x onerror=alert\(1\)>138\*\*\*\*5678/);
  const head = `NOTICE_DEAD P001 since ${since(letters)}`;
  assert.deepEqual(await shown(page), [
    [head, letters.text],
    [`PORT_GONE scan-out since ${since(fault)}`, fault.text],
  ]);
  assert.equal(await page.locator('#state').textContent(), '2 fault(s)');
  assert.match(await page.locator('#outbox').innerText(), /P001\s+3\s+(\S+ )?\S+ \(2 h \d+ min\)\s+2\s/);
  assert.equal(await page.locator('main img').count(), 0);
  const told = await status(t, file);
  assert.equal(told.code, 1);
  assert.ok(told.output.includes(`\n✗ PORT_GONE scan-out  since ${since(fault)} (`), told.output);
  assert.ok(told.output.includes(`\n    ${fault.text}\n`), told.output);
  assert.match(told.output, /\nfor Mallcoo P001: 3 wait, the oldest for 2 h.*; 2 dead {2}→ gatepost outbox\n/);
  assert.deepEqual(JSON.parse((await status(t, gate.local, '--json')).output).faults, health.faults);

  const [near, far] = [join(dir, 'near'), join(dir, 'far')];
  run(t, 'socat', [`pty,raw,echo=0,link=${near}`, `pty,raw,echo=0,link=${far}`]);
  symlinkSync(near, port);
  await gate.printed('CLEARED scan-out');
  assert.deepEqual(
    logged(gate).map(({ code }) => code),
    ['NOTICE_DEAD'],
  );
  assert.equal(await gatepost(t, ['outbox', 'drop', '--all', '--reason', 'a test', file]).exited(), 0);
  await gate.printed('CLEARED P001');
  assert.deepEqual(logged(gate), []);
  assert.deepEqual((await healthz(gate.local)).faults, []);
  const well = await status(t, file);
  assert.deepEqual([well.code, /^gatepost \S+: ok, up since /.test(well.output)], [0, true], well.output);
  await page.locator('header.ok').waitFor();
  assert.deepEqual(await shown(page), []);
  assert.deepEqual(troubles, []);
});

test('a gate that is killed: the page and the terminal say plainly that it does not answer; the page finds it again', async (t) => {
  if (!need(t, 'chromium')) return;
  const { file } = await siteFile(folder(t), { mallcoo: await slowMallcoo(t) });
  const gate = await running(gatepost(t, ['run', file]));
  const { page } = await phone(t, gate.local);
  await page.goto(`${gate.local}/?lang=zh`);
  await page.locator('#about p').first().waitFor();
  assert.ok(await page.locator('#lost').isHidden());
  await gate.end('SIGKILL');
  await page.locator('#lost').waitFor();
  assert.match(await page.locator('#lost').innerText(), /^网关没有应答！以下是 \d{4}-.* 的状态，可能已经过时。/);
  assert.equal(await page.locator('#state').textContent(), '网关没有应答！');
  const told = await status(t, file);
  assert.equal(told.code, 2);
  assert.match(
    told.output,
    /the gate does not answer; start it: systemctl start gatepost, or gatepost run \S+site\.yaml/,
  );
  await running(gatepost(t, ['run', file]));
  await page.locator('header.degraded').waitFor();
  assert.ok(await page.locator('#lost').isHidden());
});

test('on a phone, in the language of the log or of the address, the lanes show what they last did', async (t) => {
  if (!need(t, 'chromium')) return;
  const options = { scanner: '/dev/gatepost/scanner-out', mallcoo: await slowMallcoo(t), probed: true };
  const { file, data } = await siteFile(folder(t), options);
  await fillOutbox(t, data);
  const gate = await running(gatepost(t, ['run', file]));
  await (await outside(t, gate.mqtt)).see('in-1', '粤A12345');
  await gate.printed('粤A12345');
  const { page, troubles } = await phone(t, gate.local);
  await page.getByText(/^the way in: up, probed \d+ s ago in \d+ ms \(http/).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await fitsThePhone(page);
  await page.getByRole('link', { name: '中文' }).click();
  await page.getByRole('heading', { name: '江湾商场' }).waitFor();
  assert.match(
    await page.locator('#parks').innerText(),
    /P001, 在场 6 辆[\s\S]*in-1 \(入口\)\s+进场 (\S+ )?\d\d:\d\d:\d\d/,
  );
  assert.match(
    await page.locator('#reach').innerText(),
    /\n隧道：通（http:\/\/127\.0\.0\.1:\d+，\d+ ms，\d+ 秒前）\s+互联网：通$/,
  );
  const figures = await page.locator('#figures').innerText();
  assert.match(
    figures,
    /\nP001：最近一小时进 1 辆，出 0 辆\s+从识别或缴费到写盘完成：一般 [\d.]+ ms，最慢 [\d.]+ ms\s+写盘：一般 /,
  );
  assert.match(await page.locator('#notices').innerText(), /\nP001：启动以来已送达 0 条$/);
  assert.match(await page.locator('#devices').innerText(), /cam-in\s+OK\s+1\s+0\s+0[\s\S]*scan-out\s+PORT_GONE/);
  assert.ok(!(await page.content()).includes('粤A12345'), 'whoever looks on need not know who parks here');
  await fitsThePhone(page);
  assert.deepEqual(troubles, []);
  if (process.env['UPDATE_SCREENSHOT'] === '1') await page.screenshot({ path: SCREENSHOT, fullPage: true });
});

test('the page needs nothing but itself, and old browsers can read its script', async (t) => {
  const { file } = await siteFile(folder(t));
  const gate = await running(gatepost(t, ['run', file]));
  const response = await fetch(gate.local);
  const text = await response.text();
  const policy = response.headers.get('content-security-policy') ?? '';
  assert.match(policy, /^default-src 'none'; script-src 'sha256-\S+'; style-src 'sha256-\S+'; connect-src 'self'; /);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(text, /(src|href)="(?!data:|\?lang=|healthz)/);
  const script = /<script>([\s\S]*?)<\/script>/.exec(text)?.[1] ?? '';
  assert.ok(script.length > 1_000);
  for (const young of [/=>/, /`/, /\b(const|let|class|async|await)\b/, /\.\.\./, /\?\?/, /\?\./, /\bfetch\(/]) {
    assert.doesNotMatch(script, young);
  }
  assert.doesNotMatch(script, /innerHTML\s*=(?!=)|insertAdjacentHTML|document\.write|\beval\b/);
});

test('gatepost status --watch goes on until it is asked to end, and tells when the gate has gone', async (t) => {
  const { file } = await siteFile(folder(t));
  const gate = await running(gatepost(t, ['run', file]));
  await gate.printed('FAULT scan-out');
  const watching = gatepost(t, ['status', file, '--watch', '--language', 'zh']);
  await watching.printed('1 个故障');
  assert.match(watching.output(), /停车场 P001 {2}江湾商场: 在场 0 辆\n {2}in-1 {7}入口 {2}-\n/);
  await gate.end('SIGTERM');
  await watching.printed('网关没有回答');
  assert.equal(await watching.end('SIGINT'), 2);
});

for (const [name, args, told] of [
  ['no gate', ['site.txt'], '"site.txt" is no configuration file (.yaml) and no address such as http://127.0.0.1:8081'],
  ['too much', ['a.yaml', 'b.yaml'], '"b.yaml" means nothing here'],
  ['a zone', ['--zone', 'Mars'], 'is no time zone'],
] as const) {
  test(`status called wrongly (${name}) says how`, async (t) => {
    const { code, output } = await status(t, ...args);
    assert.deepEqual(
      [code, output.includes(told), output.includes('Try: gatepost status --help')],
      [2, true, true],
      output,
    );
  });
}
