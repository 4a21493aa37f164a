/** The binary at work: cars on a real broker, tickets and arms on real terminals, money through Mallcoo's calls. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { agoMinutes, outside, post, program, running, until } from '../daemon/support.ts';
import { need } from '../need.ts';
import { lay } from './scene.ts';
import { binary, needArm64, packed } from './support.ts';

/** An emulated processor on a busy machine. */
const EMULATED_MS = 120_000;

test('the binary lets cars in and out: by plate, by ticket, and after payment in the app', async (t) => {
  if (!need(t, 'socat') || !need(t, 'mosquitto')) return;
  const wires = await lay(t, true);
  const gate = await running(packed(t, ['run', wires.site]));
  await wires.relayReady();
  const cameras = await outside(t, wires.broker ?? '');

  // Until the daemon has subscribed, mosquitto has nobody to hand the message to.
  await until('the camera to be heard', async () => {
    await cameras.see('cam-in', '粤A12345');
    return gate.output().includes('粤A12345');
  });
  await wires.raised('in');
  wires.scanned('in', '0102030405060708');
  await wires.raised('in');
  wires.scanned('out', '0102030405060708');
  await wires.raised('out');
  await cameras.see('cam-out', '粤A12345');
  await wires.raised('out');

  await cameras.see('cam-in', '粤B67890', agoMinutes(150));
  await cameras.see('cam-out', '粤B67890');
  const asked = await until('the fee of the car that waits', async () => {
    const { resCode, fields } = await post(gate.mallcoo, 'GetParkingPaymentInfo', { plateNo: '粤B67890' });
    return resCode === 0 && fields;
  });
  assert.equal(asked['unPayAmount'], 1500);
  assert.equal(wires.heard(), '', 'nothing rises for a car that owes');
  const { feeId } = asked;
  const notice = { parkId: 'P001', feeId, orderNo: 'A1', amount: 1500, unPayAmount: 1500, payType: 3 };
  assert.equal((await post(gate.mallcoo, 'PayParkingFee', notice)).resCode, 0);
  await wires.raised('out');

  const health = (await (await fetch(`${gate.local}/healthz`)).json()) as Record<string, unknown>;
  assert.deepEqual([health['status'], health['faults'], health['openVisits']], ['ok', [], { P001: 0 }]);
  assert.equal(await gate.end('SIGTERM'), 0, gate.output());
  const [file = ''] = binary();
  const verified = spawnSync(file, ['journal', 'verify', wires.site], { encoding: 'utf8' });
  assert.equal(verified.status, 0, verified.stdout + verified.stderr);
});

test('on arm64 a ticket raises the arm as well', async (t) => {
  if (!needArm64(t) || !need(t, 'socat')) return;
  const wires = await lay(t, false);
  const emulated = program(t, [...binary('arm64'), 'run', wires.site]);
  await until('the emulated gate to be up', () => emulated.output().includes('is up'), EMULATED_MS);
  const gate = await running(emulated);
  await wires.relayReady();
  wires.scanned('in', '0102030405060708');
  await wires.raised('in');
  wires.scanned('out', '0102030405060708');
  await wires.raised('out');
  assert.equal(await gate.end('SIGTERM'), 0, gate.output());
});
