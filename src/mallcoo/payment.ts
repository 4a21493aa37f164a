/** Reads a `PayParkingFee` notice (1.2). */
import { hash } from 'node:crypto';
import type { OrderNo } from '../core/ids.ts';
import { ZERO } from '../core/money.ts';
import type { DeductionDetail, MemberInfo, PaymentNotice } from '../core/park/commands.ts';
import type { Zone } from '../core/time.ts';
import {
  collect,
  complain,
  type FieldProblem,
  type Fields,
  raw,
  readAmount,
  readMinutes,
  readNumber,
  readPlate,
  readText,
  readTime,
  readWhole,
} from './fields.ts';

export const MAX_ORDER_NO = 128;
export const MAX_DETAILS = 100;

export type PaymentReading =
  | {
      readonly type: 'read';
      readonly notice: PaymentNotice;
      /** Fields that could not be read and are kept as null; to be told, not to be refused for. */
      readonly dropped: readonly FieldProblem[];
    }
  | { readonly type: 'missing'; readonly field: 'orderNo' | 'amount' }
  | { readonly type: 'invalid'; readonly problem: FieldProblem };

/**
 * The fields without which there is nothing to book: the key that makes a retry a retry, and what is credited. The driver
 * has paid by now, so nothing else may refuse the money: what cannot be read there is kept as null (the core flags a
 * missing `payTime`, and matches by whatever of feeId, plate and barcode is left).
 */
const REFUSING: ReadonlySet<string> = new Set(['orderNo', 'amount', 'deductionAmount']);

/** Reads the notice. Times are local to the park; fractions of a 分 are rounded half up and marked. */
export function readPayment(fields: Fields, zone: Zone): PaymentReading {
  const orderNo = readText(fields, 'orderNo');
  if (orderNo !== null && orderNo.length > MAX_ORDER_NO) complain(fields, 'orderNo', orderNo, 'shortText');
  const payType = readWhole(fields, 'payType');
  const amount = readAmount(fields, 'amount');
  const deduction = readAmount(fields, 'deductionAmount');
  const unPay = readAmount(fields, 'unPayAmount');
  const details = readDetails(fields);
  const invalid = fields.problems.find((problem) => REFUSING.has(problem.field));
  if (invalid) return { type: 'invalid', problem: invalid };
  if (orderNo === null) return { type: 'missing', field: 'orderNo' };
  // 0 元支付: the deductions paid for all of it, and senders leave the amount out.
  if (amount === null && payType !== 0) return { type: 'missing', field: 'amount' };
  const notice: PaymentNotice = {
    orderNo: orderNo as OrderNo,
    // The standard's own examples spell it with an l.
    feeId: readText(fields, 'feeId') ?? readText(fields, 'feeld'),
    plate: readPlate(fields, 'plateNo'),
    barcode: readText(fields, 'barcode'),
    payTime: readTime(fields, 'payTime', zone),
    unPayAmount: unPay?.fen ?? null,
    amount: amount?.fen ?? ZERO,
    deductionAmount: deduction?.fen ?? ZERO,
    payChannel: readWhole(fields, 'payChannel'),
    payType,
    thirdTradeNo: readText(fields, 'thirdTradeNo'),
    deductionDetails: details.lines,
    member: readMember(fields),
    rounded: [amount, deduction, unPay].some((one) => one?.rounded) || details.rounded,
  };
  return { type: 'read', notice, dropped: fields.problems };
}

/**
 * A digest of what the notice says about money: 32 hex digits. It is made of what was understood, not of the bytes, so a
 * retry as a form, with other spelling, order of keys, or `"500"` for `500` is still the same notice.
 */
export function digestOf(notice: PaymentNotice): string {
  const content = [
    notice.feeId,
    notice.plate,
    notice.barcode,
    notice.payTime,
    notice.unPayAmount,
    notice.amount,
    notice.deductionAmount,
    notice.payChannel,
    notice.payType,
    notice.thirdTradeNo,
    notice.deductionDetails.map((line) => [line.type, line.identify, line.minutes, line.amount]),
  ];
  return hash('sha256', JSON.stringify(content), 'hex').slice(0, 32);
}

interface Details {
  readonly lines: readonly DeductionDetail[];
  readonly rounded: boolean;
}

function readDetails(fields: Fields): Details {
  const value = nested(fields, 'deductionDetails');
  if (value === undefined) return { lines: [], rounded: false };
  if (!Array.isArray(value)) {
    complain(fields, 'deductionDetails', value, 'list');
    return { lines: [], rounded: false };
  }
  if (value.length > MAX_DETAILS) complain(fields, 'deductionDetails', `${value.length}`, 'list');
  const lines: DeductionDetail[] = [];
  let rounded = false;
  for (const [index, entry] of value.slice(0, MAX_DETAILS).entries()) {
    const name = `deductionDetails[${index}]`;
    if (!isObject(entry)) {
      complain(fields, name, entry, 'object');
      continue;
    }
    const line = collect(Object.entries(entry), `${name}.`, fields.problems);
    const amount = readAmount(line, 'Amount');
    rounded ||= amount?.rounded ?? false;
    lines.push({
      type: readWhole(line, 'Type'),
      identify: readText(line, 'Identify'),
      minutes: readMinutes(line, 'Minutes'),
      amount: amount?.fen ?? null,
    });
  }
  return { lines, rounded };
}

function readMember(fields: Fields): MemberInfo | null {
  const value = nested(fields, 'memberInfo');
  if (value === undefined) return null;
  if (!isObject(value)) return complain(fields, 'memberInfo', value, 'object');
  const member = collect(Object.entries(value), 'memberInfo.', fields.problems);
  if (member.values.size === 0) return null;
  return {
    mobile: readText(member, 'Mobile'),
    cardNo: readText(member, 'CardNo'),
    cardGrade: readText(member, 'CardGrade'),
    bonus: readNumber(member, 'Bonus'),
  };
}

/** A nested value; in a form it comes as a text of JSON. */
function nested(fields: Fields, field: string): unknown {
  const value = raw(fields, field);
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) ?? undefined;
  } catch {
    return value;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
