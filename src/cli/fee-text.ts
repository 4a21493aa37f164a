/** How `gatepost fee` shows an account. */
import { bilingualLabel, labelOf, lengthText, moneyText, reckoningOf } from '../core/tariff/describe.ts';
import type { Quote } from '../core/tariff/quote.ts';
import type { FeeItem } from '../core/tariff/tariff.ts';
import { formatLocal, type Instant, wholeMinutes, type Zone } from '../core/time.ts';
import { columns, pad } from '../text-width.ts';
import type { FeeValues } from './fee-options.ts';

/** An account for machines: amounts in 分, moments as local time. */
export function asJson(
  result: Quote,
  items: readonly FeeItem[],
  values: FeeValues,
  from: Instant,
  to: Instant,
  zone: Zone,
): string {
  const { sheet } = result;
  return JSON.stringify(
    {
      sheet: { name: sheet.name, version: sheet.version, currency: sheet.currency },
      class: values.class ?? null,
      zone: zone.name,
      in: formatLocal(from, zone),
      out: formatLocal(to, zone),
      parkingMinutes: wholeMinutes(from, to),
      totalAmount: result.totalAmount,
      deductionAmount: result.deductionAmount,
      paidAmount: result.paidAmount,
      payableAmount: result.payableAmount,
      items: items.map((item) => ({
        kind: item.kind,
        name: item.name ?? null,
        from: formatLocal(item.from, zone),
        to: formatLocal(item.to, zone),
        units: item.units,
        unitPrice: item.unitPrice,
        unitSeconds: item.seconds ?? null,
        amount: item.amount,
        zh: labelOf(item, 'zh'),
        en: labelOf(item, 'en'),
      })),
    },
    null,
    2,
  );
}

function bilingual(languages: readonly ('zh' | 'en')[], word: (language: 'zh' | 'en') => string): string {
  return [...new Set(languages.map(word))].join(' ');
}

/** From–to of a line: the date is said once for times of one day. */
function spanText(item: FeeItem, zone: Zone): string {
  const from = formatLocal(item.from, zone);
  const to = formatLocal(item.to, zone);
  return from.slice(0, 10) === to.slice(0, 10) ? `${from} – ${to.slice(11)}` : `${from} – ${to}`;
}

/** An account as a person reads it: the stay, its lines, the sums. */
export function asText(
  result: Quote,
  items: readonly FeeItem[],
  languages: readonly ('zh' | 'en')[],
  from: Instant,
  to: Instant,
  zone: Zone,
): string {
  const { currency } = result.sheet;
  const reckoning = languages.includes('en') ? 'en' : 'zh';
  const rows = items.map((item) => [
    spanText(item, zone),
    languages.length > 1 ? bilingualLabel(item) : bilingual(languages, (language) => labelOf(item, language)),
    reckoningOf(item, reckoning, currency),
    item.kind === 'sheet' || item.kind === 'calendar' ? '' : moneyText(item.amount, currency),
  ]);
  const widths = [0, 1, 2].map((index) => Math.max(0, ...rows.map((row) => columns(row[index] ?? ''))));
  const body = rows.map((row) => `  ${row.map((cell, index) => pad(cell, widths[index] ?? 0)).join('  ')}`.trimEnd());
  const length = bilingual(languages, (language) =>
    lengthText(Math.floor(to / 1000) - Math.floor(from / 1000), language),
  );
  const totals: readonly (readonly [string, string, number])[] = [
    ['应收', 'total', result.totalAmount],
    ...(result.deductionAmount > 0 ? [['优惠', 'deduction', result.deductionAmount] as const] : []),
    ...(result.paidAmount > 0 ? [['已付', 'paid', result.paidAmount] as const] : []),
    ['待付', 'to pay', result.payableAmount],
  ];
  const sums = totals.map(([zh, en, amount]) => {
    const label = bilingual(languages, (language) => (language === 'zh' ? zh : en));
    return `  ${pad(label, 16)}${moneyText(amount, currency)}`;
  });
  return [`${formatLocal(from, zone)} – ${formatLocal(to, zone)}  ${length}`, ...body, '', ...sums].join('\n');
}
