/**
 * Every code that Gatepost shows to anyone: in an answer, in the log, on the health page. One closed table, so that
 * `docs/ERRORS.md` (a test holds the two together) can say for each what it means and what to do.
 */

import { fill, type Language, type Said, type Sentence } from './sentence.ts';

export type { Language, Said, Sentence } from './sentence.ts';

/** `answer`: told to a caller. `fault`: raised and cleared. `flag`: marks a payment. `notice`: a line in the log. */
export type ErrorKind = 'answer' | 'fault' | 'flag' | 'notice';

/** What happened, for the person in front of it. `{x}` is filled in by {@link explain}. */
export interface ErrorEntry<K extends ErrorKind = ErrorKind> extends Sentence {
  readonly kind: K;
}

const entry = <K extends ErrorKind>(kind: K, zh: string, en: string): ErrorEntry<K> => ({ kind, zh, en });

export const ERRORS = {
  // Answers to a caller's mistake.
  PARK_REQUIRED: entry(
    'answer',
    '本网关有多个停车场，请传 parkId',
    'parkId is required: this gateway serves several parks',
  ),
  PARK_UNKNOWN: entry('answer', '停车场不存在：{value}', 'no such park: {value}'),
  CREDENTIAL_REQUIRED: entry('answer', '请传车牌号 plateNo 或条形码 barcode', 'plateNo or barcode is required'),
  CREDENTIAL_CONFLICT: entry(
    'answer',
    '车牌号与条形码不是同一次停车',
    'plateNo and barcode belong to different visits: send one of them',
  ),
  VISIT_UNKNOWN: entry('answer', '未找到在场车辆：{value}', 'no such vehicle in the park: {value}'),
  LANE_UNKNOWN: entry('answer', '出口车道不存在：{value}', 'no such exit lane: {value}'),
  NOBODY_WAITS: entry(
    'answer',
    '车道 {value} 没有被拦停的车辆，未抬杆',
    'no vehicle is held at {value}: the arm was not raised',
  ),
  FIELD_REQUIRED: entry('answer', '缺少参数 {field}', '{field} is required'),
  FIELD_INVALID: entry(
    'answer',
    '参数 {field} 无效：{value}，应为 {expected}',
    '{field} is not valid: {value}; expected {expected}',
  ),
  RANGE_INVERTED: entry('answer', 'endTime 早于 startTime', 'endTime is before startTime'),
  ORDER_CONFLICT: entry(
    'answer',
    '订单 {value} 已用不同内容通知过，未重复入账，请核对',
    'order {value} was notified before with other content; nothing was booked: reconcile it',
  ),
  FEE_ID_UNKNOWN: entry(
    'answer',
    '交易编号不存在且车辆不在场：{value}，通知已留存待对账',
    'no such feeId, and no such vehicle in the park: {value}; the notice is kept for reconciliation',
  ),
  NOTICE_UNKNOWN: entry('answer', '没有这样的通知：{value}', 'no such notice: {value}'),
  NO_ROOM: entry('answer', '磁盘已满，未受理，请稍后重试', 'the disk is full: nothing was booked; try again later'),
  BUSY: entry('answer', '系统繁忙，请稍后重试', 'busy: try again in a moment'),
  STOPPING: entry('answer', '系统正在重启，请稍后重试', 'stopping: try again in a moment'),
  UNAUTHORISED: entry(
    'answer',
    '未授权：令牌或签名缺失或不正确',
    'not authorised: the token or signature is missing or wrong',
  ),
  TIME_STAMP_FAR: entry(
    'answer',
    '签名正确，但 TimeStamp 与本机时钟相差 {value} 秒，请校时',
    'the signature is right, but TimeStamp is {value} s from this clock: set the clocks',
  ),
  REPLAYED: entry(
    'answer',
    '签名已使用过（TimeStamp {value}），请重新签名',
    'the signature was used before (TimeStamp {value}): sign anew',
  ),
  TOO_MANY_QUERIES: entry('answer', '查询过于频繁，请稍后重试', 'too many queries: try again in a moment'),
  PATH_UNKNOWN: entry('answer', '接口不存在：{value}', 'no such call: {value}'),
  METHOD_UNKNOWN: entry('answer', '此接口不支持 {value} 方法', 'this call does not take {value}'),
  BODY_TOO_LARGE: entry('answer', '请求体过大，上限 {value} 字节', 'the body is too large: {value} bytes at most'),
  BODY_UNREADABLE: entry('answer', '请求体无法解析：{value}', 'the body cannot be read: {value}'),
  ORIGIN_FOREIGN: entry(
    'answer',
    '拒绝来自其他网站的请求：{value}',
    'the request comes from another site and is not served: {value}',
  ),
  INTERNAL: entry('answer', '系统内部错误，已记录', 'internal error, recorded'),

  // Faults: raised while they last, cleared when they end.
  CLOCK_BEHIND: entry(
    'fault',
    '本机时钟比最后一条记录慢 {value}，时间从该记录继续走，直到时钟追上',
    'the clock is {value} behind the last record; time goes on from there until it catches up',
  ),
  DEVICE_SILENT: entry('fault', '已有 {value} 没有收到设备消息', 'nothing heard for {value}'),
  DEVICE_OFFLINE: entry('fault', '设备报告自己已离线', 'the device says it is offline'),
  PORT_GONE: entry('fault', '串口无法使用：{value}', 'the serial port cannot be used: {value}'),
  BROKER_GONE: entry('fault', '连不上 MQTT 服务器：{value}', 'no connection to the MQTT broker: {value}'),
  BARRIER_UNCERTAIN: entry(
    'fault',
    '抬杆指令没有应答，请到现场查看道闸',
    'an open order got no answer: look at the arm',
  ),
  BARRIER_REFUSED: entry('fault', '抬杆指令被拒绝：{value}', 'an open order was refused: {value}'),
  CALENDAR_ENDS: entry(
    'fault',
    '节假日数据不足：{value}；该年的日期将按星期计',
    'the public holidays of {value}; days of that year are told by the weekday',
  ),
  AUTH_FAILING: entry('fault', '调用方身份验证反复失败：{value}', 'callers cannot prove themselves: {value}'),
  INTERNET_DOWN: entry('fault', '互联网不通：{value}', 'no internet: {value}'),
  TUNNEL_DOWN: entry(
    'fault',
    '猫酷无法通过隧道访问本网关：{value}',
    'Mallcoo cannot reach the gate through the tunnel: {value}',
  ),
  MALLCOO_UNREACHABLE: entry('fault', '连不上猫酷：{value}', 'Mallcoo cannot be reached: {value}'),
  MALLCOO_REFUSING: entry(
    'fault',
    '猫酷有应答，但不接收通知：{value}',
    'Mallcoo answers, but takes no notices: {value}',
  ),
  INBOX_FULL: entry(
    'fault',
    '磁盘处理不过来，识别和缴费暂不受理',
    'more work than the disk can take: readings and payments are being turned away',
  ),
  RECORD_BAD: entry('fault', '无法读取，已另行保存：{value}', '{value} could not be read and was kept aside'),
  JOURNAL_SHORT: entry(
    'fault',
    '日志账本比以前短，末尾可能缺少记录：{value}',
    'the journal was longer once, and records may be missing at its end: {value}',
  ),
  DISK_FULL: entry(
    'fault',
    '磁盘已满（日志账本还需要 {value}）：不能进场，不能缴费；无欠费车辆可以离场',
    'the disk is full ({value} more are wanted for the journal): nobody can enter or pay; cars that owe nothing can leave',
  ),
  SNAPSHOT_BAD: entry('fault', '快照无法使用：{value}', 'a snapshot could not be used: {value}'),
  SNAPSHOT_FAILED: entry('fault', '快照写入失败：{value}', 'a snapshot could not be written: {value}'),
  ARCHIVE_BAD: entry('fault', '归档缺失或损坏：{value}', 'part of the archive is missing or damaged: {value}'),
  ARCHIVE_FAILED: entry('fault', '归档写入失败：{value}', 'the archive could not be written: {value}'),
  NOTICE_DEAD: entry(
    'fault',
    '有 {value} 条发给猫酷的通知不再重发；用 gatepost outbox 查看、重发或放弃',
    'notices to Mallcoo that will not be sent again: {value}; gatepost outbox lists, retries and drops them',
  ),
  LOG_FAILED: entry('fault', '日志无法写入：{value}', 'log lines cannot be written: {value}'),
  RELOAD_REFUSED: entry(
    'fault',
    '新配置有误，未生效，仍按原配置运行：{value}',
    'the new configuration is not in force, the old one stays: {value}',
  ),
  PAYMENT_CONFLICT: entry(
    'fault',
    '订单 {value} 通知了两次，内容不同，请对账',
    'order {value} was notified twice with different content: reconcile it',
  ),
  PAYMENT_UNMATCHED: entry(
    'fault',
    '订单 {value} 找不到对应的停车记录，请对账',
    'order {value} paid for a visit nobody knows: reconcile it',
  ),

  // Flags that reconciliation looks for; the money is booked all the same.
  FIGURES_DIFFER: entry(
    'flag',
    '通知中的应付金额与车场计算的不一致',
    'the notice says another amount was due than the park computed',
  ),
  UNDERPAID: entry('flag', '付款不足以付清应付金额', 'the payment did not cover what was due'),
  OVERPAID: entry('flag', '付款多于应付金额', 'more money came than was due'),
  DEPARTED: entry('flag', '收到通知时车辆已离场', 'the vehicle had left when the notice came'),
  SETTLED_LATE: entry(
    'flag',
    '车辆此前未收费放行，这笔付款用于补缴',
    'the vehicle had been let go uncollected, and this pays for it',
  ),
  STALE_FEE_ID: entry(
    'flag',
    'feeId 属于该车上一次停车，车辆已再次进场',
    'the feeId is of an earlier visit of a vehicle that is in the park again',
  ),
  FEE_ID_FELL_BACK: entry(
    'flag',
    'feeId 未知或缺失，按车牌或条形码找到了停车记录',
    'the feeId was unknown or missing; the plate or barcode named the visit',
  ),
  CREDENTIAL_DIFFERS: entry(
    'flag',
    '通知中的车牌或条形码与停车记录不符',
    'the plate or barcode of the notice is not that of the visit',
  ),
  PAY_TIME_ODD: entry(
    'flag',
    'payTime 缺失、早于进场或晚于当前时间，已改用收到通知的时间',
    'payTime is missing, before the entry or in the future; the moment of arrival was used',
  ),
  AMOUNT_ROUNDED: entry(
    'flag',
    '金额含不足 1 分的部分，已四舍五入',
    'an amount had a fraction of a 分 and was rounded',
  ),

  // Notices: single happenings in the log.
  READING_DISCARDED: entry('notice', '消息或数据无法使用：{value}', 'a message or bytes could not be used: {value}'),
  ORDER_EXPIRED: entry('notice', '抬杆指令已过时限，未发送', 'an open order was not sent: its time had passed'),
  JOURNAL_TORN: entry(
    'notice',
    '日志账本末尾有一条没写完的记录，已截去：{value}',
    'the journal ended in a half-written record, which was cut: {value}',
  ),
  VISIT_SUPERSEDED: entry(
    'notice',
    '车辆再次进场，上次没有离场记录',
    'the vehicle entered again without having been seen to leave',
  ),
  DEVICE_REFUSED: entry(
    'notice',
    '设备使用了不属于它的主题或登录：{value}',
    'a device tried a topic or login that is not its own: {value}',
  ),
  LOG_LINES_LOST: entry('notice', '日志缺少 {value} 行', '{value} lines of the log are missing'),
  LOOP_LATE: entry(
    'notice',
    '主循环 {value} 未转完一圈（磁盘或程序停滞），持续下去看门狗会重启道闸程序',
    'the loop has not come round for {value}: the disk or the program stands still; if it goes on the watchdog restarts the gate',
  ),
  LAST_RUN_FAILED: entry('notice', '上次运行异常结束：{value}', 'the run before this one ended badly: {value}'),
} as const satisfies Readonly<Record<string, ErrorEntry>>;

export type ErrorCode = keyof typeof ERRORS;
type CodeOf<K extends ErrorKind> = { [C in ErrorCode]: (typeof ERRORS)[C]['kind'] extends K ? C : never }[ErrorCode];
export type AnswerCode = CodeOf<'answer'>;
export type FaultCode = CodeOf<'fault'>;
export type FlagCode = CodeOf<'flag'>;
export type NoticeCode = CodeOf<'notice'>;

/** The sentence of a code in one language, with its `{placeholders}` filled in. */
export function explain(code: ErrorCode, language: Language, values: Readonly<Record<string, Said>> = {}): string {
  return fill(ERRORS[code], values)[language];
}

/** Marks the branch of a switch that cannot be reached: a new member of the union stops compiling here. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
