/** What scanners write, byte by byte, with the driver's default options. */
import type { Said } from '../../src/core/errors.ts';
import type { Input, Output } from '../contract.ts';
import { hex, utf8, type Vector } from '../vector.ts';

/** What the vectors are for. */
export const VECTOR_OPTIONS = {};

const UP: Input = { type: 'link', up: true };
const TICK: Input = { type: 'tick' };
const line = (bytes: Uint8Array): Input => ({ type: 'bytes', bytes });

const ticket = (barcode: string): Output => ({
  type: 'reading',
  reading: {
    credential: { kind: 'ticket', barcode },
    colour: 'unknown',
    confidence: null,
    identity: null,
    recordedAt: null,
  },
});

const noise = (detail: Said, bytes: number): Output => ({ type: 'discarded', reason: 'noise', detail, bytes });

export const VECTORS: readonly Vector[] = [
  {
    name: 'a code that ends in CR LF is read once',
    given: [
      [0, UP],
      [10, line(hex('30 31 30 32 32 39 37 36 30 30 30 30 30 30 30 31 37 0D 0A'))],
    ],
    expected: [ticket('01022976000000017')],
  },
  {
    name: 'a code that ends in CR is read',
    given: [
      [0, UP],
      [10, line(hex('54 2D 31 30 30 31 0D'))],
    ],
    expected: [ticket('T-1001')],
  },
  {
    name: 'two codes in one piece, each ending in LF, are two readings',
    given: [
      [0, UP],
      [10, line(hex('54 2D 31 30 30 31 0A 54 2D 31 30 30 32 0A'))],
    ],
    expected: [ticket('T-1001'), ticket('T-1002')],
  },
  {
    name: 'a code without an end is read after 50 ms of silence',
    given: [
      [0, UP],
      [10, line(hex('54 2D 31 30 30 31'))],
      [60, TICK],
    ],
    expected: [ticket('T-1001')],
  },
  {
    name: 'the AIM prefixes ]C1 and ]Q1 are not part of the code',
    given: [
      [0, UP],
      [10, line(hex('5D 43 31 54 2D 31 30 30 31 0D'))],
      [20, line(hex('5D 51 31 54 2D 31 30 30 32 0D'))],
    ],
    expected: [ticket('T-1001'), ticket('T-1002')],
  },
  {
    name: "a Newland scanner's answer before a code is skipped",
    given: [
      [0, UP],
      [10, line(hex('02 01 30 30 30 30 23 53 43 4E 54 52 47 31 06 3B 03 54 2D 31 30 30 31 0D'))],
    ],
    expected: [ticket('T-1001')],
  },
  {
    name: "a Newland scanner's answer right behind a code without an end separates the two",
    given: [
      [0, UP],
      [10, line(hex('54 2D 31 30 30 31 02 01 30 30 30 30 23 53 43 4E 54 52 47 30 06 3B 03'))],
    ],
    expected: [ticket('T-1001')],
  },
  {
    name: 'Chinese text in a QR code is read as UTF-8',
    given: [
      [0, UP],
      [10, line(utf8('粤A12345\r'))],
    ],
    expected: [ticket('粤A12345')],
  },
  {
    name: 'bytes of another baud rate are noise, and the next code is read',
    given: [
      [0, UP],
      [10, line(hex('F8 00 86 FE 0D 54 2D 31 30 30 31 0D'))],
    ],
    expected: [noise({ zh: '不是 UTF-8', en: 'not UTF-8' }, 4), ticket('T-1001')],
  },
  {
    name: 'control characters and very short codes are noise',
    given: [
      [0, UP],
      [10, line(hex('54 2D 07 31 30 31 0D 31 32 33 0D'))],
    ],
    expected: [
      noise({ zh: '含不可打印字符', en: 'not printable' }, 6),
      noise({ zh: '不足 4 个字符', en: 'shorter than 4 characters' }, 3),
    ],
  },
  {
    name: 'a code of more than 128 bytes is thrown away up to its end',
    given: [
      [0, UP],
      [10, line(utf8(`${'9'.repeat(200)}\rT-1001\r`))],
    ],
    expected: [
      {
        type: 'discarded',
        reason: 'tooLong',
        detail: { zh: '条码超过 128 字节', en: 'a code of more than 128 bytes' },
        bytes: 200,
      },
      ticket('T-1001'),
    ],
  },
];
