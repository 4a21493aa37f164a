/** docs/mallcoo.md is in step with the tests and the answers that it tells of. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ENTRY_FIELDS } from '../../src/mallcoo/notices/settings.ts';
import { need } from '../need.ts';
import { plate, type Reply, site } from './site.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'mallcoo.md'), 'utf8');
const CAR = '沪A68688';

/** What stands below a heading, up to the next one. */
function section(heading: string): string {
  const found = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0];
  assert.ok(found, `no section "${heading}"`);
  return found;
}

/** The fields that have a row of their own in a section. */
const rows = (heading: string): readonly string[] =>
  [...section(heading).matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1] ?? '');

/** The names of the tests of the calls and of the core; of a name that is made, each that the page could mean is a pattern. */
const names: readonly RegExp[] = [
  import.meta.dirname,
  join(import.meta.dirname, 'notices'),
  join(import.meta.dirname, '..', 'core'),
  join(import.meta.dirname, '..', 'core', 'park'),
]
  .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
  .filter((file) => file.endsWith('.test.ts'))
  .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/^\s*test\(\s*(['`])(.+?)\1,/gm)])
  .map((match) => {
    const parts = (match[2] ?? '').split(/\$\{\w+\}/).map((part) => RegExp.escape(part));
    return new RegExp(`^${parts.join('.+')}$`);
  });

test('every test that docs/mallcoo.md names exists', () => {
  const cited = [...page.matchAll(/(?<!\*)\*(?!\*|italics)([^*|]+)\*/g)].map((match) => match[1]?.replace(/\s+/g, ' '));
  assert.ok(cited.length > 60, `${cited.length} tests are named`);
  assert.deepEqual(
    cited.filter((name) => !names.some((pattern) => pattern.test(name ?? ''))),
    [],
  );
});

test('every field of the standard’s requests and of our answers has its row in docs/mallcoo.md', async (t) => {
  const s = await site(t);
  const feeId = await s.enter(plate(CAR));
  const fields = ({ json }: Reply): readonly string[] => {
    assert.equal(json['resCode'], 0);
    return Object.keys(json);
  };
  const info = fields(await s.post('GetParkingPaymentInfo', { plateNo: CAR }));
  const asked = ['parkId', 'plateNo', 'barcode', 'freeMinutes', 'freeAmount'];
  assert.deepEqual(rows('1.1 GetParkingPaymentInfo'), [...asked, ...info]);

  const paid = fields(await s.post('PayParkingFee', { orderNo: 'M1', feeId, amount: 1 }));
  const notice = 'parkId feeId orderNo thirdTradeNo plateNo barcode payTime unPayAmount amount deductionAmount';
  const more = 'deductionDetails payChannel payType memberInfo';
  assert.deepEqual(rows('1.2 PayParkingFee'), [...`${notice} ${more}`.split(' '), ...paid]);
  for (const name of 'Type Identify Minutes Amount Mobile CardNo CardGrade Bonus'.split(' ')) {
    assert.ok(section('1.2 PayParkingFee').includes(`\`${name}\``), name);
  }

  const span = { startTime: '2026-11-22 00:00:00', endTime: '2026-11-23 00:00:00' };
  const counted = fields(await s.post('GetTraffic', span));
  assert.deepEqual(rows('1.3 GetTraffic'), ['parkId', 'startTime', 'endTime', ...counted]);

  assert.deepEqual(rows('1.4 Entry notice'), [...Object.values(ENTRY_FIELDS), 'Code', 'Message']);
});

test('the worked signature of docs/mallcoo.md prints what the page says', (t) => {
  if (!need(t, 'md5sum')) return;
  const [, script = ''] = /```sh\n(.+?)```/s.exec(section('Signature')) ?? [];
  const run = (text: string): string => execFileSync('sh', ['-c', text], { encoding: 'utf8' }).trim();
  assert.equal(run(script), 'B044968DB76D8166');
  assert.equal(run(script.replace(/BODY='.*'/, "BODY=''")), 'B90863B3FA01EAD2');
});
