/** CSV by RFC 4180, for Excel. */
import { type Fen, yuan } from '../core/money.ts';

/** Excel takes a file without it for one in the system's own encoding. */
export const BYTE_ORDER_MARK = '\ufeff';

/** A text that Excel must leave as it is: it would round long numbers, and compute what begins with `=`. */
export function verbatim(text: string | null): string {
  return text === null ? '' : `\t${text}`;
}

/** Yuan with two decimals and no sign, as a spreadsheet counts with them. */
export function plainYuan(amount: Fen): string {
  return yuan(amount).replace('¥', '');
}

export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;
}
