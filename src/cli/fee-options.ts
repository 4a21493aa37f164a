/** The options of `gatepost fee`, read and checked. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { TextFile } from '../config/tariff/park.ts';
import type { Said, Sentence } from '../core/errors.ts';
import { fill } from '../core/sentence.ts';
import { systemSaid } from '../core/system-errors.ts';
import { type Instant, parseLocal, type Zone } from '../core/time.ts';
import { argsError, UsageError } from './terminal.ts';

const OPTIONS = {
  tariff: { type: 'string', multiple: true },
  in: { type: 'string' },
  out: { type: 'string' },
  class: { type: 'string' },
  'free-minutes': { type: 'string', multiple: true },
  'free-amount': { type: 'string', multiple: true },
  'paid-at': { type: 'string' },
  paid: { type: 'string' },
  'lost-ticket': { type: 'boolean' },
  earlier: { type: 'string', multiple: true },
  zone: { type: 'string' },
  holidays: { type: 'string' },
  language: { type: 'string' },
  full: { type: 'boolean' },
  json: { type: 'boolean' },
  svg: { type: 'string' },
  html: { type: 'string' },
} as const;

export type FeeValues = ReturnType<typeof parseFee>['values'];

/** Splits the arguments. @throws UsageError for an option that does not exist. */
export function parseFee(argv: readonly string[]) {
  try {
    const { values, positionals, tokens } = parseArgs({
      args: [...argv],
      options: OPTIONS,
      allowPositionals: true,
      tokens: true,
    });
    // The order of coupons is the order in which they were written.
    const couponTokens = tokens.flatMap((token) =>
      token.kind === 'option' && token.value !== undefined ? [token] : [],
    );
    return { values, positionals, order: couponTokens.map(({ name, value }) => ({ name, value: value ?? '' })) };
  } catch (error) {
    throw argsError(error);
  }
}

/** A moment of a stay, as local time. @throws UsageError when it is missing, or none. */
export function readStayMoment(option: string, text: string | undefined, zone: Zone): Instant {
  if (text === undefined)
    throw new UsageError({
      zh: `缺少 ${option}；请写 ${option} "2026-11-22 10:00:00"`,
      en: `${option} is missing; write ${option} "2026-11-22 10:00:00"`,
    });
  const moment = parseLocal(text, zone);
  if (moment === undefined)
    throw new UsageError({
      zh: `${option} "${text}" 不是时间；请写成 "2026-11-22 10:00:00"`,
      en: `${option} "${text}" is no moment; write it as "2026-11-22 10:00:00"`,
    });
  return moment;
}

const UNREADABLE: Sentence = { zh: '{file} 无法读取：{why}', en: '{file} cannot be read: {why}' };

/** Why a file could not be read or written. */
export function whyOf(error: unknown): Said {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? { zh: '没有这个文件', en: 'there is no such file' } : systemSaid(code, message);
}

/** A file's text. @throws UsageError when it cannot be read. */
export async function readTextFile(file: string): Promise<TextFile> {
  try {
    return { file, text: await readFile(file, 'utf8') };
  } catch (error) {
    throw new UsageError(fill(UNREADABLE, { file, why: whyOf(error) }));
  }
}

/** The operator's holiday file, if one is named. @throws UsageError when it cannot be read. */
export async function readHolidayFile(file: string | undefined): Promise<TextFile | null> {
  return file === undefined ? null : await readTextFile(file);
}
