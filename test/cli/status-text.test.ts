/** The gate's health as text: the sample of the documentation, both languages, and what an answer may hold. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { statusLines } from '../../src/cli/status-text.ts';
import { zoneOf } from '../../src/core/time.ts';

const SHANGHAI = zoneOf('Asia/Shanghai');

const HEALTH = {
  status: 'degraded',
  version: '0.1.0',
  since: '2026-11-19T22:00:03Z',
  now: '2026-11-22T02:20:00Z',
  zone: 'Asia/Shanghai',
  local: '2026-11-22 10:20:00',
  seq: 18_244,
  openVisits: { P001: 212 },
  parks: {
    P001: {
      name: '江湾商场',
      lanes: {
        'in-1': {
          direction: 'in',
          last: { at: '2026-11-22T02:19:12Z', outcome: 'entered', reason: null, arm: 'confirmed' },
        },
        'out-1': {
          direction: 'out',
          last: { at: '2026-11-22T02:19:31Z', outcome: 'held', reason: 'unpaid', arm: null },
        },
        'out-2': { direction: 'out', last: null },
      },
    },
  },
  outbox: { P001: { waiting: 3, oldest: '2026-11-22T00:12:40Z', dead: 1 } },
  archive: {
    files: 24,
    bytes: 10_400_000,
    visits: 41_230,
    orders: 38_991,
    passages: 83_007,
    from: '2026-10-20T23:11:09Z',
    to: '2026-11-18T15:58:40Z',
  },
  faults: [
    { code: 'DEVICE_SILENT', subject: 'cam-out', text: 'nothing heard for 60 s', since: '2026-11-22T02:13:05Z' },
  ],
  devices: {
    devices: {
      'cam-in': { messages: 52_000, bytes: 9, readings: 9_120, orders: 9_115, discards: { noLane: 2, crash: 1 } },
      'cam-out': { messages: 50_000, bytes: 9, readings: 9_008, orders: 9_001, discards: {} },
    },
    refused: {},
  },
};

test('the sample of docs/operating.md is what the command prints', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'operating.md'), 'utf8');
  const shown = /\$ gatepost status \S+\n([\s\S]*?)```/.exec(page)?.[1];
  assert.equal(shown, `${statusLines(HEALTH, 'en', SHANGHAI).join('\n')}\n`);
});

test('the same in Chinese and in another zone', () => {
  assert.deepEqual(statusLines(HEALTH, 'zh', zoneOf('UTC')), [
    'gatepost 0.1.0: 1 个故障, 自 2026-11-19 22:00:03 (2 天 4 小时) 运行, 记录 18244',
    '✗ DEVICE_SILENT cam-out  自 2026-11-22 02:13:05 (6 分钟)',
    '    nothing heard for 60 s',
    '停车场 P001  江湾商场: 在场 212 辆',
    '  in-1       进   2026-11-22 02:19:12 进场, 道闸 已抬起',
    '  out-1      出   2026-11-22 02:19:31 拦停: 未缴费',
    '  out-2      出   -',
    '待通知猫酷 P001: 3 条待发送，最早已等待 2 小时 7 分钟；1 条不再发送  → gatepost outbox',
    '  设备 cam-in       识别 9120，指令 9115，丢弃 3',
    '✗ 设备 cam-out      识别 9008，指令 9001，丢弃 0',
    '归档：停车 41230，订单 38991，过车 83007，10.4 MB, 2026-10-20 23:11:09 – 2026-11-18 15:58:40',
  ]);
});

test('what the parts of the gate tell of the way to Mallcoo is shown value by value', () => {
  const notices = { P001: { sent: 12, failing: false } };
  const lines = statusLines({ ...HEALTH, notices, reach: { tunnel: { up: true, since: null } } }, 'en', SHANGHAI);
  for (const line of [
    'sending P001 sent: 12',
    'sending P001 failing: false',
    'reach tunnel up: true',
    'reach tunnel since: -',
  ])
    assert.ok(lines.includes(line), lines.join('\n'));
});

test('an answer that holds anything at all is printed without harm', () => {
  const nasty = 'a\x1b[2J\n13812345678';
  const answers: readonly Readonly<Record<string, unknown>>[] = [
    {},
    { status: 7, faults: 'x', parks: [], outbox: null, devices: 3, archive: [] },
    {
      faults: [null, { code: nasty, text: nasty, subject: nasty }],
      parks: { [nasty]: { name: nasty, lanes: { [nasty]: null } } },
    },
    {
      outbox: { [nasty]: nasty },
      devices: { devices: { [nasty]: nasty } },
      notices: nasty,
      reach: { [nasty]: [nasty] },
    },
  ];
  for (const answer of answers) {
    for (const line of statusLines(answer, 'en', SHANGHAI)) {
      assert.doesNotMatch(line, /\p{Cc}|13812345678/u);
    }
  }
});
