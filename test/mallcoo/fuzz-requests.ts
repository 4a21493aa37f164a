/**
 * Odd requests, each with what it must lead to. What a payment books is known from how it was made, not by reading it
 * again: a payment that is sound in all that matters is damaged in ways that do not matter, or in one that does.
 */
import type { Chance } from './fuzz-chance.ts';

/** What a payment leads to in the books. Amounts in 分. */
export interface Booking {
  readonly orderNo: string;
  readonly visit: string;
  readonly amount: number;
  readonly deduction: number;
}

/** One request, or something that is none. */
export interface Shot {
  /** What is odd about it, for the message of a failure. */
  readonly what: string;
  readonly call: string;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** What the books must hold because of it; null for nothing. */
  readonly books: Booking | null;
}

export interface Car {
  readonly feeId: string;
  /** As the fields of a request name it: `plateNo` or `barcode`. */
  readonly name: 'plateNo' | 'barcode';
  readonly text: string;
}

/** A field as it is written in JSON; the value is text of JSON, or of nearly JSON. */
type Field = readonly [name: string, value: string];

const CALLS = ['GetParkingPaymentInfo', 'PayParkingFee', 'GetTraffic'] as const;
const NAMES = [
  ...['parkId', 'plateNo', 'barcode', 'freeMinutes', 'freeAmount', 'feeId', 'feeld', 'orderNo', 'payTime'],
  ...['unPayAmount', 'amount', 'deductionAmount', 'deductionDetails', 'payChannel', 'payType', 'memberInfo'],
  ...['startTime', 'endTime', 'thirdTradeNo', '__proto__', 'constructor', 'toString', 'resCode', '', ' ', '\\u0000'],
] as const;

const deep = (open: string, close: string, depth: number): string => `${open.repeat(depth)}1${close.repeat(depth)}`;

/** Values that no field expects; all are JSON. */
const ODD = [
  ...['null', 'true', 'false', '""', '" "', '{}', '[]', '[[]]', '[null]', '0', '-0', '-1', '1e400', '-1e400', '1e-400'],
  ...['9007199254740993', `1${'0'.repeat(300)}`, '0.1', '1.5', '1e3', '"1e400"', '"NaN"', '"Infinity"', '"-Infinity"'],
  ...['"0x10"', '"1,000"', '"１２"', '"٣"', '"\\u0000"', '"\\ud800"', '"\\ud83d\\ude00"', '"\\r\\nX: y"', '"<script>"'],
  ...['"\' OR 1=1 --"', '"../../etc/passwd"', '"2026-02-30 25:61:61"', '"0000-00-00 00:00:00"', '"沪"'],
  ...['"无牌"', '"沪A00000学"', '{"__proto__":{"amount":1}}', '{"toString":1,"valueOf":1}', '{"length":5}'],
  ...[`"${'x'.repeat(600)}"`, deep('[', ']', 300), deep('{"a":', '}', 150), deep('{"Amount":[', ']}', 90)],
] as const;

/** Values that make an amount unusable. */
const NO_AMOUNT = [
  ...['-1', '-0.4', '1e400', '-1e400', '1000000001', '"1000000001"', '[]', '{}', '[5]', 'true', 'false', '"abc"'],
  ...['"-1"', '"1e999"', '"0x10"', '"1,000"', '"１００"', '"NaN"', '"Infinity"', '"5 5"', '"\\u0000"', '"¥5"', '"5元"'],
] as const;

/** Values that are no order number. */
const NO_ORDER = [
  ...['null', '""', '"  "', '{}', '[]', '["a"]', 'true', '1e400', '9007199254740993', '1e30', `"${'x'.repeat(129)}"`],
] as const;

const quote = (text: string): string => JSON.stringify(text);

/** A whole amount in one of the spellings that are understood; a fraction is rounded half up. */
function spelt(chance: Chance, amount: number): string {
  const forms = [`${amount}`, `"${amount}"`, `${amount}.0`, `"${amount}.00"`, `" ${amount} "`, `"+${amount}"`];
  if (amount > 0) forms.push(`${amount - 0.4}`, `"${amount - 0.5}"`, `${amount}e0`);
  return chance.pick(forms);
}

function cased(chance: Chance, name: string): string {
  return chance.pick([name, name, name, name.toLowerCase(), name.toUpperCase(), ` ${name}`, `${name} `]);
}

interface Payment {
  readonly fields: readonly Field[];
  readonly booking: Booking;
}

