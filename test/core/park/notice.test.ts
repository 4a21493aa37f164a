import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NoticeId } from '../../../src/core/ids.ts';
import { credentialPlate } from '../../../src/core/park/model.ts';
import { MAX_DEAD, type Notice } from '../../../src/core/park/notice.ts';
import { capture, restore } from '../../../src/core/park/snapshot.ts';
import type { Instant } from '../../../src/core/time.ts';
import { minutes, P001, plate, type Scene, scene, TEN, ticket } from './scene.ts';

const told = (over: { entry?: boolean; exit?: boolean } = {}): Scene =>
  scene({ notices: { entry: true, exit: false, ...over } });

const waiting = (s: Scene): readonly Notice[] => [...(s.state.parks.get(P001)?.outbox.waiting.values() ?? [])];
const dead = (s: Scene): readonly string[] => [...(s.state.parks.get(P001)?.outbox.dead.keys() ?? [])];
const plateOf = (text: string) => credentialPlate(plate(text));

function first(s: Scene): Notice {
  const [notice] = waiting(s);
  assert.ok(notice);
  return notice;
}

function done(s: Scene, notice: Notice, outcome: 'confirmed' | 'dead', now: Instant) {
  const how = outcome === 'dead' ? ({ outcome, code: '2', message: 'bad' } as const) : ({ outcome } as const);
  return s.send({ type: 'noticeDone', park: P001, noticeId: notice.id, sent: notice.plate, outcome: how }, now);
}

test('1.4: every car that enters is in the outbox, in the record of its entry, in the order of the entries', () => {
  const s = told();
  s.read('in-1', plate('粤A12345'), TEN);
  s.read('in-1', ticket('T-7'), minutes(1));
  s.read('in-1', plate('粤A12346'), minutes(3), { history: minutes(2) });
  assert.deepEqual(
    waiting(s).map(({ id, kind, visit, plate: of, at }) => [id, kind, visit, of, at]),
    [
      ['1.2', 'entry', 'V1', '粤A12345', TEN],
      ['2.2', 'entry', 'V2', null, minutes(1)],
      ['3.1', 'entry', 'V3', '粤A12346', minutes(2)],
    ],
  );
  for (const { events } of s.records) {
    assert.equal(events.filter(({ type }) => type === 'entered').length, 1);
    assert.equal(events.filter(({ type }) => type === 'noticeQueued').length, 1);
  }
});

test('nothing is told where no notice is configured; a departure only where it is', () => {
  const quiet = scene();
  quiet.read('in-1', plate('粤A12345'), TEN);
  assert.deepEqual(waiting(quiet), []);
  const entries = told();
  entries.read('in-1', plate('粤A12345'), TEN);
  entries.read('out-1', plate('粤A12345'), minutes(5));
  assert.deepEqual(
    waiting(entries).map(({ kind }) => kind),
    ['entry'],
  );
  const both = told({ exit: true });
  both.read('in-1', plate('粤A12345'), TEN);
  both.read('out-1', plate('粤A12345'), minutes(5));
  assert.deepEqual(
    waiting(both).map(({ kind, plate: of, at }) => [kind, of, at]),
    [
      ['entry', '粤A12345', TEN],
      ['exit', '粤A12345', minutes(5)],
    ],
  );
});

test('what Mallcoo has confirmed waits no longer, and is confirmed once', () => {
  const s = told();
  s.read('in-1', plate('粤A12345'), TEN);
  const notice = first(s);
  assert.equal(done(s, notice, 'confirmed', minutes(1)).events.length, 1);
  assert.deepEqual(waiting(s), []);
  assert.deepEqual(done(s, notice, 'confirmed', minutes(2)).events, []);
});

