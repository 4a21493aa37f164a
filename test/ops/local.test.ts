import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { after, instant, MINUTE } from '../../src/core/time.ts';
import type { Health } from '../../src/ops/health.ts';
import { createLocalApp, serveLocal } from '../../src/ops/local.ts';
import type { OutboxView } from '../../src/ops/outbox-view.ts';
import { minutes, P001, TEN, ticket, ZONE } from '../core/park/scene.ts';
import { tempFolder } from '../store/tools.ts';
import { car, type OutboxSite, outboxSite, WORLD } from './outbox-site.ts';

const REST: Pick<Health, 'version' | 'startedAt' | 'zone' | 'archive' | 'devices' | 'world' | 'notices' | 'reach'> = {
  version: '0.1.0',
  startedAt: TEN,
  zone: ZONE,
  world: WORLD,
  archive: {
    files: 2,
    bytes: 9_000,
    visits: 5,
    orders: 4,
    passages: 12,
    oldest: instant(Date.parse('2026-11-18T02:00:00Z')),
    newest: instant(Date.parse('2026-11-18T12:00:00Z')),
  },
  devices: { 'cam-1': { readings: 7 } },
  notices: { P001: { told: 40, lastAnswer: { at: TEN, verdict: 'failed', why: 'HTTP 502' } } },
  reach: {
    publicUrl: 'https://park.example.com',
    line: 'up',
    internet: 'up',
    lastProbe: { at: TEN, ok: true, ms: 41, why: '' },
  },
};

const SILENT = {
  code: 'DEVICE_SILENT',
  subject: 'cam-1',
  text: 'nothing heard for 60 s',
  since: instant(Date.parse('2026-11-22T03:00:01Z')),
} as const;

