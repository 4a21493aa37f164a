/** `gatepost outbox`, as a person runs it: real processes, a real gate, and a folder that the real loop wrote. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { outboxCommand } from '../../src/cli/outbox.ts';
import { systemClock } from '../../src/clock.ts';
import { formatLocal } from '../../src/core/time.ts';
import { ZONE } from '../core/park/scene.ts';
import { folder, gatepost, running } from '../daemon/support.ts';
import { freePort } from '../devices/support.ts';
import { car, outboxSite } from '../ops/outbox-site.ts';
import { fillOutbox, siteFile } from './outbox-tools.ts';
import { type Ran, ranInBoth } from './ran.ts';

const outbox = (...args: readonly string[]): Promise<Ran> => ranInBoth(outboxCommand, args);

interface Finished {
  readonly code: number | NodeJS.Signals;
  readonly output: string;
}

async function run(t: TestContext, ...args: readonly string[]): Promise<Finished> {
  const program = gatepost(t, ['outbox', ...args]);
  return { code: await program.exited(), output: program.output() };
}

function contentOf(data: string): ReadonlyMap<string, string> {
  const files = readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'base64')]),
  );
}

test('a technician lists what waits, sends a dead letter again and gives one up, at the gate that runs', async (t) => {
  const { file, data } = await siteFile(folder(t));
  const at = formatLocal(await fillOutbox(t, data), ZONE);
  const gate = await running(gatepost(t, ['run', file]));
  const listed = await run(t, file);
  assert.equal(listed.code, 0, listed.output);
  const lines = listed.output.split('\n');
  assert.equal(lines[0], 'park P001  江湾商场');
  assert.equal(lines[1], '  3 wait, the oldest for 2 h');
  assert.match(lines[2] ?? '', /^ {4}id {3}what {3}vehicle {3}came or went at {6}waits$/);
  assert.equal(lines[3], `    1.2  entry  粤A00001  ${at}  2 h`);
  assert.equal(lines[5], `    3.2  entry  T-7       ${at}  2 h`);
  assert.equal(lines[6], '  2 dead: not sent again by themselves');
  assert.match(lines[8] ?? '', /^ {4}5\.2 {2}entry {2}粤A00005 {2}\S+ \S+ {2}\S+ \S+ {2}2 PlateNo$/);
  assert.match(lines[9] ?? '', /^ {4}4\.2 .* 1101 停车场不存在 \\x1b\[2Jcall 138\*\*\*\*5678$/);
  assert.equal(lines[11], '3 wait, 2 dead');
  assert.match(listed.output, /\n1101: Mallcoo does not know the car park: compare .*parkCode/);

  const retried = await run(t, 'retry', '4.2', '1.2', file);
  assert.deepEqual(retried, { code: 0, output: '1 will be sent again\nwaiting to be sent anyway: 1.2\n' });
  await gate.printed('a notice to Mallcoo is to be sent again');
  const dropped = await run(t, 'drop', '5.2', '99.9', '--reason', 'told by hand', file);
  assert.deepEqual(dropped, { code: 1, output: '1 given up\ngatepost outbox: no such notice: 99.9\n' });
  await gate.printed('a notice was given up');
  assert.match(gate.output(), /given up notice=5\.2 reason=told by hand/);
  const after = await run(t, 'list', gate.local, '--json');
  const view = JSON.parse(after.output) as { parks: { P001: { waiting: { total: number }; dead: { total: number } } } };
  assert.deepEqual([view.parks.P001.waiting.total, view.parks.P001.dead.total], [4, 0]);
  assert.equal(await gate.end('SIGTERM'), 0);
});

test('while the gate does not run, the list is read from its folder, which is left as it is; orders say what is missing', async (t) => {
  const { file, data } = await siteFile(folder(t));
  await fillOutbox(t, data, false);
  const before = contentOf(data);
  const listed = await outbox('list', file);
  assert.equal(listed.code, 0, listed.err);
  assert.equal(listed.lines[0], 'park P001  江湾商场');
  assert.ok(listed.lines.includes('3 wait, 2 dead'), listed.out);
  assert.match(listed.err, /the gate does not run \(nothing listens at http:\/\/127\.0\.0\.1:\d+\): this is what the/);
  assert.match(listed.err, /\nfrom \S+data, as of record 7, 20\d\d-/);
  for (const [word, ...more] of [['retry'], ['drop', '--reason', 'x']] as const) {
    const { code, out, err } = await outbox(word, '--all', file, ...more);
    assert.deepEqual([code, out], [1, '']);
    assert.ok(
      err.includes(`"${word}" needs the running gate; start it: systemctl start gatepost, or gatepost run ${file}`),
    );
  }
  assert.deepEqual(contentOf(data), before);
});

test('a data folder alone is enough to see what waits, snapshot and journal together', async (t) => {
  const { data } = await siteFile(folder(t));
  await fillOutbox(t, data);
  await fillMore(t, data);
  const { code, lines, err } = await outbox(data, '--dead', '--limit', '1');
  assert.equal(code, 0, err);
  assert.equal(lines[0], 'park P001');
  assert.match(lines[1] ?? '', /^ {2}4 wait, the oldest for 2 h$/);
  assert.equal(lines[2], '  2 dead: not sent again by themselves');
  assert.match(lines[4] ?? '', /2 PlateNo$/);
  assert.equal(lines[5], '    … and 1 more (--limit N)');
  assert.match(err, /^from \S+, as of record 8, /);
  const unknown = await outbox(data, '--park', 'P9');
  assert.deepEqual([unknown.code, unknown.out], [1, '']);
  assert.match(unknown.err, /--park P9: nothing is known of it/);
});

async function fillMore(t: TestContext, data: string): Promise<void> {
  const site = await outboxSite(t, data, systemClock.now());
  await site.enter(car(9));
  await site.stop(false);
}

test('what is no gate is not taken for one', async (t) => {
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/outbox/retry')) response.writeHead(404).end('{}');
    else response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  t.after(() => server.close());
  const listed = await outbox(`http://127.0.0.1:${port}/`);
  assert.deepEqual([listed.code, listed.out], [1, '']);
  assert.match(listed.err, /cannot be asked \(http:\/\/127\.0\.0\.1:\d+ answers 200, and not as a gate does\)/);
  const retried = await outbox('retry', '--all', `http://127.0.0.1:${port}`);
  assert.deepEqual([retried.code, retried.out, retried.err], [1, '', 'gatepost outbox: the gate answered 404\n']);
  const nobody = await outbox('retry', '1.2', `http://127.0.0.1:${await freePort()}`);
  assert.match(nobody.err, /the gate does not run .*; start it: systemctl start gatepost, or gatepost run FILE\n$/);
});

for (const [name, args, told] of [
  ['neither ids nor --all', ['retry'], 'by their IDs, such as 12.3, or say --all'],
  ['both', ['retry', '1.2', '--all'], 'by their IDs, such as 12.3, or say --all'],
  ['no reason', ['drop', '1.2'], 'say why, for the journal: --reason'],
  ['an empty reason', ['drop', '1.2', '--reason', ' '], 'say why, for the journal: --reason'],
  ['a reason to retry', ['retry', '1.2', '--reason', 'x'], '--reason goes with drop'],
  ['a code for ids', ['retry', '1.2', '--code', '2'], '--code goes with --all'],
  ['an id that is none', ['retry', '1.2.3'], 'name the notices by their IDs, such as 12.3'],
  ['two places', ['retry', '1.2', 'a.yaml', 'b.yaml'], '"b.yaml" means nothing here'],
  ['too much to list', ['list', 'a.yaml', 'b.yaml'], '"b.yaml" means nothing here'],
  ['a word that is none', ['resend', '1.2'], '"1.2" means nothing here'],
  ['a list with --all', ['--all'], '--all, --code and --reason are for retry and drop'],
  ['a limit that is none', ['--limit', 'many'], '--limit "many" is no whole number'],
  ['a language', ['--language', 'fr'], 'write en or zh'],
] as const) {
  test(`called wrongly (${name}), it says how`, async () => {
    const { code, out, err } = await outbox(...args);
    assert.deepEqual([code, out, err.includes(told)], [2, '', true], err);
  });
}

test('--help tells how it is used', async () => {
  const { code, out } = await outbox('--help');
  assert.equal(code, 0);
  assert.match(out, /^usage: gatepost outbox \[list\]/);
});
