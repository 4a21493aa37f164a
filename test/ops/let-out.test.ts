/** `POST /let-out` on a real listener before the real loop: who is let go, and what a wrong call is told. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { type TestContext, test } from 'node:test';
import type { LaneId, ParkId, VisitId } from '../../src/core/ids.ts';
import type { JournalRecord } from '../../src/core/park/events.ts';
import { emptyState } from '../../src/core/park/state.ts';
import type { Instant } from '../../src/core/time.ts';
import { startGateway } from '../../src/gateway/gateway.ts';
import { GatewayBusy, GatewayFull, GatewayStopped, type Room } from '../../src/gateway/ports.ts';
import { createLocalApp, serveLocal } from '../../src/ops/local.ts';
import { lane, minutes, park, plate, TEN } from '../core/park/scene.ts';

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Booth {
  readonly records: JournalRecord[];
  room: Room;
  at: Instant;
  /** The real loop, or what a test puts in its place. */
  failWith: Error | null;
  read(laneId: string, text: string, parkId?: string): Promise<void>;
  post(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

/** Two parks; both have an exit `out-1`, one of them an `out-9`. */
async function booth(t: TestContext): Promise<Booth> {
  const second = park({
    id: 'P002' as ParkId,
    lanes: new Map(['out-1', 'out-9'].map((id) => [id as LaneId, lane(id, 'out')])),
  });
  const world = { parks: new Map([park(), second].map((one) => [one.id, one])) };
  const records: JournalRecord[] = [];
  const loop = startGateway({
    world: () => world,
    working: emptyState(),
    committed: emptyState(),
    journal: { append: async (batch) => void records.push(...batch), room: () => self.room },
    clock: { now: () => self.at },
    faults: { raise: () => {}, clear: () => {} },
    inboxLimit: 10,
    batchLimit: 10,
    onCommit: () => {},
    onEffect: () => {},
    onFatal: (error) => {
      throw error;
    },
  });
  const gateway = {
    state: loop.state,
    submit: (command: Parameters<typeof loop.submit>[0]) =>
      self.failWith ? Promise.reject(self.failWith) : loop.submit(command),
  };
  const health = (): never => {
    throw new Error('nobody asks here');
  };
  const app = createLocalApp({ health, world: () => world, gateway, language: 'en', clock: { now: () => self.at } });
  const server = await serveLocal(app, { host: '127.0.0.1', port: 0 });
  t.after(async () => {
    await server.close();
    await loop.stop();
  });
  let visits = 0;
  const self: Booth = {
    records,
    room: 'free',
    at: TEN,
    failWith: null,
    async read(laneId, text, parkId = 'P001') {
      visits += 1;
      await loop.submit({
        type: 'reading',
        park: parkId as ParkId,
        lane: laneId as LaneId,
        reading: {
          device: 'cam' as never,
          credential: plate(text),
          colour: 'unknown',
          confidence: null,
          identity: null,
        },
        history: null,
        freshVisit: `V${visits}` as VisitId,
      });
    },
    post: (body, headers = {}) => post(server.port, typeof body === 'string' ? body : JSON.stringify(body), headers),
  };
  return self;
}

/** By Node's own request, which lets a test say any Host. */
function post(port: number, body: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: '127.0.0.1',
        port,
        path: '/let-out',
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
      },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Answer['body'] }),
        );
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

const ASK = { park: 'P001', lane: 'out-1', reason: 'showed the payment', by: '李师傅' } as const;

test('a held car is let out: who, what it left owing, and whether an arm rises; and the books say why', async (t) => {
  const gate = await booth(t);
  await gate.read('in-1', '粤A12345');
  gate.at = minutes(50);
  await gate.read('out-1', '粤A12345');
  assert.deepEqual(await gate.post(ASK, { 'content-type': 'application/json; charset=utf-8' }), {
    status: 200,
    body: { park: 'P001', lane: 'out-1', vehicle: '粤A12345', visit: 'V1', uncollected: 500, arm: true },
  });
  const [left, order] = gate.records.at(-1)?.events ?? [];
  assert.ok(left?.type === 'left' && order?.type === 'barrierOrdered');
  assert.deepEqual([left.letOut, left.reason, left.by], ['operator', 'showed the payment', '李师傅']);
  const again = await gate.post(ASK);
  assert.deepEqual([again.status, again.body['error']], [409, 'NOBODY_WAITS']);
});

