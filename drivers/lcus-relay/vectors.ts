/** LCUS boards: the frames of the data sheet, for channels 1 and 2 and a pulse of 500 ms. */
import type { Instant } from '../../src/core/time.ts';
import type { Input } from '../contract.ts';
import { hex, type Vector } from '../vector.ts';

/** What the vectors are for. */
export const VECTOR_OPTIONS = { channels: [1, 2], pulseMs: 500 };

const UP: Input = { type: 'link', up: true };
const TICK: Input = { type: 'tick' };
const FAR = Number.MAX_SAFE_INTEGER as Instant;

const open = (id: string, output: number): Input => ({
  type: 'order',
  order: { id, type: 'open', output, deadline: FAR },
});

export const VECTORS: readonly Vector[] = [
  {
    name: 'the line comes up: relays 1 and 2 are put off, 50 ms apart',
    given: [
      [0, UP],
      [50, TICK],
    ],
    expected: [
      { type: 'write', bytes: hex('A0 01 00 A1') },
      { type: 'write', bytes: hex('A0 02 00 A2') },
    ],
  },
  {
    name: 'an order for relay 1 puts it on, and off after 500 ms',
    given: [
      [0, UP],
      [50, TICK],
      [100, open('7.0', 1)],
      [600, TICK],
    ],
    expected: [
      { type: 'write', bytes: hex('A0 01 00 A1') },
      { type: 'write', bytes: hex('A0 02 00 A2') },
      { type: 'write', bytes: hex('A0 01 01 A2') },
      { type: 'ack', order: '7.0', outcome: 'sent' },
      { type: 'write', bytes: hex('A0 01 00 A1') },
    ],
  },
  {
    name: 'an order for relay 2 puts it on, and off after 500 ms',
    given: [
      [0, UP],
      [50, TICK],
      [100, open('8.1', 2)],
      [600, TICK],
    ],
    expected: [
      { type: 'write', bytes: hex('A0 01 00 A1') },
      { type: 'write', bytes: hex('A0 02 00 A2') },
      { type: 'write', bytes: hex('A0 02 01 A3') },
      { type: 'ack', order: '8.1', outcome: 'sent' },
      { type: 'write', bytes: hex('A0 02 00 A2') },
    ],
  },
  {
    name: 'a board that echoes the command is not noise',
    given: [
      [0, UP],
      [5, { type: 'bytes', bytes: hex('A0 01') }],
      [6, { type: 'bytes', bytes: hex('00 A1') }],
    ],
    expected: [{ type: 'write', bytes: hex('A0 01 00 A1') }],
  },
  {
    name: 'anything else that the board sends is counted',
    given: [
      [0, UP],
      [5, { type: 'bytes', bytes: hex('A0 01 FF') }],
    ],
    expected: [
      { type: 'write', bytes: hex('A0 01 00 A1') },
      {
        type: 'discarded',
        reason: 'unexpected',
        detail: { zh: '继电器板发来的数据不是指令的回显', en: 'the board sent something that is no echo of a command' },
        bytes: 1,
      },
    ],
  },
];