function soundPayment(chance: Chance, orderNo: string, cars: readonly Car[]): Payment {
  const car = chance.pick(cars);
  const zero = chance.once(8);
  const amount = zero ? 0 : chance.below(3_000);
  const deduction = chance.once(2) ? 0 : chance.below(2_000);
  const by: readonly Field[] = chance.pick<readonly Field[]>([
    [['feeId', quote(car.feeId)]],
    [['feeld', quote(car.feeId)]],
    [[car.name, quote(car.text)]],
    [
      ['feeId', quote(car.feeId)],
      [car.name, quote(chance.pick(cars).text)],
    ],
    [
      ['feeId', '"NOBODY"'],
      [car.name, quote(car.text)],
    ],
  ]);
  const money: readonly Field[] = zero
    ? [['payType', chance.pick(['0', '"0"'])]]
    : [
        ['amount', spelt(chance, amount)],
        ['payType', chance.pick(['1', '3', '99', '"3"'])],
      ];
  const less: readonly Field[] = deduction > 0 ? [['deductionAmount', spelt(chance, deduction)]] : [];
  const fields = [['orderNo', quote(orderNo)] as const, ...by, ...money, ...less];
  return { fields: shuffled(chance, fields), booking: { orderNo, visit: car.feeId, amount, deduction } };
}

function shuffled<T>(chance: Chance, list: readonly T[]): readonly T[] {
  return list
    .map((entry) => ({ entry, at: chance.below(1_000_000) }))
    .sort((a, b) => a.at - b.at)
    .map(({ entry }) => entry);
}

/** What may be odd about a payment without any effect on what it books. */
function harmless(chance: Chance, fields: readonly Field[]): readonly Field[] {
  const named = fields.map(([name, value]): Field => [cased(chance, name), value]);
  const plain = (name: string): boolean => !fields.some(([own]) => own.toLowerCase() === name.toLowerCase());
  const rest = [
    'payTime',
    'unPayAmount',
    'thirdTradeNo',
    'payChannel',
    'deductionDetails',
    'memberInfo',
    'resCode',
    'x',
  ];
  const more = chance.some(rest.filter(plain)).map((name): Field => [name, chance.pick(ODD)]);
  const hidden: Field[] = chance.once(4)
    ? [
        ['__proto__', '{"amount":1,"orderNo":"P"}'],
        ['constructor', '1'],
      ]
    : [];
  const all = [...more.slice(0, 4), ...hidden, ...named];
  const [twice] = named;
  if (!twice || !chance.once(6)) return all;
  // Of one name written twice the last counts, as everywhere in JSON; of names that differ in case the first.
  if (chance.once(2)) return [[twice[0], chance.pick(ODD.slice(0, 12))], ...all];
  return [...all, [twice[0] === twice[0].toUpperCase() ? twice[0].toLowerCase() : twice[0].toUpperCase(), '7']];
}

/** What makes a payment nothing that can be booked. */
function fatal(chance: Chance, fields: readonly Field[]): readonly Field[] {
  const set = (name: string, value: string): readonly Field[] => [
    ...fields.filter(([own]) => own !== name),
    [name, value],
  ];
  switch (chance.below(6)) {
    case 0:
      return set('orderNo', chance.pick(NO_ORDER));
    case 1:
      return fields.filter(([name]) => name !== 'orderNo');
    case 2:
      return set('amount', chance.pick(NO_AMOUNT));
    case 3:
      return set('deductionAmount', chance.pick(NO_AMOUNT));
    case 4:
      return set('parkId', chance.pick(['"P999"', '[]', '{}', 'true', '"p001"']));
    default: {
      const nobody = fields.filter(([name]) => !/^(fee.d|plateNo|barcode)$/.test(name));
      return [
        ...nobody,
        ...chance.some<Field>([
          ['feeId', '"NOBODY"'],
          ['plateNo', '"沪Z99999"'],
          ['barcode', '"none"'],
        ]),
      ];
    }
  }
}

const jsonOf = (fields: readonly Field[]): string =>
  `{${fields.map(([name, value]) => `"${name}":${value}`).join(',')}}`;

/** A text that is no JSON any more. */
function broken(chance: Chance, json: string): Buffer {
  const cut = Math.max(1, chance.below(json.length - 1));
  const bytes = Buffer.from(json);
  switch (chance.below(8)) {
    case 0:
      return Buffer.from(json.slice(0, cut));
    case 1:
      return Buffer.from(json.replace(/\}$/, ',}'));
    case 2:
      return Buffer.from(json.replaceAll('"', "'"));
    case 3:
      return Buffer.from(`[${json}]`);
    case 4:
      return Buffer.concat([bytes, Buffer.from('}')]);
    case 5:
      // 沪 in GBK.
      return Buffer.concat([bytes.subarray(0, 2), Buffer.from([0xbb, 0xa6]), bytes.subarray(2)]);
    case 6:
      return Buffer.concat([bytes.subarray(0, 2), Buffer.from([0]), bytes.subarray(2)]);
    default:
      return Buffer.from(`${json}${json}`);
  }
}

