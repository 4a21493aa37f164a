/** The sums under a list of payments, for people: what was noticed, what was credited, and why the two differ. */
import type { Language } from '../core/errors.ts';
import { type Fen, yuan } from '../core/money.ts';
import { printable } from '../ops/log.ts';
import type { DayBy } from '../reports/payment-line.ts';
import { NOTHING, type Sum, type Totals } from '../reports/payment-totals.ts';
import { pad } from '../text-width.ts';
import { channelName, FLAG_CODES, FLAGS, SUMS, typeName } from './payments-words.ts';

const LABEL_WIDTH = 62;
const WIDTH = 12;

export interface TotalsOptions {
  readonly language: Language;
  /** The days that were asked for, and how they are counted: for the headline. */
  readonly days: string;
  readonly by: DayBy;
}

type Named = readonly [label: string, sum: Sum];

/** Blocks of lines: label, notices, money, deductions. */
export function totalsText(totals: Totals, { language, days, by }: TotalsOptions): string {
  const word = (name: keyof typeof SUMS): string => SUMS[name][language];
  const { noticed, credited, cameAgain, unmatched, conflicting, methods, flags } = totals;
  const parts: readonly Named[] = [
    [`    ${word('cameAgain')}`, cameAgain],
    [`    ${word('unmatched')}`, unmatched],
    [`    ${word('conflicting')}`, conflicting],
  ];
  const blocks: readonly (readonly [title: string, lines: readonly Named[]])[] = [
    [
      `${word('payments')} ${days} (${word(by)})`,
      [
        [word('noticed'), noticed],
        [word('credited'), credited],
        [word('notCredited'), differenceOf(noticed, credited)],
        ...parts.filter(([, { notices }]) => notices > 0),
      ],
    ],
    [
      word('methods'),
      methods.map(({ payChannel, payType, sum }) => {
        const names = [channelName(payChannel, language), typeName(payType, language)].filter((name) => name !== '');
        return [names.join(' ') || word('unnamed'), sum];
      }),
    ],
    [
      word('flags'),
      FLAG_CODES.filter((code) => flags.has(code)).map((code) => [
        `${code}: ${FLAGS[code][language]}`,
        flags.get(code) ?? NOTHING,
      ]),
    ],
    [word('days'), totals.days.size > 1 ? [...totals.days] : []],
    [word('parks'), totals.parks.size > 1 ? [...totals.parks] : []],
  ];
  const columns = [word('notices'), word('money'), word('deductions')];
  return blocks
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) =>
      [lineText(title, columns), ...lines.map(([label, sum]) => lineText(`  ${printable(label)}`, figures(sum)))].join(
        '',
      ),
    )
    .join('\n');
}

function differenceOf(a: Sum, b: Sum): Sum {
  return {
    notices: a.notices - b.notices,
    amount: (a.amount - b.amount) as Fen,
    deduction: (a.deduction - b.deduction) as Fen,
  };
}

function figures({ notices, amount, deduction }: Sum): readonly string[] {
  return [String(notices), yuan(amount), yuan(deduction)];
}

function lineText(label: string, cells: readonly string[]): string {
  return `${pad(label, LABEL_WIDTH)}${cells.map((cell) => pad(cell, -WIDTH)).join('')}\n`;
}
