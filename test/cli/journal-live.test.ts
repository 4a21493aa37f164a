/** `gatepost journal` beside a gate that is running and writing. */
import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { minutes, plate, scene } from '../core/park/scene.ts';
import { demo, folder, gatepost, outside, until } from '../daemon/support.ts';
import { lastLine, tempFolder } from '../store/tools.ts';
import { journal, openFolder, segmentsOf } from './journal-tools.ts';

const linesOf = (output: string): readonly string[] => output.split('\n').filter((line) => line !== '');

test('a followed journal shows each record as it is written, over rotation, and ends cleanly on Ctrl-C', async (t) => {
  const dir = tempFolder(t);
  const park = scene();
  for (let car = 0; car < 12; car += 1) park.read('in-1', plate(`粤A${10_000 + car}`), minutes(car));
  const store = await openFolder(dir, 1_024);
  await store.journal.append(park.records.slice(0, 2));
  const tail = gatepost(t, ['journal', dir, '--follow', '--type', 'entered']);
  await tail.printed('粤A10001');
  for (const [index, record] of park.records.slice(2).entries()) {
    await store.journal.append([record]);
    await tail.printed(`粤A${10_002 + index}`);
  }
  assert.ok(segmentsOf(dir).length > 3, 'it was over several segments');
  assert.equal(await tail.end('SIGINT'), 0);
  const plates = linesOf(tail.output()).map((line) => /粤A\d{5}/.exec(line)?.[0]);
  assert.deepEqual(
    plates,
    Array.from({ length: 12 }, (_, car) => `粤A${10_000 + car}`),
  );
  await store.close();
});

test('half a record at the end is waited for, not shown and not given up', async (t) => {
  const dir = tempFolder(t);
  const park = scene();
  for (let car = 0; car < 2; car += 1) park.read('in-1', plate(`粤A${10_000 + car}`), minutes(car));
  const store = await openFolder(dir);
  await store.journal.append(park.records);
  await store.close();
  // As a reader may find it in the middle of a write.
  const file = segmentsOf(dir)[0] ?? '';
  const whole = readFileSync(file);
  const { start, end } = lastLine(whole);
  const fd = openSync(file, 'r+');
  t.after(() => closeSync(fd));
  writeSync(fd, Buffer.alloc(end - start - 30, '\n'), 0, end - start - 30, start + 30);
  const tail = gatepost(t, ['journal', dir, '--follow', '--json']);
  await tail.printed('粤A10000');
  const ours = await journal(dir, '--json');
  assert.deepEqual([ours.lines.length, ours.err.includes('30 bytes in 1 place')], [1, true]);
  writeSync(fd, whole, start, end - start, start);
  await tail.printed('粤A10001');
  assert.equal(await tail.end('SIGTERM'), 0);
  assert.deepEqual(linesOf(tail.output()), whole.subarray(0, end).toString('utf8').split('\n'));
});

test('while the gate runs it can be read, followed and verified, and not repaired', async (t) => {
  const data = folder(t);
  const gate = await demo(t, data);
  const tail = gatepost(t, ['journal', data, '--follow']);
  const site = await outside(t, gate.mqtt);
  await site.see('demo-in-1', '粤A55555');
  await tail.printed('粤A55555  entered');
  await until('the arm in the journal', async () => (await journal(data)).out.includes('粤A55555  arm, '));
  const whole = await journal('verify', data);
  assert.deepEqual([whole.code, whole.err], [0, '']);
  const repair = await journal('repair', data, '--yes');
  assert.equal(repair.code, 1);
  assert.match(repair.err, new RegExp(`in use by another Gatepost \\(process ${gate.pid}\\)`));
  assert.equal(await gate.end('SIGTERM'), 0);
  assert.equal(await tail.end('SIGINT'), 0);
});
