/** The driver's page, in a real browser on a phone's width, against the whole demo in a process of its own. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { need } from '../need.ts';
import { fitsThePhone, phone } from './browser.ts';
import { agoMinutes, demo, folder, outside, post, type Running, until } from './support.ts';

const SCREENSHOT = join(import.meta.dirname, '..', '..', 'docs', 'driver-page.png');

interface Demo {
  readonly gate: Running;
  /** The page's address, without a slash at its end. */
  readonly url: string;
}

async function open(t: TestContext): Promise<Demo> {
  const gate = await demo(t, folder(t));
  await gate.printed('as the driver');
  const url = /as the driver: (http:\/\/127\.0\.0\.1:\d+)\//.exec(gate.output())?.[1] ?? '';
  return { gate, url };
}

/** A car came in 140 minutes ago: three hours begun, ¥15. */
async function arrive(page: Page, plate: string): Promise<void> {
  const form = page.locator('form[action="/arrive"]');
  await form.getByLabel('车牌号').fill(plate);
  await form.getByRole('button', { name: '进场' }).click();
  await page.locator('#due').waitFor();
}

test('a driver types the plate, sees the fee and why, takes a coupon, pays, and drives out', async (t) => {
  if (!need(t, 'chromium')) return;
  const { gate, url } = await open(t);
  const { page, troubles } = await phone(t, url);
  await arrive(page, '沪A68688');

  await until('the entry among those that Mallcoo was told of', async () => {
    await page.goto(url);
    return (await page.getByRole('region', { name: '猫酷收到的进场通知' }).getByText('沪A·68688').count()) === 1;
  });
  await fitsThePhone(page);
  const ask = page.locator('form[action="/fee"]');
  await ask.getByLabel('省份').selectOption('沪');
  await ask.getByLabel('车牌号').fill('a68688');
  await ask.getByRole('button', { name: '查询停车费' }).click();
  assert.equal(await page.locator('#due').textContent(), '¥15.00');
  assert.match(await page.locator('#explanation').innerText(), /停车费 3 × ¥5\.00 \/ 1 小时\s*¥15\.00/);
  await fitsThePhone(page);

  await page.getByRole('link', { name: '1 小时停车券' }).click();
  await page.getByRole('link', { name: '1 小时停车券' }).and(page.locator('[aria-current="true"]')).waitFor();
  assert.equal(await page.locator('#due').textContent(), '¥10.00');
  if (process.env['UPDATE_SCREENSHOT'] === '1') await page.screenshot({ path: SCREENSHOT });
  await page.getByLabel('支付宝').check();
  await page.getByRole('button', { name: '支付 ¥10.00' }).click();
  assert.equal(await page.locator('#paid').textContent(), '支付成功，车场已入账');
  assert.equal(await page.locator('#credited').textContent(), '¥15.00');
  assert.equal(await page.locator('#due').textContent(), '¥0.00');
  await fitsThePhone(page);
  const asked = await post(gate.mallcoo, 'GetParkingPaymentInfo', { plateNo: '沪A68688' });
  assert.deepEqual([asked.fields['paidAmount'], asked.fields['unPayAmount']], [1_500, 0]);

  await page.getByRole('button', { name: '开到出口' }).click();
  await page.getByText('道闸已抬起，一路平安！').waitFor();
  const gone = await post(gate.mallcoo, 'GetParkingPaymentInfo', { plateNo: '沪A68688' });
  assert.equal(gone.resCode, 1);
  assert.deepEqual(troubles, []);
});

test('told twice at once, and the answer lost: the driver pays once', async (t) => {
  if (!need(t, 'chromium')) return;
  const { url } = await open(t);
  const { page, troubles } = await phone(t, url);
  await arrive(page, '粤B12345');
  await page.getByText('捣乱一下').click();
  await page.getByLabel('通知同时发两次').check();
  await page.getByLabel('第一次的回答丢失，重发').check();
  await page.getByRole('button', { name: '支付 ¥15.00' }).click();
  await page.getByText('通知发送 4 次，只入账一次。').waitFor();
  assert.equal(await page.locator('#credited').textContent(), '¥15.00');
  await page.goBack();
  await page.getByText('无需支付，可以离场。').waitFor();
  assert.deepEqual(troubles, []);
});

