/**
 * Every code that Gatepost shows to anyone: in an answer, in the log, on the health page. One closed table, so that
 * `docs/ERRORS.md` (a test holds the two together) can say for each what it means and what to do.
 */

/** `answer`: told to a caller. `fault`: raised and cleared. `flag`: marks a payment. `notice`: a line in the log. */
export type ErrorKind = 'answer' | 'fault' | 'flag' | 'notice';

export interface ErrorEntry<K extends ErrorKind = ErrorKind> {
  readonly kind: K;
  /** What happened, for the person in front of it. `{x}` is filled in by {@link explain}. */
  readonly zh: string;
  readonly en: string;
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
    '',
    'the clock is {value} behind the last record; time goes on from there until it catches up',
  ),
  DEVICE_SILENT: entry('fault', '', 'nothing heard for {value}'),
  DEVICE_OFFLINE: entry('fault', '', 'the device says it is offline'),
  PORT_GONE: entry('fault', '', 'the serial port cannot be used: {value}'),
  BROKER_GONE: entry('fault', '', 'no connection to the MQTT broker: {value}'),
  BARRIER_UNCERTAIN: entry('fault', '', 'an open order got no answer: look at the arm'),
  BARRIER_REFUSED: entry('fault', '', 'an open order was refused: {value}'),
  CALENDAR_ENDS: entry('fault', '', 'the public holidays of {value}; days of that year are told by the weekday'),
  AUTH_FAILING: entry('fault', '', 'callers cannot prove themselves: {value}'),
  INTERNET_DOWN: entry('fault', '', 'no internet: {value}'),
  TUNNEL_DOWN: entry('fault', '', 'Mallcoo cannot reach the gate through the tunnel: {value}'),
  MALLCOO_UNREACHABLE: entry('fault', '', 'Mallcoo cannot be reached: {value}'),
  MALLCOO_REFUSING: entry('fault', '', 'Mallcoo answers, but takes no notices: {value}'),
  INBOX_FULL: entry('fault', '', 'more work than the disk can take: readings and payments are being turned away'),
  RECORD_BAD: entry('fault', '', '{value} could not be read and was kept aside'),
  JOURNAL_SHORT: entry('fault', '', 'the journal was longer once, and records may be missing at its end: {value}'),
  DISK_FULL: entry(
    'fault',
    '',
    'the disk is full ({value} more are wanted for the journal): nobody can enter or pay; cars that owe nothing can leave',
  ),
  SNAPSHOT_BAD: entry('fault', '', 'a snapshot could not be used: {value}'),
  SNAPSHOT_FAILED: entry('fault', '', 'a snapshot could not be written: {value}'),
  ARCHIVE_BAD: entry('fault', '', 'part of the archive is missing or damaged: {value}'),
  ARCHIVE_FAILED: entry('fault', '', 'the archive could not be written: {value}'),
  NOTICE_DEAD: entry(
    'fault',
    '',
    'notices to Mallcoo that will not be sent again: {value}; gatepost outbox lists, retries and drops them',
  ),
  PAYMENT_CONFLICT: entry('fault', '', 'order {value} was notified twice with different content: reconcile it'),
  PAYMENT_UNMATCHED: entry('fault', '', 'order {value} paid for a visit nobody knows: reconcile it'),

  // Flags that reconciliation looks for; the money is booked all the same.
  FIGURES_DIFFER: entry('flag', '', 'the notice says another amount was due than the park computed'),
  UNDERPAID: entry('flag', '', 'the payment did not cover what was due'),
  OVERPAID: entry('flag', '', 'more money came than was due'),
  DEPARTED: entry('flag', '', 'the vehicle had left when the notice came'),
  SETTLED_LATE: entry('flag', '', 'the vehicle had been let go uncollected, and this pays for it'),
  STALE_FEE_ID: entry('flag', '', 'the feeId is of an earlier visit of a vehicle that is in the park again'),
  FEE_ID_FELL_BACK: entry('flag', '', 'the feeId was unknown or missing; the plate or barcode named the visit'),
  CREDENTIAL_DIFFERS: entry('flag', '', 'the plate or barcode of the notice is not that of the visit'),
  PAY_TIME_ODD: entry(
    'flag',
    '',
    'payTime is missing, before the entry or in the future; the moment of arrival was used',
  ),
  AMOUNT_ROUNDED: entry('flag', '', 'an amount had a fraction of a 分 and was rounded'),

  // Notices: single happenings in the log.
  READING_DISCARDED: entry('notice', '', 'a message or bytes could not be used: {value}'),
  ORDER_EXPIRED: entry('notice', '', 'an open order was not sent: its time had passed'),
  JOURNAL_TORN: entry('notice', '', 'the journal ended in a half-written record, which was cut: {value}'),
  VISIT_SUPERSEDED: entry('notice', '', 'the vehicle entered again without having been seen to leave'),
  DEVICE_REFUSED: entry('notice', '', 'a device tried a topic or login that is not its own: {value}'),
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

export type Language = 'zh' | 'en';

/** What is said to a person, in both languages; `say` of the command line picks one. */
export type Sentence = Readonly<Record<Language, string>>;

/** The sentence of a code, with its `{placeholders}` filled in. Only answers exist in Chinese so far. */
export function explain(code: ErrorCode, language: Language, values: Readonly<Record<string, string>> = {}): string {
  const { zh, en } = ERRORS[code];
  const text = language === 'zh' && zh !== '' ? zh : en;
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}

/** Marks the branch of a switch that cannot be reached: a new member of the union stops compiling here. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
