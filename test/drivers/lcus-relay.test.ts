/** The relay driver with a board at the other end of the line. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Input, Output } from '../../drivers/contract.ts';
import { lcusRelay } from '../../drivers/lcus-relay/driver.ts';
import { type Board, board } from '../../drivers/lcus-relay/simulator.ts';
import { VECTOR_OPTIONS, VECTORS } from '../../drivers/lcus-relay/vectors.ts';
import { after } from '../../src/core/time.ts';
import { acksIn, DOWN, orderAt, type Rig, rigOf, testVectors, UP } from './rig.ts';

testVectors(() => rigOf(lcusRelay, VECTOR_OPTIONS), VECTORS);

interface Gate {
  readonly rig: Rig;
  readonly board: Board;
  readonly acks: string[];
  give(input: Input): void;
}

/** A driver and a board, joined by a line. */
function gate(options: object = {}, device: Board = board()): Gate {
  const acks: string[] = [];
  const rig = rigOf(lcusRelay, options, (out: readonly Output[], now) => {
    acks.push(...acksIn(out));
    for (const one of out) if (one.type === 'write') device.receive(one.bytes, now);
  });
  return { rig, board: device, acks, give: (input) => void rig.give(input) };
}

function running(options: object = {}): Gate {
  const one = gate(options);
  one.give(UP);
  one.rig.pass(2_000);
  return one;
}

test('the arm gets its pulse: the relay is on for 500 ms, and the order is answered as sent', () => {
  const { rig, board, acks, give } = running();
  give(orderAt(rig, '1.0', 1));
  assert.deepEqual(board.on(), [1]);
  rig.pass(499);
  assert.deepEqual(board.on(), [1]);
  rig.pass(1);
  assert.deepEqual(board.on(), []);
  assert.deepEqual(acks, ['1.0 sent']);
  assert.equal(rig.wakeAt(), null);
});

test('a second order during the pulse makes it longer, and is answered too', () => {
  const { rig, board, acks, give } = running();
  give(orderAt(rig, '1.0', 1));
  rig.pass(300);
  give(orderAt(rig, '2.0', 1));
  rig.pass(499);
  assert.deepEqual(board.on(), [1]);
  rig.pass(1);
  assert.deepEqual(board.on(), []);
  assert.deepEqual(acks, ['1.0 sent', '2.0 sent']);
});

test('orders for two arms at the same moment are 50 ms apart on the line: the board loses none', () => {
  const { rig, board, acks, give } = running({ channels: [1, 2, 3] });
  for (const channel of [1, 2, 3]) give(orderAt(rig, `${channel}.0`, channel));
  assert.deepEqual(board.on(), [1]);
  rig.pass(100);
  assert.deepEqual(board.on(), [1, 2, 3]);
  rig.pass(600);
  assert.deepEqual(board.on(), []);
  assert.equal(board.lost(), 0);
  assert.deepEqual(acks, ['1.0 sent', '2.0 sent', '3.0 sent']);
});

test('a relay that a crash left on is put off when the daemon is back', () => {
  const device = board();
  const before = gate({ channels: [1, 2] }, device);
  before.give(UP);
  before.rig.pass(1_000);
  before.give(orderAt(before.rig, '1.0', 2));
  assert.deepEqual(device.on(), [2]);
  const next = gate({ channels: [1, 2] }, device);
  next.rig.set(after(before.rig.now(), 60_000));
  next.give(UP);
  next.rig.pass(50);
  assert.deepEqual(device.on(), []);
});

test('the plug is pulled in the middle of a pulse: the relay is put off when it is back', () => {
  const { rig, board, give } = running();
  give(orderAt(rig, '1.0', 1));
  give(DOWN);
  rig.pass(5_000);
  assert.deepEqual(board.on(), [1]);
  give(UP);
  assert.deepEqual(board.on(), []);
});

test('a stop in the middle of two pulses leaves no relay on', () => {
  const { rig, board, give } = running({ channels: [1, 2] });
  give(orderAt(rig, '1.0', 1));
  give(orderAt(rig, '2.0', 2));
  rig.pass(60);
  assert.deepEqual(board.on(), [1, 2]);
  give({ type: 'stop' });
  rig.pass(200);
  assert.deepEqual(board.on(), []);
});

test('a stop without any tick after it still puts the running relay off', () => {
  const { rig, board, give } = running({ channels: [1, 2] });
  give(orderAt(rig, '2.0', 2));
  rig.pass(100);
  give({ type: 'stop' });
  assert.deepEqual(board.on(), []);
});

test('after a stop no order is taken any more', () => {
  const { rig, board, acks, give } = running();
  give({ type: 'stop' });
  give(orderAt(rig, '1.0', 1));
  rig.pass(1_000);
  assert.deepEqual([acks, board.on()], [['1.0 refused'], []]);
});

test('a stop while the board is away writes nothing that would wait for it', () => {
  const { rig, give } = running();
  give(DOWN);
  assert.deepEqual(rig.give({ type: 'stop' }), []);
  assert.equal(rig.wakeAt(), null);
});

test('an order that comes too late is expired, and the relay stays off', () => {
  const { rig, board, acks, give } = running();
  give(orderAt(rig, '1.0', 1, -1));
  rig.pass(1_000);
  assert.deepEqual([acks, board.on()], [['1.0 expired'], []]);
});

test('an order whose time runs out behind another one is expired, and its relay stays off', () => {
  const { rig, board, acks, give } = running({ channels: [1, 2] });
  give(orderAt(rig, '1.0', 1));
  give(orderAt(rig, '2.0', 2, 30));
  rig.pass(100);
  assert.deepEqual([acks, board.on()], [['1.0 sent', '2.0 expired'], [1]]);
});

test('without the board an order is refused, and is not carried out when it comes back', () => {
  const { rig, board, acks, give } = running({ channels: [1, 2] });
  give(orderAt(rig, '1.0', 1));
  give(orderAt(rig, '2.0', 2));
  give(DOWN);
  give(orderAt(rig, '3.0', 1));
  give(UP);
  rig.pass(1_000);
  assert.deepEqual([acks, board.on()], [['1.0 sent', '2.0 refused', '3.0 refused'], []]);
});

test('a relay that is not configured is never put on: nobody would put it off', () => {
  const { rig, board, acks, give } = running({ channels: [1] });
  give(orderAt(rig, '1.0', 2));
  rig.pass(1_000);
  assert.deepEqual([acks, board.on()], [['1.0 refused'], []]);
});

test('the seventeenth waiting order is refused', () => {
  const { rig, acks, give } = running();
  for (let i = 0; i < 18; i += 1) give(orderAt(rig, `${i}.0`, 1));
  // The first was written at once, and sixteen wait.
  assert.deepEqual(acks, ['0.0 sent', '17.0 refused']);
});

test('a clock that is set back by an hour keeps the relay on for one pulse more, not for an hour', () => {
  const { rig, board, give } = running();
  give(orderAt(rig, '1.0', 1));
  rig.setBack(3_600_000);
  rig.pass(1_000);
  assert.deepEqual(board.on(), []);
});
