/** What the driver has been shown and has paid: a price that was shown is what is paid, and it is paid once. */
import { randomBytes } from 'node:crypto';
import { type Fen, fen } from '../../core/money.ts';
import type { Plate } from '../../core/plate.ts';
import type { Asked, Coupon, Mallcoo, Order, Quote } from '../../mallcoo-client/mallcoo.ts';
import { SCHEDULES } from '../../mallcoo-client/schedule.ts';

export interface CouponOffer extends Coupon {
  /** Its name in a link. */
  readonly id: string;
  readonly title: string;
}

const offer = (id: string, title: string, minutes: number, amount: Fen): CouponOffer => ({
  id,
  title,
  minutes,
  amount,
});

/** What the driver has in his pocket. */
export const NO_OFFER = offer('none', '不使用优惠', 0, fen(0));
export const COUPONS: readonly CouponOffer[] = [
  NO_OFFER,
  offer('h1', '1 小时停车券', 60, fen(0)),
  offer('h3', '3 小时停车券', 180, fen(0)),
  offer('y3', '积分抵 3 元', 0, fen(300)),
  offer('y5h1', '1 小时券 + 减 5 元', 60, fen(500)),
];

export const PAY_TYPES: readonly (readonly [payType: number, name: string])[] = [
  [3, '微信支付'],
  [1, '支付宝'],
  [2, '银联'],
];

/** How the notice of a payment is troubled on its way. */
export interface Trouble {
  readonly twice: boolean;
  readonly lostAnswer: boolean;
}

export interface Shown {
  readonly id: string;
  readonly plate: Plate;
  readonly offer: CouponOffer;
  readonly asked: Asked;
}

export interface Receipt {
  readonly plate: Plate;
  readonly order: Order;
}

export interface Desk {
  /** Asks the fee with a coupon, and remembers what was answered. */
  show(plate: Plate, offer: CouponOffer): Promise<Shown>;
  /** Pays what was shown. A second tap on the button is the same order. @returns null when it is forgotten or no fee. */
  pay(id: string, payType: number, trouble: Trouble): Promise<Receipt | null>;
  receipt(orderNo: string): Receipt | null;
}

/** Prices and receipts that are remembered; the oldest are forgotten. */
const MAX_REMEMBERED = 200;

function remember<T>(map: Map<string, T>, key: string, value: T): T {
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= MAX_REMEMBERED) break;
    map.delete(oldest);
  }
  return value;
}

export function openDesk(mallcoo: Mallcoo): Desk {
  const shown = new Map<string, Shown>();
  const paying = new Map<string, Promise<Receipt>>();
  const receipts = new Map<string, Receipt>();

  async function payOnce(plate: Plate, quote: Quote, payType: number, trouble: Trouble): Promise<Receipt> {
    const copies = trouble.twice ? 2 : 1;
    const order = await mallcoo.pay(quote, {
      payType,
      schedule: SCHEDULES.immediate,
      copies,
      loseAnswers: trouble.lostAnswer ? copies : 0,
    });
    return remember(receipts, order.orderNo, { plate, order });
  }

  return {
    async show(plate, chosen) {
      const { minutes, amount } = chosen;
      const asked = await mallcoo.ask({ plateNo: plate, barcode: '' }, { minutes, amount });
      const id = randomBytes(12).toString('hex');
      return remember(shown, id, { id, plate, offer: chosen, asked });
    },
    async pay(id, payType, trouble) {
      const price = shown.get(id);
      if (price?.asked.type !== 'quoted') return null;
      const { plate, asked } = price;
      return paying.get(id) ?? remember(paying, id, payOnce(plate, asked.quote, payType, trouble));
    },
    receipt: (orderNo) => receipts.get(orderNo) ?? null,
  };
}
