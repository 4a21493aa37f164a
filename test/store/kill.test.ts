import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { evolve } from '../../src/core/park/evolve.ts';
import { emptyState, type State } from '../../src/core/park/state.ts';
import { linesOf, segmentsOf, tempFolder } from './tools.ts';
import { openPark, traffic } from './visits.ts';

const KILLS = 20;

/** Runs the appender and kills it at a random moment. Returns the last number that it was told is on the disk. */
async function runAndKill(dir: string): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'appender.ts'), dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('latin1');
  child.stdout.on('data', (text: string) => {
    said += text;
  });
  await once(child.stdout, 'data');
  setTimeout(() => child.kill('SIGKILL'), Math.random() * 100);
  const [, signal] = await once(child, 'close');
  assert.equal(signal, 'SIGKILL', 'it ran until it was killed');
  const whole = said.slice(0, said.lastIndexOf('\n'));
  return Number(whole.slice(whole.lastIndexOf('\n') + 1));
}

/** The numbers in the journal's files, as `jq` would find them. */
function numbersIn(dir: string): number[] {
  return segmentsOf(dir).flatMap((name) => {
    const bytes = readFileSync(join(dir, 'journal', name));
    return linesOf(bytes).map(({ start, end }): number => JSON.parse(bytes.toString('utf8', start, end)).seq);
  });
}

test(`killed ${KILLS} times at any moment, the gate has every acknowledged record, in order, once`, async (t) => {
  const dir = tempFolder(t);
  const expected: State = emptyState();
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const acknowledged = await runAndKill(dir);
    const { store, raised } = await openPark(dir, 16 * 1024);
    await store.close();
    assert.ok(
      store.working.seq >= acknowledged,
      `kill ${kill}: ${acknowledged} acknowledged, ${store.working.seq} found`,
    );
    assert.ok(acknowledged > expected.seq, 'it got on');
    for (let seq = expected.seq + 1; seq <= store.working.seq; seq += 1) evolve(expected, traffic(seq));
    assert.deepEqual(store.working, expected);
    assert.deepEqual([...raised], []);
    assert.deepEqual(
      numbersIn(dir),
      Array.from({ length: expected.seq }, (_, index) => index + 1),
    );
  }
  // Either may be missing, when the last kill fell between the two renames.
  for (const file of ['snapshot.json', 'snapshot.prev.json']) rmSync(join(dir, file), { force: true });
  const { store } = await openPark(dir, 16 * 1024);
  await store.close();
  assert.equal(store.recovered.records, expected.seq);
  assert.deepEqual(store.working, expected);
});
