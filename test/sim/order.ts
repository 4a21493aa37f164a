/** An order of Mallcoo's: what the driver pays, how the notice says it, and when it is sent. */
import type { OrderNo, VisitId } from '../../src/core/ids.ts';
import { formatLocal, type Instant, SECOND } from '../../src/core/time.ts';
import { ZONE } from '../core/park/scene.ts';
import type { LineFault, Payment, PayStyle, Schedule, Trip } from './plan.ts';

/** The price that the app shows. Amounts in 分. */
export interface Price {
  readonly feeId: string;
  readonly unPay: number;
  readonly deduction: number;
}

export interface Order {
  readonly orderNo: OrderNo;
  /** The visit that the notice names; null for none. */
  readonly feeId: string | null;
  readonly body: Readonly<Record<string, string | number | readonly object[]>>;
  readonly amount: number;
  readonly deduction: number;
  readonly line: readonly LineFault[];
  /** Set when the whole of a price that was shown is paid in time, and the notice names the visit: it earns the grace. */
  readonly settles: { readonly visit: VisitId; readonly payTime: Instant } | null;
  attempts: number;
  /** The gate's time when the first notice reached it. */
  firstAt: Instant | null;
  done: boolean;
}

const THREE = [0, SECOND, 2 * SECOND, 3 * SECOND];

/** When each notice of an order is sent, in ms after the payment. */
export const SCHEDULES: Readonly<Record<Schedule, readonly number[]>> = {
  three: THREE,
  twelve: Array.from({ length: 13 }, (_, index) => index * 150 * SECOND),
  fifteen: [0, 15, 30, 60, 240, 840, 2_040, 3_840, 5_640, 7_440, 11_040, 21_840, 32_640, 43_440, 65_040, 86_340].map(
    (seconds) => seconds * SECOND,
  ),
  pair: [0, ...THREE],
};

/** @param inTime whether the price is still honoured at `payTime`. */
export function orderOf(
  number: number,
  vehicle: Trip['vehicle'],
  { style, line }: Payment,
  price: Price,
  payTime: Instant,
  inTime: boolean,
): Order {
  const orderNo = `M${number}` as OrderNo;
  const { amount, deduction } = sums(style, price);
  const names = namesOf(style, vehicle, price);
  const body = {
    ...names,
    orderNo,
    thirdTradeNo: `W${number}`,
    payTime: formatLocal(payTime, ZONE),
    unPayAmount: price.unPay,
    amount,
    deductionAmount: deduction,
    deductionDetails: deduction > 0 ? [{ Type: 2, Identify: `C${number}`, Minutes: 60, Amount: deduction }] : [],
    payChannel: 0,
    payType: amount === 0 ? 0 : 3,
  };
  const named = style !== 'stranger' && style !== 'wrongFeeId' && style !== 'plateOnly';
  const covers = amount + deduction >= price.unPay && price.unPay > 0;
  const settles = inTime && covers && named ? { visit: price.feeId as VisitId, payTime } : null;
  return {
    orderNo,
    feeId: names['feeId'] ?? null,
    body,
    amount,
    deduction,
    line,
    settles,
    attempts: 0,
    firstAt: null,
    done: false,
  };
}

function namesOf(style: PayStyle, vehicle: Trip['vehicle'], price: Price): Record<string, string> {
  const name: Record<string, string> = vehicle.kind === 'plate' ? { plateNo: vehicle.text } : { barcode: vehicle.text };
  switch (style) {
    case 'plateOnly':
      return name;
    case 'wrongFeeId':
      return { ...name, feeId: 'V0N0' };
    case 'stranger':
      return { plateNo: '粤Z99999', feeId: 'V0N0' };
    default:
      return { ...name, feeId: price.feeId };
  }
}

/** What is paid in money and in deductions, in 分. */
function sums(style: PayStyle, { unPay, deduction }: Price): { readonly amount: number; readonly deduction: number } {
  switch (style) {
    case 'coupon':
      return { amount: Math.max(0, unPay - deduction), deduction };
    case 'allCoupon':
      return { amount: 0, deduction: unPay };
    case 'under':
      return { amount: Math.floor(unPay / 2), deduction: 0 };
    case 'over':
      return { amount: unPay + 300, deduction: 0 };
    default:
      return { amount: unPay, deduction: 0 };
  }
}
