/** The plug is pulled: the process is killed under load, and what was acknowledged is there afterwards, once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agoMinutes, demo, folder, outside, post, type Running, type Site } from './support.ts';

const KILLS = 8;
const PLATES = 200;

interface Books {
  /** Cars whose entry the broker acknowledged: the gate must know them. */
  readonly entered: string[];
  /** Orders whose booking was answered with 0. */
  readonly paid: Map<string, number>;
  /** Orders sent without an answer: Mallcoo sends them again. */
  readonly open: Map<string, { readonly plate: string; readonly amount: number }>;
}

const plateOf = (number: number): string => `粤K${String(number).padStart(5, '0')}`;

/** Cars come and are paid for until the gate dies under it. */
async function work(gate: Running, site: Site, books: Books, from: number): Promise<number> {
  for (let number = from; number < from + PLATES; number += 1) {
    const plate = plateOf(number);
    try {
      await site.see('demo-in-1', plate, agoMinutes(30));
      books.entered.push(plate);
      books.open.set(`O${number}`, { plate, amount: 500 });
      await payOpen(gate, books);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      // The gate was killed in the middle: exactly what this is about.
      return number + 1;
    }
  }
  return from + PLATES;
}

async function payOpen(gate: Running, books: Books): Promise<void> {
  for (const [orderNo, { plate, amount }] of books.open) {
    const { resCode, resMsg } = await post(gate.mallcoo, 'PayParkingFee', {
      plateNo: plate,
      orderNo,
      amount,
      payType: 3,
    });
    assert.equal(resCode, 0, String(resMsg));
    books.paid.set(plate, (books.paid.get(plate) ?? 0) + amount);
    books.open.delete(orderNo);
  }
}

test(`after ${KILLS} kills every acknowledged car is known, and every acknowledged payment is booked once`, async (t) => {
  const data = folder(t);
  const books: Books = { entered: [], paid: new Map(), open: new Map() };
  let number = 1;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const gate = await demo(t, data);
    const site = await outside(t, gate.mqtt);
    const killing = new Promise<void>((resolve) => {
      setTimeout(() => resolve(gate.end('SIGKILL').then(() => undefined)), 40 + Math.random() * 300);
    });
    number = await work(gate, site, books, number);
    await killing;
  }
  const gate = await demo(t, data);
  await payOpen(gate, books);
  assert.ok(books.entered.length > KILLS, 'there was work between the kills');
  for (const plate of books.entered) {
    const { fields } = await post(gate.mallcoo, 'GetParkingPaymentInfo', { plateNo: plate });
    assert.deepEqual([plate, fields['resCode'], fields['paidAmount']], [plate, 0, books.paid.get(plate)]);
  }
  assert.equal(await gate.end('SIGTERM'), 0);
});

test('two daemons never share a folder: the second says who holds it, and starts nothing', async (t) => {
  const data = folder(t);
  await demo(t, data);
  const second = demo(t, data);
  await assert.rejects(second, (error: Error) => error.message.includes(data) && !error.message.includes('    at '));
});
