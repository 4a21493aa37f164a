/** What a person orders of the outbox over the local listener, and who may not. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { type TestContext, test } from 'node:test';
import { type Gateway, GatewayBusy, GatewayFull } from '../../src/gateway/ports.ts';
import { MAX_BODY_BYTES } from '../../src/ops/guard.ts';
import type { Health } from '../../src/ops/health.ts';
import { createLocalApp, serveLocal } from '../../src/ops/local.ts';
import { AT_ONCE } from '../../src/ops/outbox.ts';
import { TEN } from '../core/park/scene.ts';
import { tempFolder } from '../store/tools.ts';
import { car, type OutboxSite, outboxSite, WORLD } from './outbox-site.ts';

interface Served {
  readonly site: OutboxSite;
  readonly port: number;
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Three cars: the first waits, of the others Mallcoo will not hear. */
async function served(t: TestContext, wrap: (gateway: Gateway) => Gateway = (gateway) => gateway): Promise<Served> {
  const site = await outboxSite(t, tempFolder(t), TEN);
  await site.enter(car(1));
  await site.kill(await site.enter(car(2)), '1101', 'no such park');
  await site.kill(await site.enter(car(3)), '2', 'bad plate');
  assert.deepEqual([site.waiting(), site.dead()], [['1.2'], ['2.2', '4.2']]);
  const health = (): Health => assert.fail('nobody asks');
  const { clock } = site;
  const app = createLocalApp({ health, language: 'en', world: () => WORLD, gateway: wrap(site.gateway), clock });
  const server = await serveLocal(app, { host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  return {
    site,
    port: server.port,
    post: (path, body, headers = {}) =>
      send(server.port, 'POST', path, typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body), {
        'content-type': 'application/json',
        ...headers,
      }),
  };
}

/** By hand, since fetch sets Host and Origin as it likes. */
function send(
  port: number,
  method: string,
  path: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

test('a dead letter is sent again, behind those that wait; one that waits is left alone, and one that is not there is named', async (t) => {
  const { site, post } = await served(t);
  const { status, body } = await post('/outbox/retry', { ids: ['2.2', '1.2', '99.0', '2.2'] });
  assert.deepEqual([status, body], [200, { done: 1, waiting: ['1.2'], unknown: ['99.0'] }]);
  assert.deepEqual([site.waiting(), site.dead()], [['1.2', '2.2'], ['4.2']]);
});

test('all that Mallcoo answered with one code are sent again, then all', async (t) => {
  const { site, post } = await served(t);
  assert.deepEqual((await post('/outbox/retry', { all: true, code: '1101' })).body['done'], 1);
  assert.deepEqual(site.dead(), ['4.2']);
  assert.deepEqual((await post('/outbox/retry', { all: true, park: 'P001' })).body['done'], 1);
  assert.deepEqual(site.dead(), []);
  const nothing = await post('/outbox/retry', { all: true });
  assert.deepEqual([nothing.status, nothing.body], [200, { done: 0, waiting: [], unknown: [] }]);
});

test('dropped are dead letters, and one that waits when it is named; --all leaves what waits', async (t) => {
  const { site, post } = await served(t);
  const reason = 'told by hand';
  assert.equal((await post('/outbox/drop', { all: true, reason })).body['done'], 2);
  assert.deepEqual([site.waiting(), site.dead()], [['1.2'], []]);
  assert.equal((await post('/outbox/drop', { ids: ['1.2'], reason })).body['done'], 1);
  assert.deepEqual(site.waiting(), []);
  const gone = await post('/outbox/drop', { ids: ['1.2'], reason });
  assert.deepEqual(
    [gone.status, gone.body['error'], gone.body['text']],
    [404, 'NOTICE_UNKNOWN', 'no such notice: 1.2'],
  );
});

test('thousands are worked off in turns that leave the inbox to the lanes', async (t) => {
  let most = 0;
  let under = 0;
  const { site, post } = await served(t, (gateway) => ({
    ...gateway,
    async submit(command) {
      under += 1;
      most = Math.max(most, under);
      const reply = await gateway.submit(command);
      under -= 1;
      return reply;
    },
  }));
  for (let number = 100; number < 1_100; number += 50) {
    const cars = Array.from({ length: 50 }, (_, offset) => site.enter(car(number + offset)));
    for (const notice of await Promise.all(cars)) await site.kill(notice, '1101', 'no such park');
  }
  assert.equal((await post('/outbox/retry', { all: true })).body['done'], 1_002);
  assert.deepEqual([site.dead(), site.waiting().length, most], [[], 1_003, AT_ONCE]);
});

for (const [name, fields] of [
  ['no ids', {}],
  ['an empty list', { ids: [] }],
  ['ids that are none', { ids: [1, 2] }],
  ['one id without a list', { ids: '2.2' }],
  ['an endless id', { ids: ['9'.repeat(65)] }],
  ['ids and all', { ids: ['2.2'], all: true }],
  ['all that is not true', { all: 'yes' }],
  ['ids and a code', { ids: ['2.2'], code: '2' }],
  ['a code that is no text', { all: true, code: 1101 }],
  ['too many ids', { ids: Array.from({ length: 10_001 }, (_, index) => `${index}.0`) }],
] as const) {
  test(`${name}: nothing is done, and the field is named`, async (t) => {
    const { site, post } = await served(t);
    const { status, body } = await post('/outbox/retry', fields);
    assert.deepEqual([status, body['error']], [400, 'FIELD_INVALID']);
    assert.match(String(body['text']), /^(ids|code) is not valid: /);
    assert.deepEqual(site.dead(), ['2.2', '4.2']);
  });
}

test('nothing is dropped without a reason, or for a park that there is not', async (t) => {
  const { site, post } = await served(t);
  for (const reason of [undefined, '', '  ', 7]) {
    const { status, body } = await post('/outbox/drop', { all: true, reason });
    assert.deepEqual([status, body['error'], body['text']], [400, 'FIELD_REQUIRED', 'reason is required']);
  }
  assert.equal((await post('/outbox/drop', { all: true, reason: 'x'.repeat(201) })).body['error'], 'FIELD_INVALID');
  for (const park of ['P9', 7, null]) {
    const { status, body } = await post('/outbox/retry', { all: true, park });
    assert.deepEqual([status, body['error']], [404, 'PARK_UNKNOWN']);
  }
  assert.deepEqual(site.dead(), ['2.2', '4.2']);
});

test('a page of another site can order nothing: not as a form, not under another name, not from its origin', async (t) => {
  const { site, post, port } = await served(t);
  const all = JSON.stringify({ all: true });
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    '',
    'application/jsonp',
  ]) {
    const { status, body } = await post('/outbox/retry', all, { 'content-type': type });
    assert.deepEqual([status, body['error']], [415, 'BODY_UNREADABLE'], type);
  }
  const foreign: readonly Readonly<Record<string, string>>[] = [
    { host: 'evil.example' },
    { host: `evil.example:${port}` },
    { host: `127.0.0.1.evil.example:${port}` },
    { host: 'localhost.evil.example' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: `http://localhost:${port}` },
    { origin: `http://127.0.0.1:${port + 1}` },
    { origin: `https://127.0.0.1:${port}` },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ];
  for (const headers of foreign) {
    const { status, body } = await post('/outbox/retry', all, headers);
    assert.deepEqual([status, body['error']], [403, 'ORIGIN_FOREIGN'], JSON.stringify(headers));
  }
  for (const path of ['/', '/healthz', '/outbox']) {
    const { status, body } = await send(port, 'GET', path, '', { host: `evil.example:${port}` });
    assert.deepEqual([status, body['error']], [403, 'ORIGIN_FOREIGN'], `read ${path}`);
  }
  assert.deepEqual(site.dead(), ['2.2', '4.2']);
  const own: readonly Readonly<Record<string, string>>[] = [
    { host: `localhost:${port}`, origin: `http://localhost:${port}`, 'sec-fetch-site': 'same-origin' },
    { host: `[::1]:${port}` },
    { host: '192.168.1.10:9000' },
    { 'content-type': 'Application/JSON; charset=utf-8' },
  ];
  for (const headers of own) {
    const { status } = await post('/outbox/retry', all, headers);
    assert.equal(status, 200, JSON.stringify(headers));
  }
  assert.deepEqual(site.dead(), []);
});

