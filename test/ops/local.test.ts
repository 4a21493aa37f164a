import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { instant } from '../../src/core/time.ts';
import { createLocalApp, type Health, serveLocal } from '../../src/ops/local.ts';

const HEALTH: Health = {
  status: 'degraded',
  version: '0.1.0',
  startedAt: instant(Date.parse('2026-11-22T02:00:00Z')),
  seq: 42,
  openVisits: { P001: 3 },
  archive: {
    files: 2,
    bytes: 9_000,
    visits: 5,
    orders: 4,
    passages: 12,
    oldest: instant(Date.parse('2026-11-18T02:00:00Z')),
    newest: instant(Date.parse('2026-11-18T12:00:00Z')),
  },
  reach: {
    publicUrl: 'https://park.example.com',
    line: 'up',
    internet: 'up',
    lastProbe: { at: instant(Date.parse('2026-11-22T03:00:00Z')), ok: true, ms: 41, why: '' },
  },
  faults: [
    {
      code: 'DEVICE_SILENT',
      subject: 'cam-1',
      text: 'nothing heard for 60 s',
      since: instant(Date.parse('2026-11-22T03:00:01Z')),
    },
  ],
  devices: { 'cam-1': { readings: 7 } },
  notices: {
    P001: {
      waiting: 12,
      oldest: instant(Date.parse('2026-11-22T01:00:00Z')),
      dead: 1,
      told: 40,
      lastAnswer: { at: instant(Date.parse('2026-11-22T03:00:02Z')), verdict: 'failed', why: 'HTTP 502' },
    },
  },
};

async function get(t: TestContext, health: () => Health, path: string, init?: RequestInit): Promise<[number, unknown]> {
  const server = await serveLocal(createLocalApp({ health }), { host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, init);
  assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
  return [response.status, JSON.parse(await response.text())];
}

test('the health names each fault, since when, and what the gate is doing; degraded is still a 200', async (t) => {
  const [status, body] = await get(t, () => HEALTH, '/healthz');
  assert.equal(status, 200);
  assert.deepEqual(body, {
    status: 'degraded',
    version: '0.1.0',
    since: '2026-11-22T02:00:00Z',
    seq: 42,
    openVisits: { P001: 3 },
    archive: {
      files: 2,
      bytes: 9_000,
      visits: 5,
      orders: 4,
      passages: 12,
      from: '2026-11-18T02:00:00Z',
      to: '2026-11-18T12:00:00Z',
    },
    reach: {
      publicUrl: 'https://park.example.com',
      line: 'up',
      internet: 'up',
      lastProbe: { at: '2026-11-22T03:00:00Z', ok: true, ms: 41, why: '' },
    },
    faults: [
      { code: 'DEVICE_SILENT', subject: 'cam-1', text: 'nothing heard for 60 s', since: '2026-11-22T03:00:01Z' },
    ],
    devices: { 'cam-1': { readings: 7 } },
    notices: {
      P001: {
        waiting: 12,
        oldest: '2026-11-22T01:00:00Z',
        dead: 1,
        told: 40,
        lastAnswer: { at: '2026-11-22T03:00:02Z', verdict: 'failed', why: 'HTTP 502' },
      },
    },
  });
});

test('the health is read anew for each call', async (t) => {
  let seq = 0;
  const health = (): Health => ({ ...HEALTH, status: 'ok', faults: [], seq: ++seq });
  const server = await serveLocal(createLocalApp({ health }), { host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  for (const expected of [1, 2]) {
    const body: { readonly seq?: number } = JSON.parse(
      await (await fetch(`http://127.0.0.1:${server.port}/healthz`)).text(),
    );
    assert.equal(body.seq, expected);
  }
});

test('anything else is a 404 that says where the health is', async (t) => {
  const [status, body] = await get(t, () => HEALTH, '/');
  assert.deepEqual([status, body], [404, { error: 'PATH_UNKNOWN', text: 'no GET /: try GET /healthz' }]);
  assert.equal((await get(t, () => HEALTH, '/healthz', { method: 'POST' }))[0], 404);
});

test('a health that cannot be read is a 500 in JSON, not a dead listener', async (t) => {
  const health = (): Health => {
    throw new Error('no state yet');
  };
  const [status, body] = await get(t, health, '/healthz');
  assert.equal(status, 500);
  assert.deepEqual(body, { error: 'INTERNAL', text: 'this could not be answered: no state yet' });
});