test('the park may be left out where only one has that exit', async (t) => {
  const gate = await booth(t);
  await gate.read('out-9', '粤A12345', 'P002');
  const { park: _, ...ask } = ASK;
  assert.deepEqual((await gate.post({ ...ask, lane: 'out-9' })).body, {
    park: 'P002',
    lane: 'out-9',
    vehicle: '粤A12345',
    visit: null,
    uncollected: 0,
    arm: true,
  });
  assert.equal((await gate.post(ask)).body['error'], 'PARK_REQUIRED');
});

const WRONG: readonly (readonly [
  name: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
  status: number,
  error: string,
  text: RegExp,
])[] = [
  ['no lane', { ...ASK, lane: undefined }, {}, 400, 'FIELD_REQUIRED', /lane/],
  ['a reason of blanks', { ...ASK, reason: '  ' }, {}, 400, 'FIELD_REQUIRED', /reason/],
  [
    'a reason that is too long',
    { ...ASK, reason: 'x'.repeat(201) },
    {},
    400,
    'FIELD_INVALID',
    /reason.*200 characters/,
  ],
  ['a reason of two lines', { ...ASK, reason: 'a\nb' }, {}, 400, 'FIELD_INVALID', /reason.*one line/],
  ['a lane that is no text', { ...ASK, lane: 7 }, {}, 400, 'FIELD_INVALID', /lane.*7/],
  ['an entry', { ...ASK, lane: 'in-1' }, {}, 404, 'LANE_UNKNOWN', /in-1/],
  ['a lane that is none', { ...ASK, lane: 'out-7', park: null }, {}, 404, 'LANE_UNKNOWN', /out-7/],
  ['a park that is none', { ...ASK, park: 'P9' }, {}, 404, 'PARK_UNKNOWN', /P9/],
  ['nobody there', ASK, {}, 409, 'NOBODY_WAITS', /the arm was not raised/],
  ['no JSON', '{', {}, 400, 'BODY_UNREADABLE', /not JSON/],
  ['a list', [ASK], {}, 400, 'BODY_UNREADABLE', /JSON object/],
  ['too much', { ...ASK, by: 'x'.repeat(300_000) }, {}, 413, 'BODY_TOO_LARGE', /262144/],
  [
    'a form, as a page of another site can send it',
    ASK,
    { 'content-type': 'text/plain' },
    415,
    'BODY_UNREADABLE',
    /json/,
  ],
  ['a name that somebody lets point here', ASK, { host: 'evil.example:8081' }, 403, 'ORIGIN_FOREIGN', /Host/],
];

for (const [name, body, headers, status, error, text] of WRONG) {
  test(`${name}: ${status} ${error}, and nothing is written`, async (t) => {
    const gate = await booth(t);
    const answer = await gate.post(body, headers);
    assert.deepEqual([answer.status, answer.body['error']], [status, error]);
    assert.match(String(answer.body['text']), text);
    assert.deepEqual(gate.records, []);
  });
}

test('localhost and every address are names of this machine', async (t) => {
  const gate = await booth(t);
  for (const host of ['localhost', 'localhost:8081', '127.0.0.1:8081', '[::1]:8081', '192.168.1.10'])
    assert.equal((await gate.post(ASK, { host })).status, 409, host);
});

test('on a full disk a car is let out on what was set aside for that', async (t) => {
  const gate = await booth(t);
  await gate.read('out-1', '粤A12345');
  gate.room = 'reserve';
  assert.equal((await gate.post(ASK)).status, 200);
  await assert.rejects(gate.read('out-1', '粤B12345'), GatewayFull);
  gate.room = 'none';
  gate.failWith = new GatewayFull('the disk is full');
  assert.deepEqual((await gate.post(ASK)).body['error'], 'NO_ROOM');
});

test('a gate that is busy or stopping says so', async (t) => {
  const gate = await booth(t);
  for (const [error, code] of [
    [new GatewayBusy('busy'), 'BUSY'],
    [new GatewayStopped('stopping'), 'STOPPING'],
  ] as const) {
    gate.failWith = error;
    const { status, body } = await gate.post(ASK);
    assert.deepEqual([status, body['error']], [503, code]);
  }
});