test('a plate that is read better before it was told is told as it is; afterwards it is told again, same visit', () => {
  const s = told();
  s.read('in-1', plate('粤A12345'), TEN, { identity: 'r1', confidence: 0.4 });
  const before = first(s);
  s.read('in-1', plate('粤A12346'), minutes(0), { identity: 'r1', confidence: 0.9 });
  assert.deepEqual(
    waiting(s).map(({ id, plate: of }) => [id, of]),
    [[before.id, '粤A12346']],
  );
  // It was on its way with the old plate meanwhile: that answer does not count.
  assert.deepEqual(done(s, before, 'confirmed', minutes(1)).events, []);
  assert.equal(first(s).plate, plateOf('粤A12346'));
  done(s, first(s), 'confirmed', minutes(1));
  s.read('in-1', plate('粤A12347'), minutes(2), { identity: 'r1', confidence: 0.95 });
  assert.deepEqual(
    waiting(s).map(({ visit, plate: of, at }) => [visit, of, at]),
    [['V1', '粤A12347', TEN]],
  );
});

test('a notice that Mallcoo will never take is a dead letter; a person sends it again, or drops it with a reason', () => {
  const s = told();
  s.read('in-1', plate('粤A12345'), TEN);
  s.read('in-1', plate('粤A12346'), minutes(1));
  const notice = first(s);
  done(s, notice, 'dead', minutes(2));
  assert.deepEqual([waiting(s).length, dead(s)], [1, [notice.id]]);
  const again = { type: 'noticeRetry', park: P001, noticeId: notice.id } as const;
  s.send(again, minutes(3));
  assert.deepEqual(waiting(s).at(-1), notice);
  assert.deepEqual(s.send(again, minutes(3)).reply, { type: 'refused', code: 'NOTICE_UNKNOWN', value: notice.id });
  done(s, notice, 'dead', minutes(4));
  for (const id of [notice.id, first(s).id]) {
    const { events } = s.send({ type: 'noticeDrop', park: P001, noticeId: id, reason: 'a test car' }, minutes(5));
    assert.deepEqual(events, [
      { type: 'noticeDone', park: P001, noticeId: id, outcome: 'dropped', reason: 'a test car' },
    ]);
  }
  assert.deepEqual([waiting(s), dead(s)], [[], []]);
  const gone = s.send({ type: 'noticeDrop', park: P001, noticeId: notice.id, reason: 'again' }, minutes(6));
  assert.deepEqual(gone.reply, { type: 'refused', code: 'NOTICE_UNKNOWN', value: notice.id });
});

test('a departure that a backlog had invented is not told', () => {
  const s = told({ exit: true });
  s.read('in-1', plate('粤A12345'), TEN);
  s.read('out-1', plate('粤A12345'), minutes(6), { history: minutes(5) });
  assert.equal(waiting(s).at(-1)?.kind, 'exit');
  const { events } = s.read('out-1', plate('粤A12345'), minutes(7));
  assert.deepEqual(
    events.map(({ type }) => type),
    ['stayed', 'left', 'barrierOrdered', 'noticeQueued'],
  );
  assert.deepEqual(
    waiting(s).map(({ kind, at }) => [kind, at]),
    [
      ['entry', TEN],
      ['exit', minutes(7)],
    ],
  );
});

test('the outbox comes through a restart as it was; dead letters are bounded', () => {
  const s = told();
  for (let car = 0; car < 3; car += 1) s.read('in-1', plate(`粤A1234${car}`), minutes(car));
  done(s, first(s), 'dead', minutes(9));
  const again = restore(capture(s.state)).parks.get(P001);
  assert.deepEqual(again?.outbox, s.state.parks.get(P001)?.outbox);
  const outbox = s.state.parks.get(P001)?.outbox;
  assert.ok(outbox);
  const [letter] = outbox.dead.values();
  assert.ok(letter);
  for (let one = 1; one < MAX_DEAD; one += 1) outbox.dead.set(`x.${one}` as NoticeId, letter);
  done(s, first(s), 'dead', minutes(10));
  assert.equal(outbox.dead.size, MAX_DEAD);
});
