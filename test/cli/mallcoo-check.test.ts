/** `gatepost mallcoo check`, as a person runs it: two real processes and the wire between them. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { mallcooCommand } from '../../src/cli/mallcoo.ts';
import { UsageError } from '../../src/cli/terminal.ts';
import { agoMinutes, demo, folder, gatepost, outside, running, until } from '../daemon/support.ts';
import { wrongServer } from '../mallcoo-client/wrong-server.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PLATE = '沪A68688';

async function check(
  t: TestContext,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | NodeJS.Signals; readonly output: string }> {
  const program = gatepost(t, ['mallcoo', 'check', ...args], env);
  const code = await program.exited();
  return { code, output: program.output() };
}

test('green against the demo: first without a car, then on a car that owes, which may leave afterwards', async (t) => {
  const gate = await demo(t, folder(t));
  const records = async (): Promise<unknown> => {
    const health = (await (await fetch(`${gate.local}/healthz`)).json()) as Record<string, unknown>;
    return health['seq'];
  };
  const before = await records();
  const harmless = await check(t, [gate.mallcoo]);
  assert.equal(harmless.code, 0, harmless.output);
  assert.match(
    harmless.output,
    /\n26 passed, 0 failed, 22 skipped; \d+ calls, median [\d.]+ ms, slowest [\d.]+ ms\.\n$/,
  );
  assert.equal(await records(), before, 'nothing is in the journal');

  await (await outside(t, gate.mqtt)).see('demo-in-1', PLATE, agoMinutes(140));
  // Mallcoo is told of the entry, and that it was is a record too.
  await until('the notice to be confirmed', async () => {
    const health = (await (await fetch(`${gate.local}/healthz`)).json()) as {
      outbox: Record<string, { waiting: number }>;
    };
    return health.outbox['P001']?.waiting === 0;
  });
  const arrived = await records();
  const asked = await check(t, [gate.mallcoo, '--plate', PLATE]);
  assert.match(asked.output, /\n35 passed, 0 failed, 13 skipped/);
  assert.equal(await records(), arrived);

  const paid = await check(t, [gate.mallcoo, '--park', 'P001', '--plate', '沪a·68688', '--pay', '--json']);
  assert.equal(paid.code, 0, paid.output);
  const report = JSON.parse(paid.output) as { passed: number; failed: number; clauses: { verdict: string }[] };
  assert.deepEqual([report.passed, report.failed, report.clauses.length], [43, 0, 48]);
});

test('green against a site that wants signed calls; with a wrong key it is not', async (t) => {
  const dir = folder(t);
  const site = join(dir, 'site.yaml');
  writeFileSync(
    site,
    `data: ${join(dir, 'data')}
mallcoo: { listen: "127.0.0.1:0", basePath: /mallcoo }
local: { listen: "127.0.0.1:0" }
mqtt: { listen: "127.0.0.1:0", anonymous: true }
tariffs: { standard: ${join(ROOT, 'docs', 'tariffs', 'plain.yaml')} }
parks:
  - id: P001
    name: Signed
    tariff: standard
    mallcoo: { auth: { type: sign, publicKey: PUB123, privateKey: { env: MALLCOO_KEY } } }
    lanes: [{ id: in-1, direction: in, readers: [cam] }]
devices:
  - { id: cam, driver: vzenith-mqtt, options: { sn: cam } }
`,
  );
  const key = '0123456789abcdef0123456789abcdef';
  const gate = await running(gatepost(t, ['run', site], { MALLCOO_KEY: key }));
  const args = [`${gate.mallcoo}/mallcoo/`, '--public-key', 'PUB123', '--private-key-env', 'KEY'];
  const right = await check(t, args, { KEY: key });
  assert.equal(right.code, 0, right.output);
  assert.match(right.output, /✓ auth +a body that is not the one that was signed is turned away/);
  assert.ok(!right.output.includes(key), 'the key stands nowhere');
  const wrong = await check(t, args, { KEY: 'another' });
  assert.equal(wrong.code, 1);
  assert.match(wrong.output, /✗ transport +a call with a JSON body .+\n +resCode is 1/);
  assert.match(wrong.output, /\n0 passed, 1 failed, 47 skipped; 1 call,/, 'it does not go on knocking');
});

test('a site that writes "feeId " is told so, with what was sent and what was got', async (t) => {
  const gate = await demo(t, folder(t));
  await (await outside(t, gate.mqtt)).see('demo-in-1', PLATE, agoMinutes(140));
  const port = await wrongServer(t, Number(new URL(gate.mallcoo).port), {
    info: ({ feeId, ...rest }) => ({ ...rest, 'feeId ': feeId }),
  });
  const { code, output } = await check(t, [`http://127.0.0.1:${port}`, '--plate', PLATE]);
  assert.equal(code, 1);
  assert.match(output, /✗ 1\.1 +the answer has the fields of the table/);
  assert.match(output, /feeId is missing; "feeId " is there, and must be spelt "feeId"/);
  assert.match(
    output,
    /sent POST \/GetParkingPaymentInfo {"plateNo":"沪A68688"}\n +got {2}200 {"resCode":0,.*"feeId ":/,
  );
});

test('where nobody listens it says so, once, and the exit code is 1', async (t) => {
  const { code, output } = await check(t, ['http://127.0.0.1:1']);
  assert.equal(code, 1);
  assert.match(output, /GetTraffic got no answer: .+\n/);
  assert.match(output, /\n0 passed, 1 failed, 47 skipped/);
});

for (const [name, args, wanted] of [
  ['no address', [], /name one URL, like http:\/\/127\.0\.0\.1:8080/],
  ['an address that is none', ['park.example'], /"park\.example" is no address: write it like http:/],
  ['a token in the address', ['http://127.0.0.1:1/?token=x'], /leave out what follows "\?"; a token goes into --token/],
  ['leave to pay without a car', ['http://127.0.0.1:1', '--pay'], /--pay needs --plate/],
  ['half a key', ['http://127.0.0.1:1', '--public-key', 'K'], /--public-key and --private-key-env go together/],
  ['a token and a key', ['http://127.0.0.1:1', '--public-key', 'K', '--token', 'T'], /not both/],
  [
    'a key that is not set',
    ['http://127.0.0.1:1', '--public-key', 'K', '--private-key-env', 'NO_SUCH_KEY'],
    /--private-key-env NO_SUCH_KEY: that variable is empty or not set/,
  ],
  ['a zone that is none', ['http://127.0.0.1:1', '--zone', 'Mars'], /--zone Mars: there is no such zone/],
  ['no plate', ['http://127.0.0.1:1', '--plate', '无牌'], /--plate 无牌: this is no number plate/],
  ['a timeout of nothing', ['http://127.0.0.1:1', '--timeout', '0'], /--timeout 0: write seconds from 1 to 120/],
] as const) {
  test(`${name} is a sentence, before anything is sent`, async () => {
    const silent = { language: 'en', out: () => {}, err: () => {} } as const;
    await assert.rejects(mallcooCommand(['check', ...args], silent), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, wanted);
      return true;
    });
  });
}

test('called wrongly, the exit code is 2, and there is no stack trace', async (t) => {
  const { code, output } = await check(t, []);
  assert.equal(code, 2);
  assert.match(output, /Try: gatepost mallcoo --help/);
  assert.doesNotMatch(output, /^\s+at /m);
});

test('the help says what it leaves behind on a site', async (t) => {
  const { code, output } = await check(t, ['--help']);
  assert.equal(code, 0);
  assert.match(output, /It does no harm to a site at work/);
  assert.match(output, /one conflicting notice and one for nobody: they stand as alarms/);
});
