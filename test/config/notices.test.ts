/** `parks[].mallcoo.notices`: what a mistake in it is told, and what is filled in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, configOf, errorsOf } from './site.ts';

const KEY = '0123456789abcdef';

const notices = (settings: string): string =>
  changed(['{ auth: { type: none } }', `{ auth: { type: none }, notices: { ${settings} } }`]);
const NEEDED = `appId: "10086", publicKey: aB3, privateKey: ${KEY}`;

test('three values of Mallcoo are enough; the rest has the defaults of 1.4', () => {
  const [park] = configOf(notices(NEEDED)).parks;
  assert.partialDeepStrictEqual(park?.mallcoo.notices, {
    url: 'https://openapi10.mallcoo.cn/Parking/V1/EnterInfoNotify/',
    plateEncoding: 'raw',
    unplated: '无牌车',
    perSecond: 5,
    giveUpDays: 7,
  });
  assert.equal(park?.mallcoo.notices?.exit, undefined);
});

const WRONG: readonly (readonly [settings: string, path: string, fix: RegExp])[] = [
  [`publicKey: aB3, privateKey: ${KEY}`, 'appId', /appId/],
  [`appId: 应用, publicKey: aB3, privateKey: ${KEY}`, 'appId', /ASCII, without blanks/],
  [`appId: "1", publicKey: "a b", privateKey: ${KEY}`, 'publicKey', /ASCII, without blanks/],
  ['appId: "1", publicKey: aB3, privateKey: short', 'privateKey', /16 characters or more/],
  [`${NEEDED}, url: "ftp://mallcoo.example/x"`, 'url', /https:\/\/host\/path/],
  [`${NEEDED}, url: "https://me:secret@mallcoo.example/x"`, 'url', /https:\/\/host\/path/],
  [`${NEEDED}, perSecond: 0`, 'perSecond', /from 1 to 1000/],
  [`${NEEDED}, giveUpDays: 91`, 'giveUpDays', /from 1 to 90/],
  [`${NEEDED}, plateEncoding: gbk`, 'plateEncoding', /raw, url/],
  [`${NEEDED}, exit: {}`, 'exit.url', /url/],
];

for (const [settings, path, fix] of WRONG) {
  test(`a mistake in ${path} is told with the way out: ${settings.replace(NEEDED, '…')}`, () => {
    const errors = errorsOf(notices(settings));
    assert.deepEqual(
      errors.map((error) => error.path),
      [`parks[0].mallcoo.notices.${path}`],
    );
    const [error] = errors;
    assert.match(`${error?.message.en} ${error?.fix.en}`, fix);
    assert.doesNotMatch(JSON.stringify(errors), /secret@|short/);
  });
}
