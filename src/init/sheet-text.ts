import { amountText } from '../config/tariff/values.ts';
import type { Language } from '../core/errors.ts';
import type { Answers } from './answers.ts';
import { aside, inline, remark } from './yaml-text.ts';

const FREE_MINUTES = 15;
const LEAVE_MINUTES = 15;

/**
 * A simple price sheet from the answers.
 * @param version what the sheet calls itself, for example the month it was written in: `2026-11`.
 */
export function sheetText({ park, tariff }: Answers, version: string, language: Language): string {
  const { perHour, dayCap, freeMinutes = FREE_MINUTES, leaveMinutes = LEAVE_MINUTES } = tariff;
  if (perHour === undefined) throw new RangeError('answers without a price per hour have a sheet of their own');
  const lines = [
    ...remark(language, {
      zh: '价格表。写法见 tariffs.md；改动之后：gatepost fee lint 本文件，再试算：gatepost fee --tariff 本文件 --in … --out …',
      en: 'The price sheet. How it is written: tariffs.md. After a change: gatepost fee lint FILE, and try it: gatepost fee --tariff FILE --in … --out …',
    }),
    `name: ${inline(park.name)}`,
    aside(`version: ${inline(version)}`, language, {
      zh: '每次改价都换一个；每笔收费都记下它',
      en: 'another one with each change of price; every charge keeps it',
    }),
    ...(freeMinutes === 0
      ? []
      : [
          aside(`free: ${freeMinutes} min`, language, {
            zh: '超过一秒就按全程收费',
            en: 'one second more, and the whole stay is charged',
          }),
        ]),
    aside(`price: ${amountText(perHour)} per hour`, language, {
      zh: '元；不足一小时按一小时',
      en: 'yuan; a begun hour is charged',
    }),
    ...(dayCap === undefined
      ? []
      : [aside(`cap: ${amountText(dayCap)} per 24 h`, language, { zh: '24 小时封顶', en: 'at most in 24 hours' })]),
    aside(`grace: ${leaveMinutes} min`, language, { zh: '付款后离场的时间', en: 'to leave in, once it is paid' }),
  ];
  return `${lines.join('\n')}\n`;
}
