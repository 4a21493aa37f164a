/** What the status page and `gatepost status` say, in both languages. What is in braces is filled in by whoever shows it. */
import type { Language } from '../../core/errors.ts';
import type { BarrierOutcome } from '../../core/park/commands.ts';
import type { HoldReason } from '../../core/park/events.ts';
import type { Direction } from '../../core/park/model.ts';
import type { LastPassage } from '../../core/park/state.ts';

type Phrase = Readonly<Record<Language, string>>;

/** Whatever a lane can have done last: what is new in the core does not compile without its word. */
const LANES: Readonly<Record<Direction | LastPassage['outcome'] | HoldReason | BarrierOutcome | 'pending', Phrase>> = {
  in: { zh: '入口', en: 'in' },
  out: { zh: '出口', en: 'out' },
  entered: { zh: '进场', en: 'entered' },
  left: { zh: '离场', en: 'left' },
  held: { zh: '拦停', en: 'held' },
  unpaid: { zh: '未缴费', en: 'not paid' },
  lineDown: { zh: '未收到缴费，线路中断或刚恢复', en: 'no payment came, and the line is or was down' },
  unknownVehicle: { zh: '无进场记录', en: 'visit unknown' },
  unplated: { zh: '无牌', en: 'no plate' },
  pending: { zh: '进行中', en: 'under way' },
  confirmed: { zh: '已抬起', en: 'opened' },
  sent: { zh: '已发送', en: 'ordered' },
  refused: { zh: '被拒绝', en: 'refused' },
  uncertain: { zh: '无应答', en: 'no answer' },
  expired: { zh: '已过期', en: 'too late' },
};

/** The way to Mallcoo, by what `/healthz` tells of it: `reach` and `notices`. */
const WAY = {
  up: { zh: '通', en: 'up' },
  down: { zh: '不通', en: 'down' },
  unknown: { zh: '未知', en: 'not known yet' },
  internet: { zh: '互联网：{is}', en: 'internet: {is}' },
  probeOk: { zh: '隧道：{is}（{url}，{ms} ms，{ago}前）', en: 'the way in: {is}, probed {ago} ago in {ms} ms ({url})' },
  probeFailed: {
    zh: '隧道：{is}（{url}，{ago}前探测失败：{why}）',
    en: 'the way in: {is}; the last probe, {ago} ago, failed: {why} ({url})',
  },
  probeNone: { zh: '隧道：{is}（{url}，尚未探测）', en: 'the way in: {is}, not probed yet ({url})' },
  probeOff: {
    zh: '隧道：不探测（未配置 tunnel.publicUrl）',
    en: 'the way in: not probed, for tunnel.publicUrl is not configured',
  },
  told: { zh: '{park}：启动以来已送达 {n} 条', en: '{park}: told since the start: {n}' },
  answerConfirmed: { zh: '；最近一次（{ago}前）：已确认', en: '; last try {ago} ago: confirmed' },
  answerPermanent: { zh: '；最近一次（{ago}前）：拒收，{why}', en: '; last try {ago} ago: refused for good, {why}' },
  answerFailed: { zh: '；最近一次（{ago}前）：{why}', en: '; last try {ago} ago: {why}' },
} as const satisfies Readonly<Record<string, Phrase>>;

const WORDS = {
  ...LANES,
  ...WAY,
  title: { zh: '道闸网关', en: 'Gate' },
  other: { zh: 'English', en: '中文' },
  asking: { zh: '正在询问网关…', en: 'asking the gate …' },
  ok: { zh: '一切正常', en: 'all is well' },
  degraded: { zh: '{n} 个故障', en: '{n} fault(s)' },
  lost: {
    zh: '网关没有应答！以下是 {n} 的状态，可能已经过时。',
    en: 'The gate does not answer! What is below was so at {n}.',
  },
  lostAtOnce: { zh: '网关没有应答！', en: 'The gate does not answer!' },
  lostHint: {
    zh: '在网关主机上运行：systemctl status gatepost',
    en: 'On the gate’s machine: systemctl status gatepost',
  },
  faults: { zh: '故障', en: 'Faults' },
  none: { zh: '没有故障', en: 'none' },
  since: { zh: '自 {n}', en: 'since {n}' },
  parks: { zh: '车场', en: 'Car parks' },
  open: { zh: '在场 {n} 辆', en: '{n} in the park' },
  lane: { zh: '车道', en: 'lane' },
  last: { zh: '最近一次', en: 'last vehicle' },
  arm: { zh: '道闸', en: 'arm' },
  figures: { zh: '运行指标', en: 'Figures' },
  hour: { zh: '{park}：最近一小时进 {a} 辆，出 {b} 辆', en: '{park}: {a} in and {b} out during the last hour' },
  flush: { zh: '写盘：一般 {a} ms，最慢 {b} ms', en: 'the disk takes {a} ms as a rule, {b} ms at most' },
  decision: {
    zh: '从识别或缴费到写盘完成：一般 {a} ms，最慢 {b} ms',
    en: 'a reading or payment is on the disk after {a} ms as a rule, {b} ms at most',
  },
  outbox: { zh: '待通知猫酷', en: 'Waiting for Mallcoo' },
  park: { zh: '车场', en: 'park' },
  waiting: { zh: '等待', en: 'waiting' },
  oldest: { zh: '最早', en: 'oldest' },
  dead: { zh: '不再发送', en: 'dead' },
  outboxHint: { zh: '详情和处理：gatepost outbox', en: 'the list, and what to do: gatepost outbox' },
  notices: { zh: '通知发送', en: 'Sending' },
  reach: { zh: '网络与隧道', en: 'The way to Mallcoo' },
  devices: { zh: '设备', en: 'Devices' },
  device: { zh: '设备', en: 'device' },
  state: { zh: '状态', en: 'state' },
  readings: { zh: '识别', en: 'readings' },
  orders: { zh: '指令', en: 'orders' },
  discards: { zh: '丢弃', en: 'discarded' },
  archive: { zh: '归档', en: 'Archive' },
  archived: { zh: '停车 {a}，订单 {b}，过车 {c}，共 {d}', en: '{a} visits, {b} orders, {c} passages, {d}' },
  empty: { zh: '尚无', en: 'nothing yet' },
  about: { zh: '版本 {a}，自 {b} 运行（{c}），记录 {d}', en: 'version {a}, up since {b} ({c}), record {d}' },
  asOf: { zh: '网关时间 {n}', en: 'the gate’s time {n}' },
  days: { zh: ' 天', en: ' d' },
  hours: { zh: ' 小时', en: ' h' },
  minutes: { zh: ' 分', en: ' min' },
  seconds: { zh: ' 秒', en: ' s' },
} as const satisfies Readonly<Record<string, Phrase>>;

export type Words = Readonly<Record<keyof typeof WORDS, string>>;

export function wordsOf(language: Language): Words {
  return Object.fromEntries(Object.entries(WORDS).map(([name, phrase]) => [name, phrase[language]])) as Words;
}
