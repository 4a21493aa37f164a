/** The operator lets a car out, as it is done at a booth: the real program, its broker, its command, its books. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY, formatLocal, instant, MINUTE, zoneOf } from '../../src/core/time.ts';
import { report } from '../cli/payments-tools.ts';
import { agoMinutes, demo, folder, gatepost, outside, post, until } from './support.ts';

test('held, let out with a reason, the process killed, paid late: the arm rises once, and the books add up', async (t) => {
  const data = folder(t);
  const gate = await demo(t, data);
  const site = await outside(t, gate.mqtt);
  const letOut = async (...args: readonly string[]): Promise<readonly [unknown, string]> => {
    const program = gatepost(t, ['let-out', 'out-1', ...args, '--url', gate.local]);
    return [await program.exited(), program.output()];
  };
  const arms = (): number => site.orders.filter(({ topic }) => topic.includes('demo-out-1')).length;

  const [empty, why] = await letOut('--reason', 'nobody is here');
  assert.deepEqual([empty, arms()], [1, 0]);
  assert.match(why, /no vehicle is held at out-1: the arm was not raised \[NOBODY_WAITS\]/);

  await site.see('demo-in-1', '粤A12345', agoMinutes(150));
  const asked = await post(gate.mallcoo, 'GetParkingPaymentInfo', { parkId: 'P001', plateNo: '粤A12345' });
  await site.see('demo-out-1', '粤A12345');
  await until('the car is held', () => gate.output().includes('held: not paid'));
  const [code, told] = await letOut('--reason', 'showed the payment', '--by', '李师傅');
  assert.deepEqual([code, told], [0, 'out-1 粤A12345 let out: uncollected ¥15.00; the arm is ordered up\n']);
  await until('the arm', () => arms() === 1);
  await gate.printed('let out by the operator');
  assert.match(gate.output(), /let out by the operator .*uncollected=¥15\.00 reason=showed the payment by=李师傅/);
  assert.equal((await letOut('--reason', 'once more'))[0], 1);
  assert.equal(arms(), 1);

  await gate.end('SIGKILL');
  const next = await demo(t, data);
  const notice = {
    parkId: 'P001',
    feeId: asked.fields['feeId'],
    orderNo: 'A1',
    amount: 1_500,
    payType: 3,
    payTime: formatLocal(instant(Date.now() - MINUTE), zoneOf('Asia/Shanghai')),
  };
  for (let times = 0; times < 2; times += 1) {
    assert.equal((await post(next.mallcoo, 'PayParkingFee', notice)).resCode, 0);
  }
  await next.printed('paid late, settled');
  assert.match(next.output(), /paid late, settled amount=¥15\.00 order=A1 flags=SETTLED_LATE/);
  assert.equal(next.output().match(/paid late/g)?.length, 1);

  const today = formatLocal(instant(Date.now()), zoneOf('Asia/Shanghai')).slice(0, 10);
  const yesterday = formatLocal(instant(Date.now() - DAY), zoneOf('Asia/Shanghai')).slice(0, 10);
  const { letGo, departures } = await report(data, '--day', yesterday, '--to', today);
  assert.deepEqual(
    letGo.map(({ vehicle, due, open, reason, by, settledBy }) => [
      vehicle,
      due,
      open,
      reason,
      by,
      settledBy[0]?.orderNo,
    ]),
    [['粤A12345', 1_500, 0, 'showed the payment', '李师傅', 'A1']],
  );
  const { cars, fees, collected, uncollected, settled } = departures;
  assert.deepEqual([cars, fees, collected, uncollected, settled], [1, 1_500, 0, 1_500, 1_500]);
});