test('who drives out unpaid waits; once paid, the arm rises without another word', async (t) => {
  if (!need(t, 'chromium')) return;
  const { gate, url } = await open(t);
  const { page, troubles } = await phone(t, url);
  await arrive(page, '粤C12345');
  await page.getByRole('button', { name: '开到出口' }).click();
  await page.getByText('道闸没有抬起').waitFor();
  await page.getByRole('link', { name: '去支付' }).click();
  await page.getByRole('link', { name: '3 小时停车券' }).click();
  await page.getByRole('button', { name: '确认，支付 ¥0.00' }).click();
  await page.getByText('车在出口等候，付款后道闸已抬起。').waitFor();
  await gate.printed('arm opened');
  assert.deepEqual(troubles, []);
});

test('a plate that holds HTML is text, wherever it is shown', async (t) => {
  if (!need(t, 'chromium')) return;
  const { gate, url } = await open(t);
  const { page, troubles } = await phone(t, url);
  for (const nasty of ['<b>x</b>', '"><img src=x onerror=alert(1)>', "';alert(1)//", '<script>alert(1)</script>']) {
    await page.goto(`${url}/fee?plateNo=${encodeURIComponent(nasty)}`);
    await page.getByRole('alert').waitFor();
    assert.equal(await page.locator('form[action="/fee"]').getByLabel('车牌号').inputValue(), nasty);
    assert.equal(await page.locator('main b, main img, script').count(), 0);
  }
  await page.goto(`${url}/fee?plateNo=${encodeURIComponent('<b>x</b>')}`);
  assert.equal(await page.getByRole('alert').textContent(), '未找到在场车辆：<B>X</B>');
  const site = await outside(t, gate.mqtt);
  await site.see('demo-in-1', '', { license: '<i>y</i>', ...agoMinutes(140) });
  await page.goto(url);
  await page.locator('.chips a').click();
  assert.equal(await page.locator('h1').innerText(), '<I·>Y</I>');
  assert.equal(await page.locator('#due').textContent(), '¥15.00');
  assert.equal(await page.locator('main i').count(), 0);
  assert.deepEqual(troubles, []);
});

test('the page is for this machine alone: no other site may drive it, and Mallcoo’s listener does not have it', async (t) => {
  const { gate, url } = await open(t);
  const form = { method: 'POST', body: new URLSearchParams({ plateNo: '粤D12345', minutes: '50' }) };
  const foreign = await fetch(`${url}/arrive`, { ...form, headers: { origin: 'https://elsewhere.example' } });
  assert.equal(foreign.status, 403);
  const own = await fetch(`${url}/arrive`, { ...form, headers: { origin: url }, redirect: 'manual' });
  assert.equal(own.status, 303);

  const home = await fetch(url);
  assert.match(home.headers.get('content-security-policy') ?? '', /default-src 'none'; style-src 'self'/);
  assert.ok((await home.text()).includes('粤D·12345'));
  for (const path of ['/', '/style.css', '/fee?plateNo=x', '/arrive']) {
    assert.equal((await fetch(`${gate.mallcoo}${path}`)).status, 404, path);
  }
});

test('two taps on the button are one payment', async (t) => {
  const { gate, url } = await open(t);
  const send = (path: string, fields: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(`${url}${path}`, { method: 'POST', headers: { origin: url }, body: new URLSearchParams(fields) });
  const fee = await (await send('/arrive', { plateNo: '粤F12345', minutes: '140' })).text();
  const shown = /name="shown" value="(\w+)"/.exec(fee)?.[1] ?? '';
  const [one, two] = await Promise.all([1, 2].map(() => send('/pay', { shown, payType: '3' })));
  assert.ok(one?.url.includes('/paid/DEMO'));
  assert.equal(two?.url, one?.url);
  const asked = await post(gate.mallcoo, 'GetParkingPaymentInfo', { plateNo: '粤F12345' });
  assert.equal(asked.fields['paidAmount'], 1_500);
});

test('what the page does not know is told, and nothing is paid', async (t) => {
  const { url } = await open(t);
  const send = async (path: string, fields: Readonly<Record<string, string>>): Promise<string> => {
    const init = { method: 'POST', headers: { origin: url }, body: new URLSearchParams(fields) };
    return (await fetch(`${url}${path}`, init)).text();
  };
  assert.match(await send('/pay', { shown: 'nothing' }), /这个价格已失效，请重新查询/);
  assert.match(await send('/arrive', { plateNo: '粤E12345', minutes: '-5' }), /进场时间不对/);
  assert.match(await send('/leave', { plateNo: '无牌' }), /“无牌”不是车牌号/);
  const unknown = await fetch(`${url}/paid/NOBODY`);
  assert.deepEqual([unknown.status, /没有这个订单/.test(await unknown.text())], [404, true]);
});
