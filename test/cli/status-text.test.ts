/** The gate's health as text: the sample of the documentation, both languages, and what an answer may hold. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { statusLines } from '../../src/cli/status-text.ts';
import { explain } from '../../src/core/errors.ts';
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
  notices: {
    P001: { told: 40, lastAnswer: { at: '2026-11-22T02:17:00Z', verdict: 'failed', why: 'HTTP 502' } },
  },
  reach: {
    publicUrl: 'https://park.example.com',
    line: 'up',
    internet: 'up',
    lastProbe: { at: '2026-11-22T02:19:50Z', ok: true, ms: 41, why: '' },
  },
};

for (const [language, name] of [['en', 'operating.md'] as const, ['zh', 'operating.zh-CN.md'] as const]) {
  test(`the sample of docs/${name} is what the command prints`, () => {
    // The gate tells its faults in the language that it is asked in.
    const text = explain('DEVICE_SILENT', language, { value: '60 s' });
    const faults = HEALTH.faults.map((fault) => ({ ...fault, text }));
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', name), 'utf8');
    const shown = /\$ gatepost status \S+\n([\s\S]*?)```/.exec(page)?.[1];
    assert.equal(shown, `${statusLines({ ...HEALTH, faults }, language, SHANGHAI).join('\n')}\n`);
  });
}

test('the same in Chinese and in another zone', () => {
  assert.deepEqual(statusLines(HEALTH, 'zh', zoneOf('UTC')), [
    'gatepost 0.1.0: 1 个故障, 自 2026-11-19 22:00:03 (2 天 4 小时) 运行, 记录 18244',
    '✗ DEVICE_SILENT cam-out  自 2026-11-22 02:13:05 (6 分钟)',
    '    nothing heard for 60 s',
    '    → 检查设备的电源和网线，再核对设备里的 MQTT 服务器地址、用户名和密码',
    '停车场 P001  江湾商场: 在场 212 辆',
    '  in-1       入口  2026-11-22 02:19:12 进场, 道闸 已抬起',
    '  out-1      出口  2026-11-22 02:19:31 拦停: 未缴费',
    '  out-2      出口  -',
    '待通知猫酷 P001: 3 条待发送，最早已等待 2 小时 7 分钟；1 条不再发送  → gatepost outbox',
    '通知发送 P001：启动以来已送达 40 条；最近一次（3 分钟前）：HTTP 502',
    '隧道：通（https://park.example.com，41 ms，10 秒前）',
    '互联网：通',
    '  设备 cam-in       识别 9120，指令 9115，丢弃 3',
    '✗ 设备 cam-out      识别 9008，指令 9001，丢弃 0',
    '归档：停车 41230，订单 38991，过车 83007，10.4 MB, 2026-10-20 23:11:09 – 2026-11-18 15:58:40',
  ]);
});

const { reach, notices } = HEALTH;
const told = (lastAnswer: unknown): unknown => ({ notices: { P001: { ...notices.P001, lastAnswer } } });
const probed = (over: Readonly<Record<string, unknown>>): unknown => ({ reach: { ...reach, ...over } });
const lost = { at: '2026-11-22T02:19:57Z', ok: false, ms: 3, why: 'connection refused' };
const answer = { at: '2026-11-22T02:19:00Z', verdict: 'confirmed', why: '' };

for (const [name, over, en, zh] of [
  [
    'a tunnel that is down',
    probed({ line: 'down', lastProbe: lost }),
    'the way in: down; the last probe, 3 s ago, failed: connection refused (https://park.example.com)',
    '隧道：不通（https://park.example.com，3 秒前探测失败：connection refused）',
  ],
  [
    'a tunnel of which nothing is known yet',
    probed({ line: 'unknown', lastProbe: null }),
    'the way in: not known yet, not probed yet (https://park.example.com)',
    '隧道：未知（https://park.example.com，尚未探测）',
  ],
  [
    'no public address',
    probed({ publicUrl: null, lastProbe: null }),
    'the way in: not probed, for tunnel.publicUrl is not configured',
    '隧道：不探测（未配置 tunnel.publicUrl）',
  ],
  ['no internet', probed({ internet: 'down' }), 'internet: down', '互联网：不通'],
  ['an internet that nobody looked for', probed({ internet: 'unknown' }), 'internet: not known yet', '互联网：未知'],
  [
    'a gate that has told nothing yet',
    { notices: { P001: { told: 0, lastAnswer: null } } },
    'sending P001: told since the start: 0',
    '通知发送 P001：启动以来已送达 0 条',
  ],
  [
    'a notice that was confirmed',
    told(answer),
    'sending P001: told since the start: 40; last try 1 min ago: confirmed',
    '通知发送 P001：启动以来已送达 40 条；最近一次（1 分钟前）：已确认',
  ],
  [
    'a notice that Mallcoo will never take',
    told({ ...answer, verdict: 'permanent', why: 'Code 1101' }),
    'sending P001: told since the start: 40; last try 1 min ago: refused for good, Code 1101',
    '通知发送 P001：启动以来已送达 40 条；最近一次（1 分钟前）：拒收，Code 1101',
  ],
] as const) {
  test(`the way to Mallcoo, ${name}: a line in both languages`, () => {
    const health = { ...HEALTH, ...(over as object) };
    for (const [language, line] of [['en', en] as const, ['zh', zh] as const]) {
      const lines = statusLines(health, language, SHANGHAI);
      assert.ok(lines.includes(line), lines.join('\n'));
    }
  });
}

test('each thing that the core can say of a lane has its words', () => {
  for (const [over, en, zh] of [
    [
      { outcome: 'held', reason: 'lineDown', arm: null },
      'held: no payment came, and the line is or was down',
      '拦停: 未收到缴费，线路中断或刚恢复',
    ],
    [{ outcome: 'held', reason: 'unknownVehicle', arm: null }, 'held: visit unknown', '拦停: 无进场记录'],
    [{ outcome: 'left', reason: null, arm: 'uncertain' }, 'left, arm no answer', '离场, 道闸 无应答'],
    [{ outcome: 'somethingNew', reason: null, arm: null }, 'somethingNew', 'somethingNew'],
  ] as const) {
    const last = { at: '2026-11-22T02:19:31Z', ...over };
    const parks = { P001: { name: 'Test', lanes: { 'out-1': { direction: 'out', last } } } };
    const [, , , , park, lane] = statusLines({ ...HEALTH, parks }, 'en', SHANGHAI);
    assert.deepEqual([park?.slice(0, 9), lane], ['park P001', `  out-1      out   2026-11-22 10:19:31 ${en}`]);
    const chinese = statusLines({ ...HEALTH, parks }, 'zh', SHANGHAI)[5];
    assert.equal(chinese, `  out-1      出口  2026-11-22 10:19:31 ${zh}`);
  }
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
    {
      notices: { [nasty]: { told: nasty, lastAnswer: { at: nasty, verdict: nasty, why: nasty } }, constructor: {} },
      reach: {
        publicUrl: nasty,
        line: 'constructor',
        internet: nasty,
        lastProbe: { at: nasty, ms: nasty, why: nasty },
      },
    },
  ];
  for (const answer of answers) {
    for (const line of statusLines(answer, 'en', SHANGHAI)) {
      assert.doesNotMatch(line, /\p{Cc}|13812345678/u);
    }
  }
});

test('a run before this one that ended badly stands above the faults', () => {
  const lastFailure = '2026-11-22 09:00:00 a signal ended it (killed KILL); see /var/log/x.yaml';
  const [, line] = statusLines({ ...HEALTH, lastFailure }, 'en', SHANGHAI);
  assert.equal(line, `! the run before this one ended badly: ${lastFailure}`);
  assert.deepEqual(statusLines({ ...HEALTH, lastFailure: null }, 'en', SHANGHAI), statusLines(HEALTH, 'en', SHANGHAI));
});
