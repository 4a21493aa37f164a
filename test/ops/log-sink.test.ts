/** The writer in front of a place: what it keeps, drops and tells while the place does not take its lines. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSink, type LogPlace, type LogSink } from '../../src/ops/log-sink.ts';
import { until } from '../daemon/support.ts';

interface Rig {
  readonly sink: LogSink;
  readonly told: string[];
  text: string;
  /** Null: it takes lines. `hang`: it never answers. */
  trouble: string | 'hang' | null;
}

/** A place in the test's hand: how long a real one fails cannot be said. */
function rig(maxWaitingBytes = 100): Rig {
  const place: LogPlace = {
    name: 'place',
    async append(lines) {
      if (self.trouble === 'hang') await new Promise(() => undefined);
      if (self.trouble !== null) throw new Error(self.trouble);
      self.text += lines.toString();
    },
    close: () => Promise.resolve(),
  };
  const sink = createSink({ place, gap: (lost) => `(${lost} missing)\n`, retryMs: 5, maxWaitingBytes });
  const self: Rig = { sink, told: [], text: '', trouble: null };
  sink.watch({
    failing: (name, reason, lost) => void self.told.push(`${name} ${reason} ${lost}`),
    working: (name, lost) => void self.told.push(`${name} works ${lost}`),
  });
  return self;
}

test('lines come in order, and the last ones are written when it is closed', async () => {
  const play = rig();
  for (let number = 0; number < 10; number += 1) play.sink.write(`${number}\n`);
  assert.equal(await play.sink.close(10_000), 'written');
  assert.equal(play.text, '0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n');
  play.sink.write('late\n');
  assert.equal(play.text.includes('late'), false);
  assert.deepEqual(play.told, []);
});

test('a short trouble loses nothing', async () => {
  const play = rig();
  play.trouble = 'ENOSPC';
  play.sink.write('one\n');
  play.sink.write('two\n');
  await until('the trouble to be told', () => play.told.includes('place ENOSPC 0'));
  play.trouble = null;
  await until('the lines', () => play.text === 'one\ntwo\n');
  assert.equal(play.told.at(-1), 'place works 0');
});

test('of a long one what fits is kept, the rest is counted, and the gap is told where it is', async () => {
  const play = rig(100);
  play.trouble = 'ENOSPC';
  for (let number = 100; number < 200; number += 1) play.sink.write(`line ${number}\n`);
  await until('the count', () => play.told.includes('place ENOSPC 89'));
  play.trouble = null;
  await until('the end of it', () => play.told.at(-1) === 'place works 89');
  play.sink.write('after\n');
  await play.sink.close(10_000);
  const kept = Array.from({ length: 11 }, (_, index) => `line ${100 + index}\n`).join('');
  assert.equal(play.text, `${kept}(89 missing)\nafter\n`);
});

test('a place that does not answer holds nobody up: lines are dropped, it is told, closing gives up', async () => {
  const play = rig(100);
  play.trouble = 'hang';
  for (let number = 100; number < 1_000; number += 1) play.sink.write(`line ${number}\n`);
  assert.deepEqual(play.told, ['place it takes lines too slowly 1']);
  assert.equal(await play.sink.close(20), 'lost');
});

test('who begins to listen later is told of the trouble that there is', async () => {
  const play = rig();
  play.trouble = 'gone';
  play.sink.write('one\n');
  await until('the trouble', () => play.told.length > 0);
  const late: string[] = [];
  play.sink.watch({ failing: (_, reason) => void late.push(reason), working: () => void late.push('works') });
  assert.equal(late[0], 'gone');
  play.trouble = null;
  await until('the end', () => late.at(-1) === 'works');
});
