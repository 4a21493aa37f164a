/** The scanner driver with a scanner at the other end of the line. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serialScanner } from '../../drivers/serial-scanner/driver.ts';
import { accepted, type Suffix, scan } from '../../drivers/serial-scanner/simulator.ts';
import { VECTOR_OPTIONS, VECTORS } from '../../drivers/serial-scanner/vectors.ts';
import { hex, utf8 } from '../../drivers/vector.ts';
import { after } from '../../src/core/time.ts';
import { acksIn, DOWN, namesIn, orderAt, type Rig, rigOf, testVectors, UP } from './rig.ts';

testVectors(() => rigOf(serialScanner, VECTOR_OPTIONS), VECTORS);

function scanner(options: object = {}): Rig {
  const rig = rigOf(serialScanner, options);
  rig.give(UP);
  return rig;
}

/** The codes that are read from these bytes, and in the 100 ms after them. */
function reads(rig: Rig, bytes: Uint8Array): readonly string[] {
  return [...namesIn(rig.give({ type: 'bytes', bytes })), ...namesIn(rig.pass(100))];
}

for (const suffix of ['cr', 'lf', 'crlf', 'none'] satisfies Suffix[]) {
  test(`a scanner set to end codes with ${suffix} is understood without configuration`, () => {
    const rig = scanner();
    assert.deepEqual(reads(rig, scan('0102-A', { suffix })), ['0102-A']);
    assert.deepEqual(reads(rig, scan('0102-B', { suffix, aim: ']C1' })), ['0102-B']);
    assert.equal(rig.wakeAt(), null);
  });
}

test('a ticket held before the scanner is one reading; shown again a second later it is another', () => {
  const rig = scanner();
  const seen = [0, 1, 2, 3, 4, 5].flatMap(() => [...reads(rig, scan('T-1001')), ...namesIn(rig.pass(300))]);
  assert.deepEqual(seen, ['T-1001']);
  rig.pass(1_000);
  assert.deepEqual(reads(rig, scan('T-1001')), ['T-1001']);
});

test('another ticket right after the first is a reading of its own', () => {
  const rig = scanner();
  assert.deepEqual([...reads(rig, scan('T-1001')), ...reads(rig, scan('T-1002'))], ['T-1001', 'T-1002']);
});

test('a code that pauses for less than the gap is one code, for more it is two', () => {
  const rig = scanner();
  rig.give({ type: 'bytes', bytes: utf8('T-10') });
  rig.pass(49);
  assert.deepEqual(reads(rig, utf8('01\r')), ['T-1001']);
  rig.give({ type: 'bytes', bytes: utf8('T-10') });
  assert.deepEqual(namesIn(rig.pass(50)), ['T-10']);
});

test('bytes that overtake the tick still start a new code', () => {
  const rig = scanner();
  rig.give({ type: 'bytes', bytes: utf8('T-1001') });
  rig.set(after(rig.now(), 80));
  assert.deepEqual(namesIn(rig.give({ type: 'bytes', bytes: utf8('T-1002\r') })), ['T-1001', 'T-1002']);
});

test("the scanner's answers to commands are no codes, wherever they stand", () => {
  const rig = scanner();
  assert.deepEqual(reads(rig, accepted()), []);
  assert.deepEqual(reads(rig, Uint8Array.of(...accepted('SCNTRG0'), ...scan('T-1001'), ...accepted())), ['T-1001']);
});

test('an answer whose end was lost costs nothing but the silence after it', () => {
  const rig = scanner();
  const out = [...rig.give({ type: 'bytes', bytes: accepted().subarray(0, 12) }), ...rig.pass(50)];
  assert.deepEqual(out, [
    {
      type: 'discarded',
      reason: 'noise',
      detail: { zh: '指令的应答，缺少结尾', en: 'the answer to a command, without its end' },
      bytes: 12,
    },
  ]);
  assert.deepEqual(reads(rig, scan('T-1001')), ['T-1001']);
});

test('an answer without end is not held for ever', () => {
  const rig = scanner();
  rig.give({ type: 'bytes', bytes: Uint8Array.of(...accepted().subarray(0, 12), ...utf8('x'.repeat(600))) });
  assert.deepEqual(reads(rig, utf8('\rT-1001\r')), ['T-1001']);
});

test('a line that never ends a code is thrown away, and the code after its end is read', () => {
  const rig = scanner({ maxLength: 32 });
  for (let i = 0; i < 100; i += 1) rig.give({ type: 'bytes', bytes: utf8('0123456789') });
  assert.ok(rig.size() < 200);
  assert.deepEqual(rig.give({ type: 'bytes', bytes: utf8('\r') }), [
    {
      type: 'discarded',
      reason: 'tooLong',
      detail: { zh: '条码超过 32 字节', en: 'a code of more than 32 bytes' },
      bytes: 1_000,
    },
  ]);
  assert.deepEqual(reads(rig, scan('T-1001')), ['T-1001']);
});

test('a plug pulled in the middle of a code leaves no half code behind', () => {
  const rig = scanner();
  rig.give({ type: 'bytes', bytes: utf8('T-10') });
  assert.deepEqual(rig.give(DOWN), [
    {
      type: 'discarded',
      reason: 'noise',
      detail: { zh: '条码中途断开', en: 'cut off in the middle of a code' },
      bytes: 4,
    },
  ]);
  rig.give(UP);
  assert.deepEqual(reads(rig, scan('T-1002')), ['T-1002']);
});

test('set to plates, a code is a plate in its one spelling, and others are noise', () => {
  const rig = scanner({ credential: 'plate' });
  assert.deepEqual(reads(rig, scan('粤b-o2345')), ['粤B02345']);
  assert.deepEqual(rig.give({ type: 'bytes', bytes: scan('12345678901234567890') }), [
    { type: 'discarded', reason: 'noise', detail: { zh: '不是车牌', en: 'not a plate' }, bytes: 20 },
  ]);
});

test('a broken character is noise', () => {
  assert.deepEqual(reads(scanner(), hex('E7 B2 41 31 32 33 34 35 0D')), []);
});

test('a clock that is set back does not make a new scan look like a repeat', () => {
  const rig = scanner();
  assert.deepEqual(reads(rig, scan('T-1001')), ['T-1001']);
  rig.setBack(3_600_000);
  assert.deepEqual(reads(rig, scan('T-1001')), ['T-1001']);
});

test('a clock that is set back in the middle of a code does not hold it for an hour', () => {
  const rig = scanner();
  rig.give({ type: 'bytes', bytes: utf8('T-1001') });
  rig.setBack(3_600_000);
  assert.deepEqual(namesIn(rig.pass(100)), ['T-1001']);
});

test('an order to a scanner is refused', () => {
  const rig = scanner();
  assert.deepEqual(acksIn(rig.give(orderAt(rig, '1.0'))), ['1.0 refused']);
});
