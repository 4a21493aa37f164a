/** The id of a visit: what Mallcoo calls `feeId`. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { VISIT_ID_BYTES, visitIdFrom } from '../../src/core/ids.ts';

/** The other way: the chance that an id was made of. */
function chanceOf(id: string): Uint8Array {
  let bits = 0n;
  for (const letter of id) bits = bits * 32n + BigInt('0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(letter));
  return Uint8Array.from({ length: VISIT_ID_BYTES }, (_, index) =>
    Number((bits >> BigInt(8 * (VISIT_ID_BYTES - 1 - index))) & 255n),
  );
}

test('a feeId is unguessable: each of its 80 bits is chance, and none is lost', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: VISIT_ID_BYTES, maxLength: VISIT_ID_BYTES }), (chance) => {
      const id = visitIdFrom(chance);
      assert.match(id, /^[0-9A-HJKMNP-TV-Z]{16}$/);
      assert.deepEqual(chanceOf(id), Uint8Array.from(chance));
    }),
  );
});

test('too little chance makes no id', () => {
  assert.throws(() => visitIdFrom(randomBytes(VISIT_ID_BYTES - 1)), RangeError);
});
