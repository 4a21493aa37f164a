/** What the columns, the ways to pay (1.2), the flags and the sums of payments are called. */
import type { Language } from '../core/errors.ts';
import type { LetOut } from '../core/park/visit.ts';
import type { LineFlag, PaymentStatus } from '../reports/payment-line.ts';

export type Phrase = Readonly<Record<Language, string>>;

const CHANNELS: Readonly<Record<number, Phrase>> = {
  0: { en: 'online', zh: '线上支付' },
  1: { en: 'offline', zh: '线下支付' },
};

const TYPES: Readonly<Record<number, Phrase>> = {
  0: { en: 'coupons only', zh: '0元支付' },
  1: { en: 'Alipay', zh: '支付宝' },
  2: { en: 'UnionPay', zh: '银联' },
  3: { en: 'WeChat', zh: '微信' },
};

/** The name of a `payChannel`; a number that the standard does not name as it is, an absent one as nothing. */
export function channelName(payChannel: number | null, language: Language): string {
  return payChannel === null ? '' : (CHANNELS[payChannel]?.[language] ?? String(payChannel));
}

/** The name of a `payType`, in the same way. */
export function typeName(payType: number | null, language: Language): string {
  return payType === null ? '' : (TYPES[payType]?.[language] ?? String(payType));
}

export const STATUSES: Readonly<Record<PaymentStatus, Phrase>> = {
  booked: { en: 'booked', zh: '已入账' },
  unmatched: { en: 'unmatched', zh: '无对应车辆' },
  conflicting: { en: 'conflicting', zh: '内容冲突' },
};

/** What each flag looks for; also the order in which they are listed. */
export const FLAGS: Readonly<Record<LineFlag, Phrase>> = {
  PAYMENT_UNMATCHED: { en: 'for a visit nobody knows', zh: '无对应车辆' },
  PAYMENT_CONFLICT: { en: 'its order came with other content', zh: '同一订单内容不同' },
  FIGURES_DIFFER: { en: 'another amount was due', zh: '应付金额不一致' },
  UNDERPAID: { en: 'did not cover what was due', zh: '少付' },
  OVERPAID: { en: 'more than was due', zh: '多付' },
  DEPARTED: { en: 'the vehicle had left', zh: '车辆已离场' },
  SETTLED_LATE: { en: 'for a vehicle let go uncollected', zh: '补缴离场未收' },
  STALE_FEE_ID: { en: 'the feeId is of an earlier visit', zh: '旧的交易编号' },
  FEE_ID_FELL_BACK: { en: 'feeId unknown, found by plate or barcode', zh: '交易编号未知，按车牌或条码入账' },
  CREDENTIAL_DIFFERS: { en: 'another plate or barcode', zh: '车牌或条码不符' },
  PAY_TIME_ODD: { en: 'payTime not believed', zh: '支付时间异常' },
  AMOUNT_ROUNDED: { en: 'had a fraction of a 分', zh: '金额不足一分的部分已取整' },
};

export const FLAG_CODES = Object.keys(FLAGS) as readonly LineFlag[];

/** The columns, in the order of the CSV. */
export const COLUMNS = {
  day: { en: 'day', zh: '日期' },
  park: { en: 'park', zh: '停车场' },
  arrived: { en: 'arrived', zh: '到达时间' },
  paid: { en: 'paid', zh: '支付时间' },
  order: { en: 'order', zh: '猫酷订单编号' },
  trade: { en: 'third-party trade', zh: '第三方交易编号' },
  vehicle: { en: 'vehicle', zh: '车牌或条码' },
  amount: { en: 'money', zh: '支付金额' },
  amountFen: { en: 'money (分)', zh: '支付金额（分）' },
  deduction: { en: 'deduction', zh: '优惠金额' },
  deductionFen: { en: 'deduction (分)', zh: '优惠金额（分）' },
  channel: { en: 'channel', zh: '支付渠道' },
  type: { en: 'type', zh: '支付方式' },
  status: { en: 'status', zh: '状态' },
  credited: { en: 'credited', zh: '入账金额' },
  creditedFen: { en: 'credited (分)', zh: '入账金额（分）' },
  flags: { en: 'flags', zh: '标记' },
  visit: { en: 'feeId', zh: '车场交易编号' },
  mobile: { en: 'mobile', zh: '手机号' },
  place: { en: 'journal', zh: '日志位置' },
  replaces: { en: 'came again for', zh: '补到，原通知位置' },
} as const satisfies Readonly<Record<string, Phrase>>;

