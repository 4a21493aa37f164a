import assert from 'node:assert/strict';
import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type SerialLine, serialLine } from '../../src/devices/serial.ts';
import { need } from '../need.ts';
import { cable, end, type FaultRecorder, recordFaults, tempDir, until } from './support.ts';

interface Setup {
  readonly line: SerialLine;
  readonly faults: FaultRecorder;
  readonly states: boolean[];
  readonly received: () => string;
  readonly bytes: () => number;
}

function start(t: TestContext, path: string): Setup {
  const faults = recordFaults();
  const states: boolean[] = [];
  let received = '';
  let bytes = 0;
  const line = serialLine({
    device: 'relay',
    path,
    baudRate: 9_600,
    faults,
    onBytes(piece) {
      bytes += piece.length;
      received = (received + Buffer.from(piece).toString('latin1')).slice(-1_000);
    },
    onState: (up) => states.push(up),
  });
  line.start();
  t.after(() => line.stop());
  return { line, faults, states, received: () => received, bytes: () => bytes };
}

/** What comes out at the far end of the cable. */
function listen(t: TestContext, path: string): () => string {
  let text = '';
  const stream = createReadStream(path);
  stream.on('data', (piece) => {
    text += piece.toString();
  });
  stream.on('error', () => {});
  t.after(() => stream.destroy());
  return () => text;
}

async function ends(t: TestContext): Promise<readonly [string, string]> {
  const dir = await tempDir(t);
  return [join(dir, 'near'), join(dir, 'far')];
}

test('bytes go both ways', async (t) => {
  if (!need(t, 'socat')) return;
  const [near, far] = await ends(t);
  await cable(t, [near, far]);
  const { line, states, received } = start(t, near);
  await until('the port', () => states.at(-1) === true);
  const heard = listen(t, far);
  assert.equal(await line.write(Buffer.from('on')), 'sent');
  await until('the command at the far end', () => heard() === 'on');
  const board = await open(far, 'w');
  t.after(() => board.close());
  await board.write('ok');
  await until('the answer', () => received() === 'ok');
});

test('a cable that is pulled is noticed once, and nothing ordered meanwhile is sent when it is back', async (t) => {
  if (!need(t, 'socat')) return;
  const [near, far] = await ends(t);
  const first = await cable(t, [near, far]);
  const { line, faults, states } = start(t, near);
  await until('the port', () => states.at(-1) === true);

  await end(first);
  await until('the unplug', () => states.at(-1) === false);
  assert.match(faults.raised.get('PORT_GONE relay') ?? '', new RegExp(near));
  assert.equal(await line.write(Buffer.from('stale')), 'refused');

  await cable(t, [near, far]);
  const heard = listen(t, far);
  await until('the port again', () => states.at(-1) === true);
  assert.equal(await line.write(Buffer.from('fresh')), 'sent');
  await until('the fresh order', () => heard().includes('fresh'));
  assert.equal(heard(), 'fresh');
  assert.deepEqual(states, [true, false, true]);
  assert.deepEqual(faults.history, ['+PORT_GONE relay', '-PORT_GONE relay']);
});

test('an order that the plug was pulled on is not called sent, and is not sent later', async (t) => {
  if (!need(t, 'socat')) return;
  const [near, far] = await ends(t);
  const first = await cable(t, [near, far]);
  const { line, states } = start(t, near);
  await until('the port', () => states.at(-1) === true);
  first.kill('SIGSTOP');
  // The far side takes nothing: the line fills, and some write gets stuck.
  const results: Promise<string>[] = [];
  for (let count = 0; count < 20; count += 1) {
    results.push(line.write(Buffer.alloc(4_000, 'x')));
    await sleep(1);
  }
  const sent = await Promise.all(results);
  assert.ok(sent.includes('uncertain'), `no write was stuck: ${sent}`);
  assert.equal(sent.at(-1), 'refused');
  assert.equal(states.at(1), false);
  await end(first);
  await cable(t, [near, far]);
  const heard = listen(t, far);
  await until('the port again', () => states.at(-1) === true);
  await line.write(Buffer.from('fresh'));
  await until('the fresh order', () => heard().includes('fresh'));
  assert.equal(heard(), 'fresh');
});

test('a port that is not there is a fault, and is used once it comes', async (t) => {
  if (!need(t, 'socat')) return;
  const [near, far] = await ends(t);
  const { line, faults, states } = start(t, near);
  await until('the fault', () => faults.raised.has('PORT_GONE relay'));
  assert.match(faults.raised.get('PORT_GONE relay') ?? '', /No such file/);
  assert.equal(await line.write(Buffer.from('stale')), 'refused');
  await cable(t, [near, far]);
  await until('the port', () => states.at(-1) === true);
  assert.equal(faults.raised.size, 0);
});

test('a flood of garbage is handed on piece by piece, and the line goes on', async (t) => {
  if (!need(t, 'socat')) return;
  const [near, far] = await ends(t);
  await cable(t, [near, far]);
  const { states, bytes, received } = start(t, near);
  await until('the port', () => states.at(-1) === true);
  const flood = createWriteStream(far);
  t.after(() => flood.destroy());
  for (let count = 0; count < 50; count += 1) flood.write(Buffer.alloc(20_000, 0xa5));
  flood.write('after');
  await until('all of it', () => bytes() === 1_000_005);
  assert.ok(received().endsWith('after'));
  assert.deepEqual(states, [true]);
});

test('stop lets the last write out, and opens nothing any more', async (t) => {
  if (!need(t, 'socat')) return;
  const [near, far] = await ends(t);
  await cable(t, [near, far]);
  const { line, faults, states } = start(t, near);
  await until('the port', () => states.at(-1) === true);
  const heard = listen(t, far);
  const last = line.write(Buffer.from('off'));
  await line.stop();
  assert.equal(await last, 'sent');
  await until('the last command', () => heard() === 'off');
  assert.equal(await line.write(Buffer.from('late')), 'refused');
  assert.equal(faults.raised.size, 0);
});
