/** `/metrics` of the real program: what moved is what happened, and every tool and page reads the same names. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { METRICS } from '../../src/ops/metrics/catalog.ts';
import { siteFile } from '../cli/outbox-tools.ts';
import { run } from '../devices/support.ts';
import { need } from '../need.ts';
import { type Exposition, moved, readExposition } from '../ops/metrics/exposition.ts';
import { agoMinutes, demo, folder, gatepost, outside, post, running, until } from './support.ts';

async function scrape(local: string): Promise<Exposition & { readonly text: string }> {
  const response = await fetch(`${local}/metrics`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  const text = await response.text();
  return { ...readExposition(text), text };
}

/** What hangs on how the disk groups commands, and on what devices say by themselves. */
const OWN_PACE = /^(process_|nodejs_|gatepost_(batch|journal|snapshot)_|gatepost_device_messages)/;

test('a car comes, is held, pays, pays again, leaves; another owes and is let out: exactly their series move', async (t) => {
  const gate = await demo(t, folder(t));
  const site = await outside(t, gate.mqtt);
  const empty = await scrape(gate.local);
  await site.see('demo-in-1', '粤A12345', agoMinutes(150));
  await site.see('demo-in-1', '粤B54321');
  await site.see('demo-in-1', '粤C99999', agoMinutes(150));
  const asked = await post(gate.mallcoo, 'GetParkingPaymentInfo', { parkId: 'P001', plateNo: '粤A12345' });
  const present = await scrape(gate.local);
  await site.see('demo-out-1', '粤A12345');
  await site.see('demo-out-1', '粤A12345');
  const held = await scrape(gate.local);
  const notice = { parkId: 'P001', feeId: asked.fields['feeId'], orderNo: 'ORDER-77', amount: 1_400, payType: 3 };
  const paid = { ...notice, deductionAmount: 100, memberInfo: { mobile: '13812345678' } };
  for (const body of [paid, paid, { ...paid, amount: 1 }, { ...notice, feeId: 'V0', orderNo: 'ORDER-78' }])
    await post(gate.mallcoo, 'PayParkingFee', body);
  await post(gate.mallcoo, 'GetTraffic', 'no JSON');
  await fetch(`${gate.mallcoo}/../some/path`);
  await site.see('demo-out-1', '粤C99999');
  const letOut = JSON.stringify({ lane: 'out-1', reason: 'the app was down' });
  const headers = { 'content-type': 'application/json' };
  assert.equal((await fetch(`${gate.local}/let-out`, { method: 'POST', headers, body: letOut })).status, 200);
  const done = await until('the outcomes of all orders, and Mallcoo to know of all', async () => {
    const now = await scrape(gate.local);
    const outcomes = now.series.get('gatepost_decision_seconds_count{command="barrierDone"}');
    return outcomes === 3 && now.series.get('gatepost_outbox_waiting{park="P001"}') === 0 && now;
  });

  const steps = Object.entries(moved(empty, done)).filter(([key]) => !OWN_PACE.test(key));
  assert.deepEqual(Object.fromEntries(steps), {
    'gatepost_passages_total{park="P001",lane="in-1",direction="in",outcome="entered"}': 3,
    'gatepost_passages_total{park="P001",lane="out-1",direction="out",outcome="left"}': 1,
    'gatepost_passages_total{park="P001",lane="out-1",direction="out",outcome="let_out"}': 1,
    'gatepost_holds_total{park="P001",lane="out-1",direction="out",reason="unpaid"}': 2,
    'gatepost_uncollected_fen_total{park="P001"}': 1_500,
    'gatepost_readings_total{device="demo-in-1",fate="used"}': 3,
    'gatepost_readings_total{device="demo-out-1",fate="used"}': 2,
    'gatepost_readings_total{device="demo-out-1",fate="duplicate"}': 1,
    'gatepost_device_orders_total{device="demo-in-1"}': 1,
    'gatepost_device_orders_total{device="demo-out-1"}': 2,
    'gatepost_decision_seconds_count{command="reading"}': 6,
    'gatepost_decision_seconds_count{command="pay"}': 4,
    'gatepost_decision_seconds_count{command="letOut"}': 1,
    'gatepost_decision_seconds_count{command="barrierDone"}': 3,
    'gatepost_decision_seconds_count{command="noticeDone"}': 3,
    'gatepost_barrier_orders_total{park="P001",lane="in-1",outcome="confirmed"}': 1,
    'gatepost_barrier_orders_total{park="P001",lane="out-1",outcome="confirmed"}': 2,
    'gatepost_barrier_seconds_count{park="P001",lane="in-1"}': 1,
    'gatepost_barrier_seconds_count{park="P001",lane="out-1"}': 2,
    'gatepost_mallcoo_calls_total{call="GetParkingPaymentInfo",code="OK",status="200"}': 1,
    'gatepost_mallcoo_calls_total{call="PayParkingFee",code="OK",status="200"}': 2,
    'gatepost_mallcoo_calls_total{call="PayParkingFee",code="ORDER_CONFLICT",status="200"}': 1,
    'gatepost_mallcoo_calls_total{call="PayParkingFee",code="FEE_ID_UNKNOWN",status="200"}': 1,
    'gatepost_mallcoo_calls_total{call="GetTraffic",code="BODY_UNREADABLE",status="400"}': 1,
    'gatepost_mallcoo_calls_total{call="other",code="PATH_UNKNOWN",status="404"}': 1,
    'gatepost_mallcoo_call_seconds_count{call="GetParkingPaymentInfo"}': 1,
    'gatepost_mallcoo_call_seconds_count{call="PayParkingFee"}': 4,
    'gatepost_mallcoo_call_seconds_count{call="GetTraffic"}': 1,
    'gatepost_payments_total{park="P001",outcome="booked"}': 1,
    'gatepost_payments_total{park="P001",outcome="again"}': 1,
    'gatepost_payments_total{park="P001",outcome="conflict"}': 1,
    'gatepost_payments_total{park="P001",outcome="unmatched"}': 1,
    'gatepost_payments_fen_total{park="P001",kind="paid"}': 1_400,
    'gatepost_payments_fen_total{park="P001",kind="deducted"}': 100,
    'gatepost_payment_flags_total{park="P001",flag="PAY_TIME_ODD"}': 1,
    'gatepost_notices_total{park="P001",outcome="confirmed"}': 3,
  });
  const cars = [empty, present, held, done].map(({ series }) => series.get('gatepost_vehicles_present{park="P001"}'));
  assert.deepEqual(cars, [0, 3, 3, 1]);
  const waits = [present, held, done].map(
    ({ series }) => (series.get('gatepost_lane_held_seconds{park="P001",lane="out-1"}') ?? Number.NaN) > 0,
  );
  assert.deepEqual(waits, [false, true, false]);
  assert.ok((done.series.get('gatepost_journal_flush_seconds_count') ?? 0) > 0);
  assert.equal(
    done.series.get('gatepost_journal_records_total'),
    done.series.get('gatepost_journal_last_record'),
    'this journal began with this run',
  );
  const labels = [...done.series.keys()].join('\n');
  assert.doesNotMatch(labels, /12345|54321|99999|ORDER-7|13812345678/, 'no plate, no order, no phone number');
  assert.doesNotMatch(done.text, /粤/);
});