const JSON_TYPE = 'Content-Type: application/json';
const FORM_TYPE = 'Content-Type: application/x-www-form-urlencoded';
const TYPES = [JSON_TYPE, JSON_TYPE, 'Content-Type: text/plain', 'Content-Type: ;;;', 'Content-Type:', 'X: y'] as const;

function shot(what: string, call: string, body: Buffer, books: Booking | null, over: Partial<Shot> = {}): Shot {
  return { what, call, method: 'POST', path: `/mallcoo/${call}`, headers: [JSON_TYPE], body, books, ...over };
}

function formOf(fields: readonly Field[]): Buffer {
  const form = new URLSearchParams();
  for (const [name, value] of fields) form.append(name, value.startsWith('"') ? String(JSON.parse(value)) : value);
  return Buffer.from(form.toString());
}

/** A payment that must be booked, however odd it looks. */
export function oddPayment(chance: Chance, orderNo: string, cars: readonly Car[]): Shot {
  const { fields, booking } = soundPayment(chance, orderNo, cars);
  if (chance.once(6)) return shot('form', 'PayParkingFee', formOf(fields), booking, { headers: [FORM_TYPE] });
  const json = jsonOf(harmless(chance, fields));
  const before = chance.pick(['', '', '\ufeff', ' \r\n\t']);
  const path = chance.pick(['/mallcoo/PayParkingFee', '/MALLCOO/payparkingfee', '/mallcoo/PayParkingFee?amount=9&x=%']);
  const headers = [chance.pick(TYPES)];
  return shot('harmless', 'PayParkingFee', Buffer.from(before + json), booking, { path, headers });
}

/** A payment of which nothing may be booked. */
export function badPayment(chance: Chance, orderNo: string, cars: readonly Car[]): Shot {
  const { fields } = soundPayment(chance, orderNo, cars);
  const text = (bytes: Buffer, what: string, over: Partial<Shot> = {}): Shot =>
    shot(what, 'PayParkingFee', bytes, null, over);
  switch (chance.below(4)) {
    case 0:
      return text(broken(chance, jsonOf(fields)), 'broken');
    case 1: {
      const query = `?${formOf(fields).toString()}`;
      const method = chance.pick(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'TRACE']);
      return text(Buffer.alloc(0), method, { method, path: `/mallcoo/PayParkingFee${query}`, headers: [] });
    }
    case 2: {
      const path = chance.pick([
        '/PayParkingFee',
        '/mallcoo/PayParkingFee/',
        '/mallcoo//PayParkingFee',
        '/mallcoo/Pay%2F',
      ]);
      return text(Buffer.from(jsonOf(fields)), 'path', { path });
    }
    default:
      return text(Buffer.from(jsonOf(fatal(chance, fields))), 'fatal');
  }
}

/** Anything at any call. It names no car that is there, so nothing can come of it. */
export function noise(chance: Chance): Shot {
  const call = chance.pick(CALLS);
  const count = chance.below(8);
  const fields = Array.from({ length: count }, (): Field => [chance.pick(NAMES), chance.pick(ODD)]);
  if (chance.once(10)) {
    const bytes = Buffer.from(Array.from({ length: chance.below(300) }, () => chance.below(256)));
    return shot('bytes', call, bytes, null, { headers: [chance.pick([...TYPES, FORM_TYPE])] });
  }
  if (chance.once(6)) {
    const query = formOf(fields).toString() + chance.pick(['', '&%', '&%zz=%e4', '&=&&', '#x', '%00']);
    return shot('query', call, Buffer.alloc(0), null, {
      method: 'GET',
      path: `/mallcoo/${call}?${query}`,
      headers: [],
    });
  }
  if (chance.once(6)) return shot('form', call, formOf(fields), null, { headers: [FORM_TYPE] });
  return shot('fields', call, Buffer.from(jsonOf(fields)), null, { headers: [chance.pick(TYPES)] });
}

/** A query that is right, so that what goes wrong beside it is seen: it must be answered with a price. */
export function goodQuery(chance: Chance, cars: readonly Car[]): Shot {
  const { name, text } = chance.pick(cars);
  const body = JSON.stringify({ [name]: text, freeMinutes: chance.below(200), freeAmount: chance.below(900) });
  return shot('good', 'GetParkingPaymentInfo', Buffer.from(body), null);
}
