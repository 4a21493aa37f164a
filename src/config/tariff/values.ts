/** How single values of a sheet are written: amounts, lengths, times, dates. Every reader returns undefined for bad text. */
import { type Fen, MAX_FEN } from '../../core/money.ts';
import type { MoneyRounding, Season, StepPrice, UnitRounding } from '../../core/tariff/sheet.ts';

const AMOUNT = String.raw`\d{1,8}(?:\.\d{1,2})?`;
const LENGTH = String.raw`(?:\d+(?:\.\d+)?\s*)?(?:seconds?|secs?|s|秒|minutes?|mins?|min|分钟|hours?|h|小时)`;

const SECONDS: readonly (readonly [RegExp, number])[] = [
  [/^(?:seconds?|secs?|s|秒)$/i, 1],
  [/^(?:minutes?|mins?|分钟)$/i, 60],
  [/^(?:hours?|h|小时)$/i, 3600],
];

/** `3.75` as 375 分, without floating point. */
export function readAmount(text: string): Fen | undefined {
  if (!new RegExp(`^${AMOUNT}$`).test(text)) return undefined;
  const [whole = '', fraction = ''] = text.split('.');
  const amount = Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
  return amount > MAX_FEN ? undefined : (amount as Fen);
}

/** `15 min`, `1.5 h`, `hour` as whole seconds, at least one. */
export function readLength(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)?\s*(\D+)$/.exec(text.trim());
  const unit = SECONDS.find(([pattern]) => pattern.test(match?.[2]?.trim() ?? ''));
  if (!match || !unit) return undefined;
  const seconds = Number(match[1] ?? 1) * unit[1];
  const whole = Math.round(seconds);
  return Math.abs(seconds - whole) > 1e-6 || whole < 1 || whole > 400 * 86_400 ? undefined : whole;
}

/** `07:00` to `24:00` as a second of the day, 0 to 86,400. */
export function readTimeOfDay(text: string): number | undefined {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (!match) return undefined;
  const [hour = 0, minute = 0, second = 0] = match.slice(1).map((part) => Number(part ?? 0));
  const total = hour * 3600 + minute * 60 + second;
  return minute > 59 || second > 59 || total > 86_400 ? undefined : total;
}

const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** `05-01` as 501. 29 February is a date. */
export function readMonthDay(text: string): number | undefined {
  const match = /^(\d{1,2})-(\d{1,2})$/.exec(text);
  const month = Number(match?.[1]);
  const day = Number(match?.[2]);
  return match && day >= 1 && day <= (MONTH_DAYS[month - 1] ?? 0) ? month * 100 + day : undefined;
}

/** `05-01 to 10-31`. */
export function readSeason(text: string): Season | undefined {
  const [from, to, ...more] = text.split(/\s+to\s+/).map((part) => readMonthDay(part.trim()));
  return from === undefined || to === undefined || more.length > 0 ? undefined : { from, to };
}

/** `5 per hour`, `5 per hour in steps of 5 min`, `10 once`, `10`, `free`. */
export function readPrice(text: string): StepPrice | undefined {
  if (text === 'free') return { kind: 'once', amount: 0 as Fen };
  const once = new RegExp(`^(${AMOUNT})(?:\\s+once)?$`).exec(text);
  if (once) {
    const amount = readAmount(once[1] ?? '');
    return amount === undefined ? undefined : { kind: 'once', amount };
  }
  const rate = new RegExp(`^(${AMOUNT})\\s*(?:per\\s|/)\\s*(${LENGTH})(?:\\s+in steps of\\s+(${LENGTH}))?$`, 'i').exec(
    text,
  );
  const amount = readAmount(rate?.[1] ?? '');
  const per = readLength(rate?.[2] ?? '');
  const unit = rate?.[3] === undefined ? per : readLength(rate[3]);
  return amount === undefined || per === undefined || unit === undefined
    ? undefined
    : { kind: 'per', amount, per, unit };
}

/** `up`, `down`, `nearest`, `up after 5 min`. */
export function readUnits(text: string): UnitRounding | undefined {
  if (text === 'up' || text === 'down' || text === 'nearest') return { kind: text };
  const match = /^up after\s+(.+)$/.exec(text);
  const seconds = match ? readLength(match[1] ?? '') : undefined;
  return seconds === undefined ? undefined : { kind: 'tolerance', seconds };
}

/** `half up to 0.01`, `up to 1`, `down to 0.5`. */
export function readRound(text: string): MoneyRounding | undefined {
  const match = /^(half up|up|down) to (\S+)$/.exec(text);
  const to = match ? readAmount(match[2] ?? '') : undefined;
  if (!match || to === undefined || to === 0) return undefined;
  return { mode: match[1] === 'half up' ? 'half' : match[1] === 'up' ? 'up' : 'down', to };
}

/** `50%` or `12.5%` as thousandths, 0 to 1,000 %. */
export function readShare(text: string): number | undefined {
  const match = /^(\d{1,4})(?:\.(\d))?\s*%$/.exec(text);
  if (!match) return undefined;
  const share = Number(match[1]) * 10 + Number(match[2] ?? 0);
  return share > 10_000 ? undefined : share;
}

/** An amount as a sheet writes it: `12.5`. */
export function amountText(amount: number): string {
  return String(amount / 100);
}

/** A length as a sheet writes it: `90 s`, `15 min`, `1.5 h`. */
export function lengthText(seconds: number): string {
  if (seconds % 1800 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

/** A second of the day as a clock shows it. */
export function clockText(second: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const rest = second % 60 === 0 ? '' : `:${two(second % 60)}`;
  return `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}${rest}`;
}