test('a body that is no JSON object, or is huge, is refused, and the listener goes on', async (t) => {
  const { site, post } = await served(t);
  for (const body of ['', '{', 'null', '[]', '"all"', '{"all":true', Buffer.from([0x7b, 0xff, 0x7d])]) {
    const { status, body: told } = await post('/outbox/retry', body);
    assert.deepEqual([status, told['error']], [400, 'BODY_UNREADABLE'], String(body));
  }
  for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
    const { status, body } = await post('/outbox/retry', ' '.repeat(MAX_BODY_BYTES + 1), headers);
    assert.deepEqual([status, body['error']], [413, 'BODY_TOO_LARGE']);
    assert.match(String(body['text']), /262144 bytes at most/);
  }
  const most = `{"all":true${' '.repeat(MAX_BODY_BYTES - 12)}}`;
  assert.equal((await post('/outbox/retry', most)).body['done'], 2);
  assert.deepEqual(site.dead(), []);
});

for (const [name, error, code] of [
  ['busy', new GatewayBusy('x'), 'BUSY'],
  ['without room on its disk', new GatewayFull('x'), 'NO_ROOM'],
] as const) {
  test(`a gate that is ${name} says so, and how far it came`, async (t) => {
    let taken = 0;
    const { site, post } = await served(t, (gateway) => ({
      ...gateway,
      submit(command) {
        taken += 1;
        return taken === 1 ? gateway.submit(command) : Promise.reject(error);
      },
    }));
    const { status, body } = await post('/outbox/retry', { all: true });
    assert.deepEqual([status, body['error'], body['done'], body['left']], [503, code, 1, 1]);
    assert.deepEqual(site.dead(), ['4.2']);
  });
}

test('a gate that is stopping says so', async (t) => {
  const { site, post } = await served(t);
  await site.gateway.stop();
  const { status, body } = await post('/outbox/drop', { ids: ['2.2', '4.2'], reason: 'x' });
  assert.deepEqual([status, body['error'], body['done'], body['left']], [503, 'STOPPING', 0, 2]);
});