async function serve(t: TestContext, site: OutboxSite, over: Partial<Health> = {}): Promise<string> {
  const health = (): Health => {
    const { seq } = site.state();
    return {
      ...REST,
      status: 'ok',
      now: site.clock.now(),
      seq,
      state: site.state(),
      faults: [],
      lastFailure: null,
      ...over,
    };
  };
  const { gateway, clock } = site;
  const app = createLocalApp({ health, language: 'zh', world: WORLD, gateway, clock });
  const server = await serveLocal(app, { host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  return `http://127.0.0.1:${server.port}`;
}

async function json(url: string, init?: RequestInit): Promise<[number, Readonly<Record<string, unknown>>]> {
  const response = await fetch(url, init);
  assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  return [response.status, JSON.parse(await response.text())];
}

test('the health names each fault, the parks, what waits, and what the gate is doing; degraded is still a 200', async (t) => {
  const site = await outboxSite(t, tempFolder(t), minutes(1));
  await site.enter(car(1));
  await site.kill(await site.enter(car(2)), '1101', 'no such park');
  site.clock.at = minutes(61);
  const ended = '2026-11-22 10:59:00 a signal ended it (killed KILL); see /x';
  const url = await serve(t, site, { status: 'degraded', faults: [SILENT], lastFailure: ended });
  const [status, body] = await json(`${url}/healthz`);
  assert.equal(status, 200);
  const last = { at: '2026-11-22T02:01:00Z', outcome: 'entered', reason: null, arm: 'pending' };
  assert.deepEqual(body, {
    status: 'degraded',
    version: '0.1.0',
    since: '2026-11-22T02:00:00Z',
    now: '2026-11-22T03:01:00Z',
    zone: 'Asia/Shanghai',
    local: '2026-11-22 11:01:00',
    seq: 3,
    openVisits: { P001: 2 },
    parks: {
      P001: {
        name: 'Test',
        lanes: {
          'in-1': { direction: 'in', last },
          'out-1': { direction: 'out', last: null },
          'out-2': { direction: 'out', last: null },
        },
      },
    },
    outbox: { P001: { waiting: 1, oldest: '2026-11-22T02:01:00Z', dead: 1 } },
    archive: {
      files: 2,
      bytes: 9_000,
      visits: 5,
      orders: 4,
      passages: 12,
      from: '2026-11-18T02:00:00Z',
      to: '2026-11-18T12:00:00Z',
    },
    faults: [
      { code: 'DEVICE_SILENT', subject: 'cam-1', text: 'nothing heard for 60 s', since: '2026-11-22T03:00:01Z' },
    ],
    lastFailure: ended,
    devices: { 'cam-1': { readings: 7 } },
    notices: {
      P001: { told: 40, lastAnswer: { at: '2026-11-22T02:00:00Z', verdict: 'failed', why: 'HTTP 502' } },
    },
    reach: {
      publicUrl: 'https://park.example.com',
      line: 'up',
      internet: 'up',
      lastProbe: { at: '2026-11-22T02:00:00Z', ok: true, ms: 41, why: '' },
    },
  });
});

test('the health is read anew for each call; a park without a history counts nothing', async (t) => {
  const site = await outboxSite(t, tempFolder(t), TEN);
  const url = await serve(t, site);
  const [, empty] = await json(`${url}/healthz`);
  assert.deepEqual(
    [empty['seq'], empty['openVisits'], empty['outbox']],
    [0, { P001: 0 }, { P001: { waiting: 0, oldest: null, dead: 0 } }],
  );
  await site.enter(car(1));
  assert.equal((await json(`${url}/healthz`))[1]['seq'], 1);
});

test('the oldest that waits is told, also when a person has put it behind younger ones', async (t) => {
  const site = await outboxSite(t, tempFolder(t), TEN);
  const first = await site.enter(car(1));
  site.clock.at = minutes(10);
  await site.enter(car(2));
  await site.kill(first, '2', 'bad');
  await site.gateway.submit({ type: 'noticeRetry', park: P001, noticeId: first.id });
  assert.equal(site.waiting().at(-1), first.id);
  const [, body] = await json(`${await serve(t, site)}/healthz`);
  assert.deepEqual(body['outbox'], { P001: { waiting: 2, oldest: '2026-11-22T02:00:00Z', dead: 0 } });
});

test('anything else is a 404 that says where the health is', async (t) => {
  const url = await serve(t, await outboxSite(t, tempFolder(t), TEN));
  const told = { error: 'PATH_UNKNOWN', text: '接口不存在：GET /nothing，可试 GET /healthz' };
  assert.deepEqual(await json(`${url}/nothing`), [404, told]);
  assert.equal((await json(`${url}/healthz`, { method: 'POST' }))[0], 404);
  assert.equal((await json(`${url}/outbox/retry`))[0], 404);
});

test('whoever is not served is told why in the language of the log, like whoever is', async (t) => {
  const url = await serve(t, await outboxSite(t, tempFolder(t), TEN));
  const post = (path: string, body: string, headers: Readonly<Record<string, string>>) =>
    json(`${url}${path}`, { method: 'POST', body, headers });
  const typed = { 'content-type': 'application/json' };
  for (const [path, body, headers, status, error, text] of [
    ['/outbox/drop', '{}', {}, 415, 'BODY_UNREADABLE', '请求体无法解析：请用 content-type: application/json 发送'],
    ['/let-out', '[]', typed, 400, 'BODY_UNREADABLE', '请求体无法解析：应为 JSON 对象'],
    ['/outbox/drop', '{"all":true}', typed, 400, 'FIELD_REQUIRED', '缺少参数 reason'],
    [
      '/outbox/retry',
      '{"all":true}',
      { ...typed, 'sec-fetch-site': 'cross-site' },
      403,
      'ORIGIN_FOREIGN',
      '拒绝来自其他网站的请求：Sec-Fetch-Site cross-site',
    ],
  ] as const) {
    assert.deepEqual(await post(path, body, headers), [status, { error, text }]);
  }
});

test('a health that cannot be read is a 500 in JSON, not a dead listener', async (t) => {
  const { gateway, clock } = await outboxSite(t, tempFolder(t), TEN);
  const health = (): Health => {
    throw new Error('no state yet');
  };
  const app = createLocalApp({ health, language: 'zh', world: WORLD, gateway, clock });
  const server = await serveLocal(app, { host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  const [status, body] = await json(`http://127.0.0.1:${server.port}/healthz`);
  assert.equal(status, 500);
  assert.deepEqual(body, { error: 'INTERNAL', text: 'the gate could not answer: no state yet' });
});

test('the outbox is told park by park: what waits in its order, dead letters with what Mallcoo said, newest first', async (t) => {
  const site = await outboxSite(t, tempFolder(t), TEN);
  await site.enter(car(1));
  await site.enter(ticket('T-7'));
  for (const number of [2, 3]) {
    site.clock.at = minutes(number);
    await site.kill(await site.enter(car(number)), '1101', `no ${number}`);
  }
  const url = await serve(t, site);
  const [status, body] = await json(`${url}/outbox`);
  assert.equal(status, 200);
  const at = '2026-11-22T02:00:00Z';
  const rest = { kind: 'entry', at, queuedAt: at };
  const later = (minute: number) => `2026-11-22T02:0${minute}:00Z`;
  const dead = (id: string, visit: string, number: number) => {
    const moment = later(number);
    const name = `粤A0000${number}`;
    const notice = { id, kind: 'entry', visit, plate: name, vehicle: name, at: moment, queuedAt: moment };
    return { ...notice, since: moment, code: '1101', message: `no ${number}` };
  };
  assert.deepEqual(body, {
    now: later(3),
    limit: 100,
    parks: {
      P001: {
        name: 'Test',
        zone: 'Asia/Shanghai',
        tells: { entry: true, exit: true },
        waiting: {
          total: 2,
          oldest: at,
          notices: [
            { id: '1.2', visit: 'V1', plate: '粤A00001', vehicle: '粤A00001', ...rest },
            { id: '2.2', visit: 'V2', plate: null, vehicle: 'T-7', ...rest },
          ],
        },
        dead: { total: 2, notices: [dead('5.2', 'V4', 3), dead('3.2', 'V3', 2)] },
      },
    },
  });
  const [, only] = await json(`${url}/outbox?dead=1&limit=1&park=P001`);
  const told = (only as OutboxView).parks['P001'];
  assert.deepEqual(told?.waiting, { total: 2, oldest: at, notices: [] });
  assert.deepEqual(told?.dead, { total: 2, notices: [dead('5.2', 'V4', 3)] });
});

test('a backlog of 10,000 does not make a page of megabytes unasked', async (t) => {
  const site = await outboxSite(t, tempFolder(t), TEN);
  for (let number = 0; number < 10_000; number += 100) {
    site.clock.at = after(TEN, number * MINUTE);
    await Promise.all(Array.from({ length: 100 }, (_, offset) => site.enter(car(number + offset))));
  }
  const url = await serve(t, site);
  const text = await (await fetch(`${url}/outbox`)).text();
  assert.ok(text.length < 30_000, `${text.length}`);
  assert.ok(text.includes('"total":10000'));
  const whole = await (await fetch(`${url}/outbox?limit=10000`)).text();
  assert.equal(whole.match(/"kind"/g)?.length, 10_000);
});

test('a limit or a park that there is not is said so', async (t) => {
  const url = await serve(t, await outboxSite(t, tempFolder(t), TEN));
  for (const limit of ['0', '-1', 'all', '100001', '1e3']) {
    const [status, body] = await json(`${url}/outbox?limit=${limit}`);
    const text = `参数 limit 无效：${limit}，应为 1 到 100000 的整数`;
    assert.deepEqual([status, body], [400, { error: 'FIELD_INVALID', text }], limit);
  }
  const [status, body] = await json(`${url}/outbox?park=P9`);
  assert.deepEqual([status, body], [404, { error: 'PARK_UNKNOWN', text: '停车场不存在：P9' }]);
});
