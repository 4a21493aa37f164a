/** What a caller cannot do to the listener: fill the memory, hold a connection, get an answer that is no JSON. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { type Raw, raw, site } from './site.ts';

const PATH = '/mallcoo/GetParkingPaymentInfo';
const HEAD = `POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
const MB = 1_048_576;

/** Status and parsed body of the first answer on a raw connection. */
function first({ text }: Raw): { readonly status: number; readonly json: Readonly<Record<string, unknown>> } {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  assert.match(head, /content-type: application\/json; charset=utf-8/i, text);
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
  const json: Readonly<Record<string, unknown>> = JSON.parse(Buffer.from(body).subarray(0, length).toString());
  return { status: Number(head.split(' ')[1]), json };
}

test('a body that is announced as too large is refused before a byte of it is sent', async (t) => {
  const s = await site(t);
  const { status, json } = first(await raw(s.port, [`${HEAD}Content-Length: ${10 * MB}\r\n\r\n`], '}'));
  assert.deepEqual([status, json], [413, { resCode: 1, resMsg: 'the body is too large: 4096 bytes at most' }]);
});

test('a chunked body is refused as soon as it has grown too large, not when it ends', async (t) => {
  const s = await site(t);
  const chunk = `800\r\n${' '.repeat(0x800)}\r\n`;
  const { status } = first(await raw(s.port, [`${HEAD}Transfer-Encoding: chunked\r\n\r\n`, chunk, chunk, chunk], '}'));
  assert.equal(status, 413);
});

test('the largest allowed body is read, whole or in pieces; one byte more is not', async (t) => {
  const s = await site(t);
  const body = (size: number): string => '{"plateNo":"x"}'.padEnd(size);
  assert.equal((await s.post('GetParkingPaymentInfo', body(4_096))).status, 200);
  assert.equal((await s.post('GetParkingPaymentInfo', body(4_097))).status, 413);
  const pieces = (size: number): string[] => [...(body(size).match(/.{1,1000}/gs) ?? [])];
  const chunked = (size: number): string[] => [
    `${HEAD}Transfer-Encoding: chunked\r\n\r\n`,
    ...pieces(size).map((part) => `${part.length.toString(16)}\r\n${part}\r\n`),
    '0\r\n\r\n',
  ];
  assert.equal(first(await raw(s.port, chunked(4_096), '}')).status, 200);
  assert.equal(first(await raw(s.port, chunked(4_097), '}')).status, 413);
});

test('10 MB, sent to the end, are answered with 413, and the server goes on', async (t) => {
  const s = await site(t);
  const body = Buffer.alloc(10 * MB, 32);
  const answers = await Promise.all([
    raw(s.port, [`${HEAD}Content-Length: ${body.length}\r\n\r\n`, body], '}'),
    raw(
      s.port,
      [`${HEAD}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`, body, '\r\n0\r\n\r\n'],
      '}',
    ),
  ]);
  for (const answer of answers) assert.equal(first(answer).status, 413);
  assert.equal((await s.post('GetParkingPaymentInfo', { plateNo: 'x' })).status, 200);
});

test('a caller that goes on sending after its 413 is cut off', async (t) => {
  const s = await site(t);
  const socket = connect(s.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
  const chunk = Buffer.from(`8000\r\n${' '.repeat(0x8000)}\r\n`);
  const feed = setInterval(() => socket.writableLength < MB && socket.write(chunk), 1);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(feed);
});

test('a body that never comes whole ends with a 408 in JSON and a closed connection', async (t) => {
  const s = await site(t, { requestTimeoutMs: 300 });
  const lying = await raw(s.port, [`${HEAD}Content-Length: 100\r\n\r\n{"plateNo":`]);
  assert.ok(lying.ended);
  assert.deepEqual(first(lying).status, 408);
  assert.equal(first(lying).json['resCode'], 1);
  const slow = await raw(s.port, [`${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`]);
  assert.ok(slow.ended);
  assert.equal(first(slow).status, 408);
  const headless = await raw(s.port, ['POST /mallcoo/GetTraffic HTTP/1.1\r\nHo']);
  assert.ok(headless.ended);
  assert.equal(first(headless).status, 408);
});

test('a caller that hangs up in the middle of its body disturbs nobody', async (t) => {
  const s = await site(t);
  for (let i = 0; i < 20; i++) {
    const socket = connect(s.port, '127.0.0.1');
    await new Promise<void>((resolve) => {
      socket.once('connect', () => socket.write(`${HEAD}Content-Length: 50\r\n\r\n{"pl`, () => resolve()));
    });
    socket.resetAndDestroy();
  }
  assert.equal((await s.post('GetParkingPaymentInfo', { plateNo: 'x' })).status, 200);
});

test('what is no proper HTTP still gets its answer in JSON', async (t) => {
  const s = await site(t);
  const odd = [
    'junk\r\n\r\n',
    `${HEAD}Content-Length: abc\r\n\r\n`,
    `${HEAD}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n`,
    `${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
    `GET ${PATH} HTTP/1.1\r\nHost: a b\r\n\r\n`,
    `GET ${PATH}\\x HTTP/1.1\r\nHost: x y\r\n\r\n`,
    'CONNECT elsewhere:443 HTTP/1.1\r\nHost: x\r\n\r\n',
  ];
  for (const text of odd) {
    const { status, json } = first(await raw(s.port, [text], '}'));
    assert.deepEqual([status, json['resCode']], [400, 1], text);
  }
  const large = first(
    await raw(s.port, [`GET ${PATH} HTTP/1.1\r\nHost: x\r\nX-Y: ${'y'.repeat(20_000)}\r\n\r\n`], '}'),
  );
  assert.deepEqual([large.status, large.json['resCode']], [431, 1]);
});

test('old and odd clients are served: HTTP/1.0, no Host, an Expect header', async (t) => {
  const s = await site(t);
  const body = '{"plateNo":"x"}';
  const calls = [
    `POST ${PATH} HTTP/1.0\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    `POST ${PATH} HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    `${HEAD}Expect: something\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  ];
  for (const text of calls) assert.equal(first(await raw(s.port, [text], '}')).status, 200, text);
});

test('closing ends idle and stuck connections; nobody is waited for without end', async (t) => {
  const s = await site(t);
  await s.post('GetParkingPaymentInfo', { plateNo: 'x' });
  const stuck = raw(s.port, [`${HEAD}Content-Length: 100\r\n\r\n{`]);
  const idle = raw(s.port, [`GET ${PATH}?plateNo=x HTTP/1.1\r\nHost: x\r\n\r\n`]);
  await s.post('GetParkingPaymentInfo', { plateNo: 'x' });
  await s.close();
  assert.ok((await stuck).ended);
  assert.ok((await idle).ended);
  await assert.rejects(s.post('GetParkingPaymentInfo', { plateNo: 'x' }));
});

test('a payment under way when the listener closes still gets its answer', async (t) => {
  let book: () => void = () => {};
  const called = new Promise<void>((resolve) => {
    book = resolve;
  });
  let answer: () => void = () => {};
  const s = await site(t, {
    submit: () => {
      book();
      return new Promise((resolve) => {
        answer = () => resolve({ type: 'booked', visit: 'FEE1' as never, repeated: false, flags: [] });
      });
    },
  });
  const payment = s.post('PayParkingFee', { orderNo: '1', amount: 1, plateNo: 'x' });
  await called;
  const closed = s.close();
  answer();
  assert.equal((await payment).json['resCode'], 0);
  await closed;
});
