/** The probe over real sockets: through everything that may stand between the gate and its own public address. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ParkId } from '../../../src/core/ids.ts';
import { zoneOf } from '../../../src/core/time.ts';
import type { AnsweredCall } from '../../../src/mallcoo/app.ts';
import type { Auth } from '../../../src/mallcoo/auth.ts';
import type { LastProbe } from '../../../src/mallcoo/reach/watch.ts';
import { inEnglish } from '../../chinese.ts';
import { folder, until } from '../../daemon/support.ts';
import { need } from '../../need.ts';
import { NONE, site } from '../site.ts';
import { book, type Rig, reachOf } from './rig.ts';

const SHANGHAI = zoneOf('Asia/Shanghai');

async function listening(t: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A far side that answers by itself. */
async function farSide(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createHttpServer(answer);
  t.after(() => server.closeAllConnections());
  return `http://127.0.0.1:${await listening(t, server)}`;
}

interface ProbeOptions {
  readonly auth?: Auth;
  readonly path?: string;
  readonly timeoutMs?: number;
}

function rigFor(t: TestContext, publicUrl: string, { auth = NONE, path = 'GetTraffic', timeoutMs }: ProbeOptions): Rig {
  const target = { publicUrl, path, park: 'P001' as ParkId, auth, zone: SHANGHAI, timeoutMs: timeoutMs ?? 20_000 };
  return reachOf(t, { target });
}

/** What the first probe of an address came to. */
async function probed(t: TestContext, publicUrl: string, options: ProbeOptions = {}): Promise<LastProbe> {
  const { reach } = rigFor(t, publicUrl, options);
  return until('the first probe', () => reach.stats().lastProbe ?? undefined);
}

test('a probe that comes back is good, whatever the proof; it is neither logged nor counted, and tells nobody anything', async (t) => {
  const sign = { type: 'sign', publicKey: 'PUB', privateKey: '0123456789abcdef', maxSkewSeconds: 300 } as const;
  const proofs: readonly Auth[] = [
    NONE,
    { type: 'token', token: 'a-token-of-some-length' },
    sign,
    { ...sign, appId: 'A' },
  ];
  for (const auth of proofs) {
    const calls: AnsweredCall[] = [];
    const limits = { queriesPerSecond: 1, pendingPayments: 1 };
    const probes = book();
    const gate = await site(t, {
      auth: new Map([['P001' as ParkId, auth]]),
      onCall: (call) => calls.push(call),
      limits,
      probes,
    });
    // Whoever asks more than the limit allows takes nothing from the probe.
    const noise = { parkId: 'P001', startTime: '2026-11-22 00:00:00', endTime: '2026-11-22 00:00:00' };
    await Promise.all([1, 2, 3].map(() => gate.post('GetTraffic', noise)));
    const before = calls.length;
    const target = { publicUrl: `http://127.0.0.1:${gate.port}/mallcoo/`, path: 'GetTraffic', park: 'P001' as ParkId };
    const rig = reachOf(t, {
      book: probes,
      clock: { now: () => gate.clock.at },
      target: { ...target, auth, zone: SHANGHAI, timeoutMs: 20_000 },
    });
    const probe = await until('the first probe', () => rig.reach.stats().lastProbe ?? undefined);
    assert.deepEqual([auth.type, probe.ok, probe.why], [auth.type, true, '']);
    assert.deepEqual([rig.lines, rig.raised(), gate.faults], [[true], [], []]);
    assert.equal(calls.length, before, 'no line in the log');
  }
});

test('a nonce that is nobody’s, or whose probe has ended, is a field like any other', async (t) => {
  const probes = book();
  const gate = await site(t, { probes });
  const ticket = probes.open();
  ticket.close();
  const time = '2026-11-22 00:00:00';
  for (const gatepostProbe of [ticket.nonce, '', 1, null, {}, 'nobody']) {
    const { json } = await gate.post('GetTraffic', { parkId: 'P001', startTime: time, endTime: time, gatepostProbe });
    assert.deepEqual(json, { resCode: 0, resMsg: '', inNum: 0, outNum: 0 });
  }
  const own = probes.open();
  const info = await gate.post('GetParkingPaymentInfo', { plateNo: '粤A12345', gatepostProbe: own.nonce });
  assert.deepEqual([info.json['resCode'], own.arrived()], [1, false], 'only the call that the probe makes knows it');
});

test('nobody listens there', async (t) => {
  const port = await listening(t, createServer());
  const closed = createServer();
  const free = await listening(t, closed);
  await new Promise((resolve) => closed.close(resolve));
  assert.notEqual(free, port);
  const { ok, why } = await probed(t, `http://127.0.0.1:${free}`);
  assert.equal(ok, false);
  assert.match(inEnglish(why), new RegExp(`^connection refused by 127\\.0\\.0\\.1:${free}: .*look at the tunnel`));
});

test('the name of the address is not known', async (t) => {
  const { why } = await probed(t, 'https://gate.invalid/parking');
  assert.match(inEnglish(why), /^the name of gate\.invalid is not known \(DNS\)/);
});

