/** A day at a gate whose log is in Chinese: the log, the health and the page, each in its reader's language. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { letOutCommand } from '../../src/cli/let-out.ts';
import { mallcooCommand } from '../../src/cli/mallcoo.ts';
import { outboxCommand } from '../../src/cli/outbox.ts';
import { reloadCommand } from '../../src/cli/reload.ts';
import { statusCommand } from '../../src/cli/status.ts';
import { assertChinese, assertNoEnglish } from '../chinese.ts';
import { ran } from '../cli/ran.ts';
import { need } from '../need.ts';
import { phone } from './browser.ts';
import { agoMinutes, folder, gatepost, outside, post, running } from './support.ts';
import { healthz } from './told.ts';

function siteFile(dir: string): string {
  const file = join(dir, 'site.yaml');
  writeFileSync(join(dir, 'standard.yaml'), 'name: 标准\nversion: 1\nfree: 15 min\nprice: 5 per hour\n');
  writeFileSync(
    file,
    `data: ${join(dir, 'data')}
log: { language: zh }
mallcoo: { listen: "127.0.0.1:0" }
local: { listen: "127.0.0.1:0" }
mqtt: { listen: "127.0.0.1:0", anonymous: true }
tariffs: { standard: standard.yaml }
parks:
  - id: P001
    name: 江湾商场
    tariff: standard
    mallcoo: { auth: { type: none } }
    lanes:
      - { id: in-1, direction: in, readers: [cam-in], barrier: { device: cam-in, output: 0 } }
      - { id: out-1, direction: out, readers: [cam-out, scan-out], barrier: { device: cam-out, output: 0 } }
devices:
  - { id: cam-in, driver: vzenith-mqtt, options: { sn: cam-in } }
  - { id: cam-out, driver: vzenith-mqtt, options: { sn: cam-out } }
  - { id: scan-out, driver: serial-scanner, port: ${join(dir, 'no-port')} }
`,
  );
  return file;
}

/** The words of a line of the log: without the time, the lane, the fields and the code. */
function wordsOf(line: string): string {
  const [, rest = ''] = /^\S+ \S+ [ !✗] \S+ +(.*)$/.exec(line) ?? [];
  return rest.replace(/ [a-z]\w*=.*$/i, '').replace(/ \[[A-Z_]+\].*$/, '');
}

test('a car comes, is held, pays and leaves, while a port is gone: all of it is told in Chinese', async (t) => {
  if (!need(t, 'chromium')) return;
  const file = siteFile(folder(t));
  const gate = await running(gatepost(t, ['run', file]));
  const site = await outside(t, gate.mqtt);
  await gate.printed('故障 scan-out');
  await site.see('cam-in', '粤A12345', agoMinutes(150));
  await gate.printed('进场（补传');
  await site.see('cam-out', '粤A12345');
  await gate.printed('拦停：未缴费');
  const asked = await post(gate.mallcoo, 'GetParkingPaymentInfo', { plateNo: '粤A12345' });
  const { feeId, unPayAmount } = asked.fields;
  const payTime = '2026-11-22 10:00:00';
  await post(gate.mallcoo, 'PayParkingFee', { parkId: 'P001', feeId, orderNo: 'A1', amount: unPayAmount, payTime });
  await gate.printed('已缴费，已结清');
  await gate.printed('离场');
  // No camera answers here.
  await gate.printed('故障 out-1：抬杆指令没有应答，请到现场查看道闸 [BARRIER_UNCERTAIN]');
  await site.client.publishAsync('device/cam-in/message/up/ivs_result', 'not JSON', { qos: 1 });
  await gate.printed('不是 JSON');

  const english = await healthz(`${gate.local}`, 'en');
  const chinese = await healthz(`${gate.local}`, 'zh');
  assert.deepEqual(await healthz(gate.local), chinese, 'where nobody says, it is the language of the log');
  assert.deepEqual(
    english.faults.map(({ code, since }) => [code, since]),
    chinese.faults.map(({ code, since }) => [code, since]),
  );
  const texts = (told: typeof english, code: string): string =>
    told.faults.find((one) => one.code === code)?.text ?? '';
  assert.match(texts(english, 'PORT_GONE'), /^the serial port cannot be used: .*No such file or directory/);
  assert.match(texts(chinese, 'PORT_GONE'), /^串口无法使用：.*no-port：设备不存在/);

  const { page } = await phone(t, gate.local);
  for (const [language, told] of [
    ['zh', chinese],
    ['en', english],
  ] as const) {
    await page.goto(`${gate.local}/?lang=${language}`);
    await page.locator('.fault').first().waitFor();
    const shown = (await page.locator('.fault p:last-child').allTextContents()).toSorted();
    assert.deepEqual(shown, told.faults.map(({ text }) => text).toSorted());
  }

  const second = gatepost(t, ['run', file], { GATEPOST_LANGUAGE: 'zh' });
  assert.equal(await second.exited(), 1);
  assert.match(
    second.output(),
    new RegExp(`无法启动：数据文件夹 .* 正被另一个 Gatepost 使用（进程 ${gate.pid}）：请先停止它`),
  );

  assert.equal(await gate.end('SIGTERM'), 0);
  const lines = gate.output().trim().split('\n');
  assert.ok(lines.length > 12, gate.output());
  for (const line of lines) assertChinese(wordsOf(line) || line);
  assert.match(gate.output(), / ! out-1 +粤A12345 +拦停：未缴费 due=¥\d+\.00 /, 'the names of fields stay as they are');
});

