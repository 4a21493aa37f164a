/** The lines of an explanation as a person reads them, in Chinese and English. */
import { assertNever, type Language } from '../errors.ts';
import type { Fen } from '../money.ts';
import { passText } from './pass.ts';
import type { ChargedBy, FeeItem } from './tariff.ts';

/** An amount with the sheet's sign: `¥12.50`, `-S$0.65`. */
export function moneyText(amount: number, currency: string): string {
  const whole = Math.abs(amount);
  const sign = amount < 0 ? '-' : '';
  return `${sign}${currency}${Math.floor(whole / 100)}.${String(whole % 100).padStart(2, '0')}`;
}

/** A length of time: `1 小时 30 分钟`, `1 h 30 min`. */
export function lengthText(seconds: number, language: Language): string {
  const units = language === 'zh' ? ['天', '小时', '分钟', '秒'] : ['d', 'h', 'min', 's'];
  const counts = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  const parts = counts.flatMap((count, index) => (count === 0 ? [] : [`${count} ${units[index] ?? ''}`]));
  return parts.length === 0 ? `0 ${units[2] ?? ''}` : parts.join(' ');
}

/** What a line is about: a few words. */
export function labelOf(item: FeeItem, language: Language): string {
  const zh = language === 'zh';
  const name = item.name ?? '';
  switch (item.kind) {
    case 'sheet':
      return zh ? `价格表 ${name}` : `sheet ${name}`;
    case 'calendar':
      return zh ? `${name} 年没有节假日数据，按星期计` : `no holiday data for ${name}: told by the weekday`;
    case 'free':
      return zh ? '免费时段' : 'free period';
    case 'step':
    case 'once':
      return name === '' ? (zh ? '停车费' : 'parking') : name;
    case 'arrival':
      return zh ? `按入场时间 ${name}` : `by arrival ${name}`;
    case 'bandCap':
      return `${zh ? '时段封顶' : 'cap of band'} ${name}`.trimEnd();
    case 'arrivalCap':
      return zh ? `按入场时间封顶 ${name}` : `cap by arrival ${name}`;
    case 'dayCap':
      return zh ? '每日封顶' : 'cap per day';
    case 'rollingCap':
      return zh ? `每 ${lengthText(item.seconds ?? 0, 'zh')}封顶` : `cap per ${lengthText(item.seconds ?? 0, 'en')}`;
    case 'visitCap':
      return zh ? '单次封顶' : 'cap per visit';
    case 'class':
      return zh ? `车型 ${name} ${item.units / 10}%` : `class ${name} ${item.units / 10}%`;
    case 'rounding':
      return zh ? '取整' : 'rounding';
    case 'lostTicket':
      return zh ? '遗失票卡' : 'lost ticket';
    case 'reentry':
      return zh ? '再次入场' : 're-entry';
    case 'settled':
      return zh ? '此前已结清' : 'settled before';
    case 'monthlyPass':
    case 'freePass':
      return `${zh ? '' : 'pass '}${passText(item.kind === 'freePass' ? 'free' : 'monthly', item.name ?? null, language)}`;
    case 'passCap':
      return zh ? '不高于没有月卡时的价格' : 'no more than without the pass';
    case 'coupon':
      return `${zh ? '优惠' : 'coupon'} ${name}`.trimEnd();
    case 'paid':
      return zh ? '已付' : 'paid';
    default:
      return assertNever(item.kind);
  }
}

/** The label in both languages; a name that both end with is said once: `价格表 sheet 江湾商场 2026-01`. */
export function bilingualLabel(item: FeeItem): string {
  const zh = labelOf(item, 'zh');
  const en = labelOf(item, 'en');
  const name = [...zh.matchAll(/ /g)].map((match) => zh.slice(match.index)).find((end) => en.endsWith(end)) ?? '';
  return zh === en ? zh : `${zh.slice(0, zh.length - name.length)} ${en}`;
}

/** How a line's amount comes about: `3 × ¥5.00 / 1 h`, `¥50.00`; empty where the amount says it all. */
export function reckoningOf(item: FeeItem, language: Language, currency: string): string {
  const zh = language === 'zh';
  switch (item.kind) {
    case 'step': {
      const per = item.seconds === undefined ? '' : ` / ${lengthText(item.seconds, language)}`;
      return `${item.units} × ${moneyText(item.unitPrice, currency)}${per}`;
    }
    case 'once':
    case 'arrival':
      return `${item.units} × ${moneyText(item.unitPrice, currency)}`;
    case 'bandCap':
    case 'arrivalCap':
    case 'dayCap':
    case 'rollingCap':
    case 'visitCap': {
      const times =
        item.lines === undefined || item.lines === 1 ? '' : zh ? `，${item.lines} 次` : `, ${item.lines} times`;
      return `${zh ? '最多' : 'at most'} ${moneyText(item.unitPrice, currency)}${times}`;
    }
    default:
      return '';
  }
}

/**
 * Puts lines together that differ only in when: the compact explanation, and what the journal keeps. The sum stays the
 * same, and a stay of months has no more lines than its sheet has prices.
 */
export function summarise(items: readonly FeeItem[]): readonly FeeItem[] {
  const lines: FeeItem[] = [];
  const places = new Map<string, number>();
  for (const item of items) {
    const key = [item.kind, item.name, item.unitPrice, item.seconds].join('|');
    const single = item.kind === 'coupon' || item.kind === 'sheet' || item.kind === 'class';
    const place = single ? undefined : places.get(key);
    const before = place === undefined ? undefined : lines[place];
    if (before === undefined || place === undefined) {
      places.set(key, lines.length);
      lines.push(item);
      continue;
    }
    lines[place] = {
      ...before,
      to: item.to,
      units: before.units + item.units,
      amount: (before.amount + item.amount) as Fen,
      lines: (before.lines ?? 1) + 1,
    };
  }
  // Time that cost nothing and is no free period needs no line of its own.
  return lines.filter((line) => line.amount !== 0 || !(line.kind === 'step' || line.kind === 'once'));
}

/** An explanation in one line, for a log: `停车费 219 × ¥5.00 / 1 小时 ¥1095.00；每日封顶 最多 ¥50.00，10 次 -¥595.00`. */
export function sentenceOf(items: readonly FeeItem[], language: Language, currency: string): string {
  return summarise(items)
    .map((item) => {
      const money = item.kind === 'sheet' || item.kind === 'calendar' ? '' : moneyText(item.amount, currency);
      return [labelOf(item, language), reckoningOf(item, language, currency), money]
        .filter((part) => part !== '')
        .join(' ');
    })
    .join(language === 'zh' ? '；' : '; ');
}

/**
 * Why a charge is what it is, in one sentence: the sheet with its version, and the lines. Empty for what was kept of it in
 * old journals, and for a stay of no time at all.
 */
export function chargeSentence(
  charge: ChargedBy | Pick<ChargedBy, 'name' | 'version'> | undefined,
  language: Language,
): string {
  if (charge === undefined || !('items' in charge)) return '';
  const { name, version, currency, items } = charge;
  const lines = sentenceOf(items, language, currency);
  if (lines === '' || items.some(({ kind }) => kind === 'sheet')) return lines;
  return language === 'zh' ? `价格表 ${name} ${version}；${lines}` : `sheet ${name} ${version}; ${lines}`;
}
