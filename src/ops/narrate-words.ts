/** What the log says of a gate's day, in both languages. What is in braces is filled in by whoever tells it. */
import type { Sentence } from '../core/errors.ts';
import type { HoldReason, Left } from '../core/park/events.ts';
import type { Direction } from '../core/park/model.ts';

export const ENTERED: Sentence = { zh: '进场', en: 'entered' };
export const ENTERED_THEN: Sentence = { zh: '进场（补传，时间 {at}）', en: 'entered at {at} (backlog)' };
export const STRANGE: Sentence = { zh: '不符合任何已知车牌格式', en: 'of no known form' };

export const LEFT: Sentence = { zh: '离场', en: 'left' };
export const LEFT_THEN: Sentence = { zh: '离场（补传，时间 {at}）', en: 'left at {at} (backlog)' };

export const LET_OUTS: Readonly<Record<NonNullable<Left['letOut']>, Sentence>> = {
  lineDown: { zh: '放行：线路中断或刚恢复', en: 'let out: the line is down, or was a moment ago' },
  operator: { zh: '人工放行', en: 'let out by the operator' },
};
export const LET_THROUGH: Sentence = {
  zh: '人工放行，无进场记录',
  en: 'let through by the operator; no visit of this vehicle is known',
};

export const HOLDS: Readonly<Record<HoldReason, Sentence>> = {
  unpaid: { zh: '拦停：未缴费', en: 'held: not paid' },
  lineDown: {
    zh: '拦停：未收到缴费，线路中断或刚恢复',
    en: 'held: no payment has come, and the line is down or was a moment ago',
  },
  unknownVehicle: { zh: '拦停：无进场记录', en: 'held: no visit of this vehicle is known' },
  unplated: { zh: '拦停：无牌或车牌无法识别', en: 'held: a vehicle without a readable plate' },
};
export const HELP: Sentence = {
  zh: '司机能出示付款记录时：gatepost let-out {lane}',
  en: 'if the driver shows the payment: gatepost let-out {lane}',
};

export const PASSED: Readonly<Record<Direction, Sentence>> = {
  in: { zh: '过车：进（补传，时间 {at}，无对应记录）', en: 'passed in at {at} (backlog; no visit fits)' },
  out: { zh: '过车：出（补传，时间 {at}，无对应记录）', en: 'passed out at {at} (backlog; no visit fits)' },
};
export const STAYED: Sentence = { zh: '车辆仍在出口，停车继续', en: 'still stands at the exit: its visit goes on' };

export const LINE_UP: Sentence = { zh: '线路恢复：可以收到缴费', en: 'the line is back: payments can reach the gate' };
export const LINE_DOWN: Sentence = {
  zh: '线路中断：收不到缴费；出口按 whenLineDown 处理',
  en: 'the line is down: payments cannot reach the gate; exits do as whenLineDown says',
};

export const PAID = {
  plain: { zh: '已缴费', en: 'paid' },
  settled: { zh: '已缴费，已结清', en: 'paid, settled' },
  late: { zh: '补缴', en: 'paid late' },
  lateSettled: { zh: '补缴，已结清', en: 'paid late, settled' },
} as const satisfies Readonly<Record<string, Sentence>>;
export const UNMATCHED: Sentence = { zh: '缴费找不到对应的停车记录', en: 'paid for a visit nobody knows' };
export const CONFLICTED: Sentence = { zh: '同一订单再次通知，内容不同', en: 'an order came again with other content' };

export const NOTICE_DEAD: Sentence = { zh: '通知不再重发', en: 'a notice will not be sent again' };
export const NOTICE_DROPPED: Sentence = { zh: '通知已放弃', en: 'a notice was given up' };
export const RETRIED: Sentence = { zh: '发给猫酷的通知将重新发送', en: 'a notice to Mallcoo is to be sent again' };