/** What is typed into a terminal as it stands. */
const TYPED = /^ {2}(mosquitto_pub|curl|\S*gatepost|node) /;

test('the demo in Chinese: its story, its log and how to go on; and the commands that ask a gate', async (t) => {
  const gate = await running(gatepost(t, ['demo', '--port-base', '0', '--data', folder(t), '--language', 'zh']));
  await gate.printed('Ctrl-C 结束演示');
  assert.match(gate.output(), / 1\. \S+ 到 in-1：相机 → MQTT → 网关 → 日志账本 → 抬杆 ···/);
  assert.match(gate.output(), / 9\. 粤\S+ 在免费时间内离场：抬杆 ···/);

  const [status, outbox, reload] = [
    await ran(statusCommand, [gate.local], 'zh'),
    await ran(outboxCommand, [gate.local], 'zh'),
    await ran(reloadCommand, [gate.local], 'zh'),
  ];
  assert.match(status.out, /一切正常.*\n停车场 P001/);
  const held = await ran(letOutCommand, ['out-1', '--reason', '已出示付款', '--url', gate.local], 'zh');
  assert.deepEqual(
    [held.code, held.err],
    [1, 'gatepost let-out: 车道 out-1 没有被拦停的车辆，未抬杆 [NOBODY_WAITS]\n'],
  );
  const english = await ran(letOutCommand, ['out-1', '--reason', 'paid', '--url', gate.local], 'en');
  assert.match(english.err, /: no vehicle is held at out-1: the arm was not raised \[/, 'the reader’s language counts');
  const unknown = await ran(outboxCommand, ['retry', '99.9', gate.local], 'zh');
  assert.deepEqual([unknown.code, unknown.err], [1, 'gatepost outbox: 没有这样的通知：99.9\n']);
  const check = await ran(mallcooCommand, ['check', gate.mallcoo], 'zh');
  assert.match(check.out, /\n通过 26，不通过 0，跳过 22；调用 \d+ 次，/);

  assert.equal(await gate.end('SIGTERM'), 0);
  for (const text of [status, outbox, reload, check].flatMap(({ out, err }) => [out, err])) {
    for (const line of text.split('\n')) assertNoEnglish(line);
  }
  for (const line of gate.output().split('\n')) {
    if (TYPED.test(line)) continue;
    const words = wordsOf(line);
    if (words === '') assertNoEnglish(line);
    else assertChinese(words);
  }
});
