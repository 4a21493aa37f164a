import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { packetSizeWatcher } from '../../src/devices/packet-size.ts';

/** A packet with a body of so many bytes; the length as MQTT 3.1.1, 2.2.3 writes it. */
function packet(body: number): Buffer {
  const head = [0x30];
  let rest = body;
  do {
    head.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.from(head), Buffer.alloc(body, 0xff)]);
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (let index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

test('packets within the limit pass and the first one beyond is stopped, however the stream is cut', () => {
  const LIMIT = 20_000;
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 24_000 }), { minLength: 1, maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1, maxLength: 5 }),
      (bodies, sizes) => {
        const fits = packetSizeWatcher(LIMIT, LIMIT);
        const passed = cut(Buffer.concat(bodies.map(packet)), sizes).every((piece) => fits(piece));
        assert.equal(
          passed,
          bodies.every((body) => body <= LIMIT),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('the first packet has a limit of its own', () => {
  assert.equal(packetSizeWatcher(100, 1_000)(packet(101)), false);
  const fits = packetSizeWatcher(100, 1_000);
  assert.equal(fits(packet(100)), true);
  assert.equal(fits(packet(1_000)), true);
  assert.equal(fits(packet(1_001)), false);
});

test('a length that never ends is stopped', () => {
  const fits = packetSizeWatcher(2 ** 28, 2 ** 28);
  assert.equal(fits(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80])), false);
});
