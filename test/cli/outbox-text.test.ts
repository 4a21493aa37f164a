/** The list of the outbox as text: a table for what a person would see. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { outboxLines, waitText } from '../../src/cli/outbox-text.ts';
import { instant, zoneOf } from '../../src/core/time.ts';
import type { DeadView, NoticeView, OutboxView } from '../../src/ops/outbox-view.ts';

const SHANGHAI = zoneOf('Asia/Shanghai');
const OPTIONS = { language: 'en', zone: null, standardZone: SHANGHAI, where: 'site.yaml' } as const;

const notice = (id: string, over: Partial<NoticeView> = {}): NoticeView => ({
  id,
  kind: 'entry',
  visit: '4S7KQ2M0ZC9XH1TB',
  plate: '沪A68688',
  vehicle: '沪A68688',
  at: '2026-11-22T00:12:40Z',
  queuedAt: '2026-11-22T00:12:40Z',
  ...over,
});

const dead = (id: string, code: string, message: string, over: Partial<NoticeView> = {}): DeadView => ({
  ...notice(id, over),
  since: '2026-11-22T00:12:41Z',
  code,
  message,
});

function view(waiting: readonly NoticeView[], letters: readonly DeadView[], totals: Partial<Totals> = {}): OutboxView {
  const park = {
    name: '江湾商场',
    zone: 'Asia/Shanghai',
    tells: { entry: true, exit: true },
    waiting: {
      total: totals.waiting ?? waiting.length,
      oldest: waiting[0]?.queuedAt ?? null,
      notices: waiting,
    },
    dead: { total: totals.dead ?? letters.length, notices: letters },
  };
  return { now: '2026-11-22T02:20:00Z', limit: 20, parks: { P001: park } };
}

interface Totals {
  readonly waiting: number;
  readonly dead: number;
}

const SAMPLE = view(
  [
    notice('18211.2'),
    notice('18240.2', { vehicle: 'T-0231', plate: null, at: '2026-11-22T02:18:09Z', queuedAt: '2026-11-22T02:18:09Z' }),
    notice('18242.1', {
      kind: 'exit',
      vehicle: '粤AD12345',
      at: '2026-11-22T02:19:31Z',
      queuedAt: '2026-11-22T02:19:31Z',
    }),
  ],
  [dead('17004.2', '1101', '停车场不存在', { vehicle: '粤B99T21' })],
);

for (const [language, name] of [['en', 'operating.md'] as const, ['zh', 'operating.zh-CN.md'] as const]) {
  test(`the sample of docs/${name} is what the command prints`, () => {
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', name), 'utf8');
    const shown = /\$ gatepost outbox \S+\n([\s\S]*?)```/.exec(page)?.[1];
    assert.equal(shown, `${outboxLines(SAMPLE, { ...OPTIONS, language }).join('\n')}\n`);
  });
}

test('in Chinese the columns stand as straight', () => {
  assert.deepEqual(outboxLines(SAMPLE, { ...OPTIONS, language: 'zh' }), [
    '停车场 P001  江湾商场',
    '  3 条待发送，最早已等待 2 小时 7 分钟',
    '    编号     类型  车辆       进出场时间           已等待',
    '    18211.2  进场  沪A68688   2026-11-22 08:12:40  2 小时 7 分钟',
    '    18240.2  进场  T-0231     2026-11-22 10:18:09  1 分钟',
    '    18242.1  离场  粤AD12345  2026-11-22 10:19:31  29 秒',
    '  1 条不再发送',
    '    编号     类型  车辆      进出场时间           停止发送时间         猫酷答复',
    '    17004.2  进场  粤B99T21  2026-11-22 08:12:40  2026-11-22 08:12:41  1101 停车场不存在',
    '',
    '共 3 条待发送，1 条不再发送',
    '1101：猫酷不认识该车场，请核对 parks[].mallcoo.notices.parkCode',
    '重新发送：gatepost outbox retry --all site.yaml',
    '放弃：gatepost outbox drop 17004.2 --reason "…" site.yaml',
  ]);
});

test('what Mallcoo said neither draws on the terminal nor shows a phone number', () => {
  const lines = outboxLines(view([], [dead('1.2', '2\x07', 'call 13812345678\n\x1b[31mred')]), OPTIONS);
  assert.ok(
    lines.some((line) => line.endsWith('  2\\x07 call 138****5678\\x0a\\x1b[31mred')),
    lines.join('\n'),
  );
  assert.ok(lines.every((line) => !/\p{Cc}/u.test(line)));
});

test('dead letters of several causes are sent again cause by cause; one that took too long says so', () => {
  const letters = [dead('3.2', 'gaveUp', ''), dead('2.2', '2', 'PlateNo'), dead('1.2', '1101', 'unknown')];
  const lines = outboxLines(view([], letters), { ...OPTIONS, where: 'a b.yaml' });
  assert.ok(lines.some((line) => line.endsWith('  given up: it could not be told for too long')));
  assert.deepEqual(lines.slice(-4), [
    '2: Mallcoo does not take a field: its message says which; a plate may need plateEncoding: url',
    '1101: Mallcoo does not know the car park: compare parks[].mallcoo.notices.parkCode with what it calls the park',
    "send again: gatepost outbox retry --all --code gaveUp 'a b.yaml'",
    'give up: gatepost outbox drop 3.2 --reason "…" \'a b.yaml\'',
  ]);
});

test('an empty outbox, and a park that tells nothing, say so; what is not shown is counted', () => {
  const [id, park] = Object.entries(view([], []).parks)[0] ?? assert.fail();
  const quiet = { ...view([], []), parks: { [id]: { ...park, tells: { entry: false, exit: false } } } };
  assert.deepEqual(outboxLines(view([], []), OPTIONS).slice(1, 3), ['  nothing waits, no dead letters', '']);
  assert.match(outboxLines(quiet, OPTIONS)[1] ?? '', /^ {2}no notices are configured \(parks\[\]\.mallcoo\.notices\)/);
  const many = outboxLines(view([notice('1.2')], [], { waiting: 10_000 }), OPTIONS);
  assert.ok(many.includes('    … and 9999 more (--limit N)'), many.join('\n'));
  const elsewhere = outboxLines(view([notice('1.2')], []), { ...OPTIONS, zone: zoneOf('UTC') });
  assert.match(elsewhere[3] ?? '', /2026-11-22 00:12:40/);
});

test('a wait is told to the second, then to the minute, then to the hour', () => {
  const now = instant(Date.parse('2026-11-22T02:20:00Z'));
  for (const [moment, told] of [
    ['2026-11-22T02:20:00Z', '1 s'],
    ['2026-11-22T02:19:01Z', '59 s'],
    ['2026-11-22T02:18:01Z', '1 min'],
    ['2026-11-21T02:20:01Z', '23 h 59 min'],
    ['2026-11-19T01:00:00Z', '3 d 1 h'],
    ['2026-11-22T02:21:00Z', '1 s'],
    [null, '-'],
    ['soon', '-'],
  ] as const) {
    assert.equal(waitText(moment, now, 'en'), told, String(moment));
  }
});
