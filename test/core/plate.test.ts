import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalisePlate, type PlateKind, plateKind } from '../../src/core/plate.ts';

const SPELLINGS: readonly (readonly [written: string, plate: string | undefined])[] = [
  ['粤A12345', '粤A12345'],
  ['粤a12345', '粤A12345'],
  ['粤A·12345', '粤A12345'],
  ['粤A-12345', '粤A12345'],
  [' 粤A 123 45 ', '粤A12345'],
  ['粤Ａ１２３４５', '粤A12345'],
  ['藏-DKFJ69', '藏DKFJ69'],
  ['粤AO1I45', '粤A01145'],
  ['ABC1O', 'ABC1O'],
  ['_无_', undefined],
  ['无牌车', undefined],
  ['unknown', undefined],
  ['', undefined],
  ['   ', undefined],
  ['A'.repeat(17), undefined],
];

for (const [written, plate] of SPELLINGS) {
  test(`"${written}" is ${plate ?? 'no plate'}`, () => assert.equal(normalisePlate(written), plate));
}

const KINDS: readonly (readonly [string, PlateKind])[] = [
  ['粤A12345', 'ordinary'],
  ['赣GZ7S13', 'ordinary'],
  ['沪AD12345', 'green'],
  ['沪A12345D', 'green'],
  ['粤Z1234港', 'hongKongMacau'],
  ['粤Z12F4澳', 'hongKongMacau'],
  ['京A1234挂', 'trailerSchoolPolice'],
  ['京A1234学', 'trailerSchoolPolice'],
  ['京A1234警', 'trailerSchoolPolice'],
  ['沪A1234领', 'consulate'],
  ['使123456', 'embassy'],
  ['123456使', 'embassy'],
  ['WJ京1234T', 'armedPolice'],
  ['WJ12345', 'armedPolice'],
  ['VA12345', 'military'],
  ['WX1234A', 'unrecognised'],
  ['B2884SCP', 'unrecognised'],
];

for (const [text, kind] of KINDS) {
  test(`${text} is ${kind}`, () => {
    const plate = normalisePlate(text);
    assert.ok(plate);
    assert.equal(plateKind(plate), kind);
  });
}

test('a plate written in its one spelling stays as it is, whatever was typed', () => {
  const alphabet = '粤京AaOo01I·- .Ａ８港领无_使WJ';
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 12 }), (text) => {
      const plate = normalisePlate(text);
      if (plate !== undefined) assert.equal(normalisePlate(plate), plate);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
      const plate = normalisePlate(text);
      assert.ok(plate === undefined || plate.length <= 16);
    }),
  );
});