test('a fault has its series while it is raised; so has the device that it takes away', async (t) => {
  if (!need(t, 'socat')) return;
  const dir = folder(t);
  const port = join(dir, 'a "quoted" port');
  const { file } = await siteFile(dir, { scanner: port });
  const gate = await running(gatepost(t, ['run', file]));
  await gate.printed('FAULT scan-out');
  const told = async () => {
    const { series } = await scrape(gate.local);
    const named = '{code="PORT_GONE",subject="scan-out"}';
    return {
      count: series.get('gatepost_faults{code="PORT_GONE"}'),
      named: series.get(`gatepost_fault_raised${named}`),
      since: series.has(`gatepost_fault_since_timestamp_seconds${named}`),
      up: series.get('gatepost_device_up{device="scan-out"}'),
    };
  };
  assert.deepEqual(await told(), { count: 1, named: 1, since: true, up: 0 });
  const [near, far] = [join(dir, 'near'), join(dir, 'far')];
  run(t, 'socat', [`pty,raw,echo=0,link=${near}`, `pty,raw,echo=0,link=${far}`]);
  symlinkSync(near, port);
  await gate.printed('CLEARED scan-out');
  assert.deepEqual(await told(), { count: 0, named: undefined, since: false, up: 1 });
});

test('many scrapes at once are each whole; HEAD has the headers; nobody else is served, as elsewhere', async (t) => {
  const gate = await demo(t, folder(t));
  const pages = await Promise.all(Array.from({ length: 50 }, () => scrape(gate.local)));
  const names = Object.values(METRICS).map(({ name }) => name);
  for (const { families } of pages) assert.deepEqual([...families.keys()], names);
  const head = await fetch(`${gate.local}/metrics`, { method: 'HEAD' });
  assert.deepEqual([head.status, await head.text()], [200, '']);
  assert.equal((await fetch(`${gate.local}/metrics`, { method: 'POST' })).status, 404);
  const asked = request(`${gate.local}/metrics`, { headers: { host: 'evil.example.com' } }).end();
  const status = await new Promise((resolve, reject) => {
    asked.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
  });
  assert.equal(status, 403);
});

test('promtool finds nothing to say about a real scrape', async (t) => {
  if (!need(t, 'promtool')) return;
  const gate = await demo(t, folder(t));
  const site = await outside(t, gate.mqtt);
  await site.see('demo-in-1', '粤A12345');
  const { text } = await scrape(gate.local);
  const checked = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  assert.deepEqual([checked.status, checked.stdout, checked.stderr], [0, '', '']);
});
