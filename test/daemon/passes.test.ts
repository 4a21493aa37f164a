/** Passes at the real gate: who has one drives in and out and pays nothing, also while no payment can reach the gate. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DAY, formatLocal, instant, zoneOf } from '../../src/core/time.ts';
import { freePort } from '../devices/support.ts';
import { agoMinutes, folder, gatepost, outside, post, running, until } from './support.ts';

const SHEET = join(import.meta.dirname, '..', '..', 'docs', 'tariffs', 'plain.yaml');
const ZONE = zoneOf('Asia/Shanghai');

/** A day so many days from today, by the park's clock. */
const day = (days: number): string => formatLocal(instant(Date.now() + days * DAY), ZONE).slice(0, 10);

/** A gate whose passes are these; nothing listens at its public address, so its line is found to be down. */
async function site(t: TestContext, passes: string): Promise<string> {
  const dir = folder(t);
  const file = join(dir, 'site.yaml');
  writeFileSync(join(dir, 'passes.csv'), passes);
  writeFileSync(
    file,
    `data: ${join(dir, 'data')}
mallcoo: { listen: "127.0.0.1:0" }
tunnel: { publicUrl: "http://127.0.0.1:${await freePort()}", probeSeconds: 10, probeTimeoutSeconds: 1 }
internet: { check: ["127.0.0.1:${await freePort()}"] }
local: { listen: "127.0.0.1:0" }
mqtt: { listen: "127.0.0.1:0", anonymous: true }
tariffs: { standard: ${SHEET} }
parks:
  - id: P001
    name: 江湾商场
    tariff: standard
    passes: passes.csv
    mallcoo: { auth: { type: none } }
    lanes:
      - { id: in-1, direction: in, readers: [in-1], barrier: { device: in-1, output: 0 } }
      - { id: out-1, direction: out, readers: [out-1], barrier: { device: out-1, output: 0 }, whenLineDown: operator }
devices:
  - { id: in-1, driver: vzenith-mqtt, options: { sn: in-1 } }
  - { id: out-1, driver: vzenith-mqtt, options: { sn: out-1 } }
`,
  );
  return file;
}

test('who has a pass leaves without a payment, with the line up and down; whose pass has ended is held', async (t) => {
  const last = day(3);
  const table = `车牌,开始,结束,类型
粤A10001,${day(-30)},${last},月卡
粤A10002,,,白名单
粤A10003,${day(-60)},${day(-30)},月卡
`;
  const gate = await running(gatepost(t, ['run', await site(t, table)]));
  const camera = await outside(t, gate.mqtt);
  const arms = (sn: string): number => camera.orders.filter(({ topic }) => topic.startsWith(`device/${sn}/`)).length;
  for (const plate of ['粤A10001', '粤A10002', '粤A10003']) await camera.see('in-1', plate, agoMinutes(150));

  const asked = await post(gate.mallcoo, 'GetParkingPaymentInfo', { parkId: 'P001', plateNo: '粤A10001' });
  const { totalAmount, unPayAmount, parkingMinutes } = asked.fields;
  assert.deepEqual([asked.resCode, totalAmount, unPayAmount], [0, 0, 0]);
  assert.ok(Number(parkingMinutes) >= 150);

  await camera.see('out-1', '粤A10001');
  await until('the arm for the monthly pass', () => arms('out-1') === 1);
  await gate.printed(`pass monthly until ${last} ¥0.00`);
  // It came two and a half hours ago: that may have been yesterday.
  assert.match(gate.output(), new RegExp(`entered at .*pass=monthly until ${last} \\(ends in [45] days\\)`));
  assert.match(gate.output(), /entered at .*pass=free/);

  // Three probes have failed: from here on no payment can come, and the exit does as its rule says.
  await until('the line is down', () => gate.output().includes('the line is down'), 120_000);
  await camera.see('out-1', '粤A10003');
  await gate.printed('held: no payment has come, and the line is down');
  assert.equal(arms('out-1'), 1);
  await camera.see('out-1', '粤A10002');
  await until('the arm for the whitelist', () => arms('out-1') === 2);
  assert.doesNotMatch(gate.output(), /let out: the line is down/);
  assert.match(gate.output(), /left fee=¥0\.00 paid=¥0\.00 .*why=sheet .*; pass free ¥0\.00/);
});
