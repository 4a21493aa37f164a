/** The site on the box: its configuration, and a car at its lanes, as seen from outside. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Answer, agoMinutes, outside, post, type Running, until } from '../daemon/support.ts';

export const TOKEN = 'a-token-that-mallcoo-knows-0123456789';

const SITE = `data: /var/lib/gatepost
mallcoo: { listen: "127.0.0.1:0" }
local: { listen: "127.0.0.1:0" }
mqtt: { broker: embedded, listen: "127.0.0.1:0", anonymous: true }
tariffs: { standard: prices.yaml }
parks:
  - id: P001
    name: Mall
    zone: Asia/Shanghai
    tariff: standard
    mallcoo: { auth: { type: token, token: { credential: mallcoo-token } } }
    lanes:
      - { id: in-1, direction: in, readers: [cam-in], barrier: { device: cam-in, output: 0 } }
      - { id: out-1, direction: out, readers: [cam-out], barrier: { device: cam-out, output: 0 } }
devices:
  - { id: cam-in, driver: vzenith-mqtt, options: { sn: cam-in } }
  - { id: cam-out, driver: vzenith-mqtt, options: { sn: cam-out } }
`;
const PRICES = 'name: Mall\nversion: "2026"\nfree: 15 min\nprice: 5 per hour\ncap: 50 per day\n';

export const CONFIG = 'etc/gatepost/gatepost.yaml';
export const PRICE_SHEET = 'etc/gatepost/prices.yaml';

/** Writes what the technician writes, or "gatepost init" for him. */
export function configure(root: string): void {
  writeFileSync(join(root, CONFIG), SITE);
  writeFileSync(join(root, PRICE_SHEET), PRICES);
  mkdirSync(join(root, 'etc/gatepost/credentials'), { recursive: true, mode: 0o700 });
  writeFileSync(join(root, 'etc/gatepost/credentials/mallcoo-token'), `${TOKEN}\n`, { mode: 0o600 });
}

export type Gate = Pick<Running, 'mallcoo' | 'mqtt'>;

/** A car that has been inside for so long. */
export async function enter(t: TestContext, gate: Gate, plate: string, minutes: number): Promise<void> {
  const site = await outside(t, gate.mqtt);
  await site.see('cam-in', plate, agoMinutes(minutes));
  await site.client.endAsync(true);
  assert.equal((await ask(gate, plate)).resCode, 0);
}

export function ask(gate: Gate, plateNo: string): Promise<Answer> {
  return post(gate.mallcoo, 'GetParkingPaymentInfo', { parkId: 'P001', plateNo }, { 'x-token': TOKEN });
}

/** Pays what is due, and drives out: the arm rises. @returns what was paid, in 分. */
export async function payAndLeave(t: TestContext, gate: Gate, plate: string, orderNo: string): Promise<unknown> {
  const { fields } = await ask(gate, plate);
  const amount = fields['unPayAmount'];
  const notice = { parkId: 'P001', feeId: fields['feeId'], orderNo, amount, unPayAmount: amount, payType: 3 };
  assert.equal((await post(gate.mallcoo, 'PayParkingFee', notice, { 'x-token': TOKEN })).resCode, 0);
  const site = await outside(t, gate.mqtt);
  await site.see('cam-out', plate);
  await until('the exit arm', () => site.orders.find(({ topic }) => topic.includes('cam-out')));
  await site.client.endAsync(true);
  assert.equal((await ask(gate, plate)).resCode, 1, 'it has left');
  return amount;
}