test('half-dead: the far end takes calls and never answers', async (t) => {
  const port = await listening(
    t,
    createServer(() => undefined).on('connection', (socket) => t.after(() => socket.destroy())),
  );
  const { why } = await probed(t, `http://127.0.0.1:${port}`, { timeoutMs: 1_000 });
  assert.match(inEnglish(why), /takes the call and does not answer within 1 s: the far end of the tunnel is stale/);
});

test('half-dead the other way: the call arrives, and the answer does not come back', async (t) => {
  const probes = book();
  const gate = await site(t, { probes });
  // Whatever the gate says is swallowed.
  const relay = createServer((socket: Socket) => {
    const inner = connect(gate.port, '127.0.0.1');
    socket.pipe(inner);
    inner.resume();
    for (const one of [socket, inner]) one.on('error', () => undefined);
    t.after(() => [socket, inner].map((one) => one.destroy()));
  });
  const publicUrl = `http://127.0.0.1:${await listening(t, relay)}/mallcoo`;
  const target = {
    publicUrl,
    path: 'GetTraffic',
    park: 'P001' as ParkId,
    auth: NONE,
    zone: SHANGHAI,
    timeoutMs: 5_000,
  };
  const rig = reachOf(t, { book: probes, target });
  const { why } = await until('the first probe', () => rig.reach.stats().lastProbe ?? undefined);
  assert.match(inEnglish(why), /^the call arrived, but its answer did not come back \(TIMEOUT\)/);
});

test('another gate answers, or one that was left running', async (t) => {
  const other = await site(t, { probes: book() });
  const { why } = await probed(t, `http://127.0.0.1:${other.port}/mallcoo`);
  assert.match(inEnglish(why), /^another process answered, HTTP 200: the address leads to another gate/);
});

test('a page out of a cache, with a good answer of an hour ago, is no answer', async (t) => {
  const url = await farSide(t, (_, response) => {
    response.end('{"resCode":0,"resMsg":"0123456789abcdef0123456789abcdef","inNum":0,"outNum":0}');
  });
  const { ok, why } = await probed(t, url);
  assert.equal(ok, false);
  assert.match(inEnglish(why), /^another process answered/);
});

const OTHERS: readonly (readonly [
  what: string,
  status: number,
  headers: Record<string, string>,
  body: string,
  why: RegExp,
])[] = [
  [
    'the far web server reaches nobody',
    502,
    {},
    '<h1>Bad Gateway</h1>',
    /^HTTP 502 from 127.*reaches nobody through the tunnel/,
  ],
  ['a login page by a redirect', 302, { location: 'http://login.wifi/?x=1' }, '', /^HTTP 302 to http:\/\/login\.wifi/],
  ['a login page at once', 200, {}, '<html>Welcome</html>', /^HTTP 200 from .*not from a gate: another site/],
  [
    'another path',
    404,
    {},
    '{"resCode":1,"resMsg":"no such call: /x"}',
    /^HTTP 404 \(no such call: \/x\): .*mallcoo\.basePath/,
  ],
  ['an endless page', 200, {}, 'x'.repeat(100_000), /^HTTP 200 from .*another site/],
];

for (const [what, status, headers, body, expected] of OTHERS) {
  test(`not the gate: ${what}`, async (t) => {
    const url = await farSide(t, (_, response) => response.writeHead(status, headers).end(body));
    assert.match(inEnglish((await probed(t, url)).why), expected);
  });
}

test('the gate’s own proof does not come through: the token is dropped on the way', async (t) => {
  const token = 'a-token-of-some-length';
  const gate = await site(t, { auth: new Map([['P001' as ParkId, { type: 'token', token }]]), probes: book() });
  const relay = await farSide(t, async (request, response) => {
    request.resume();
    const inner = await fetch(`http://127.0.0.1:${gate.port}${request.url}`, { method: 'POST', body: '{}' });
    response.writeHead(inner.status).end(await inner.text());
  });
  const { why } = await probed(t, `${relay}/mallcoo`, { auth: { type: 'token', token } });
  assert.match(inEnglish(why), /^HTTP 401: the gate's own proof is refused \(not authorised/);
});

test('TLS that fails is told with its reason', async (t) => {
  if (!need(t, 'openssl')) return;
  const dir = folder(t);
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const made = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '1',
    '-subj',
    '/CN=gate',
    '-keyout',
    key,
    '-out',
    cert,
  ];
  assert.equal(spawnSync('openssl', made).status, 0);
  const server = createHttpsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) =>
    response.end(),
  );
  const port = await listening(t, server);
  const { why } = await probed(t, `https://127.0.0.1:${port}`);
  assert.match(
    inEnglish(why),
    /^TLS with 127\.0\.0\.1:\d+ fails \(DEPTH_ZERO_SELF_SIGNED_CERT\): look at its certificate/,
  );
  const plain = await farSide(t, (_, response) => response.end());
  assert.match(inEnglish((await probed(t, plain.replace('http:', 'https:'))).why), /cuts it before TLS is agreed/);
});