export type Column = keyof typeof COLUMNS;

export const SUMS = {
  payments: { en: 'payments of', zh: '缴费对账' },
  arrival: { en: 'by arrival', zh: '按到达时间' },
  'pay-time': { en: 'by pay time', zh: '按支付时间' },
  notices: { en: 'notices', zh: '通知数' },
  money: { en: 'money', zh: '金额' },
  deductions: { en: 'deductions', zh: '优惠' },
  noticed: { en: 'noticed', zh: '收到' },
  credited: { en: 'credited', zh: '已入账' },
  notCredited: { en: 'not credited', zh: '未入账' },
  cameAgain: { en: 'came again, counted there', zh: '其后补到，计入该笔' },
  unmatched: { en: 'for a visit nobody knows', zh: '无对应车辆' },
  conflicting: { en: 'other content under a known order', zh: '同一订单内容不同' },
  methods: { en: 'credited, by channel and type', zh: '入账，按渠道与方式' },
  flags: { en: 'noticed, by flag', zh: '收到，按标记' },
  days: { en: 'credited, by day', zh: '入账，按日' },
  parks: { en: 'credited, by park', zh: '入账，按停车场' },
  unnamed: { en: 'not named', zh: '未注明' },
} as const satisfies Readonly<Record<string, Phrase>>;

/** Why a vehicle went that had not paid. */
export const WHYS: Readonly<Record<LetOut['why'], Phrase>> = {
  lineDown: { en: 'line down', zh: '线路中断' },
  operator: { en: 'operator', zh: '人工放行' },
  backlog: { en: 'told by a backlog', zh: '离场补录' },
};

/** The columns of vehicles that were let go, in the order of the CSV. */
export const LET_GO_COLUMNS = {
  day: { en: 'day', zh: '日期' },
  park: { en: 'park', zh: '停车场' },
  left: { en: 'left', zh: '离场时间' },
  lane: { en: 'lane', zh: '车道' },
  vehicle: { en: 'vehicle', zh: '车牌或条码' },
  why: { en: 'why', zh: '放行原因' },
  reason: { en: 'reason', zh: '说明' },
  by: { en: 'by', zh: '操作人' },
  due: { en: 'uncollected', zh: '未收金额' },
  dueFen: { en: 'uncollected (分)', zh: '未收金额（分）' },
  open: { en: 'still open', zh: '仍未收' },
  openFen: { en: 'still open (分)', zh: '仍未收（分）' },
  orders: { en: 'settled by orders', zh: '补缴订单编号' },
  visit: { en: 'feeId', zh: '车场交易编号' },
  place: { en: 'journal', zh: '日志位置' },
} as const satisfies Readonly<Record<string, Phrase>>;

export type LetGoColumn = keyof typeof LET_GO_COLUMNS;

export const DEPARTURES = {
  letGo: { en: 'let go uncollected, or by the operator:', zh: '未收放行及人工放行：' },
  departures: { en: 'departures of', zh: '离场收费' },
  cars: { en: 'cars', zh: '车辆' },
  money: { en: 'money', zh: '金额' },
  fees: { en: 'fees', zh: '应收' },
  collected: { en: 'collected by when they left', zh: '离场前已收' },
  uncollected: { en: 'uncollected', zh: '离场未收' },
  settled: { en: 'settled since', zh: '其后补缴' },
  open: { en: 'still open', zh: '仍未收' },
  unknown: { en: 'no visit is known', zh: '无进场记录' },
} as const satisfies Readonly<Record<string, Phrase>>;
