/** The options that several commands share, read and checked. */
import type { Language } from '../core/errors.ts';
import { after, DAY, HOUR, type Instant, MINUTE, parseLocal, type Zone, zoneOf } from '../core/time.ts';
import { UsageError } from './terminal.ts';

/** The zone of local times when neither an option nor a configuration names one. */
const STANDARD_ZONE = 'Asia/Shanghai';

/** @throws UsageError when there is no such zone. */
export function readZone(name: string | undefined, configured: Zone | null): Zone {
  if (name === undefined) return configured ?? zoneOf(STANDARD_ZONE);
  try {
    return zoneOf(name);
  } catch {
    throw new UsageError({
      zh: `--zone "${name}" 不是时区；请写例如 ${STANDARD_ZONE}`,
      en: `--zone "${name}" is no time zone; write one such as ${STANDARD_ZONE}`,
    });
  }
}

/** @throws UsageError for a language that Gatepost does not speak. */
export function readLanguage(text: string): Language {
  if (text === 'en' || text === 'zh') return text;
  throw new UsageError({
    zh: `--language "${text}" 无法识别；请写 en 或 zh`,
    en: `--language "${text}" is not known; write en or zh`,
  });
}

const AGO = /^(\d{1,6})([mhd])$/;
const UNITS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: DAY };
const DATE = /^\d{4}[-/]\d{1,2}[-/]\d{1,2}$/;

/**
 * A moment: local time (`2026-11-22 10:00`, `2026-11-22`), or so long before `now` (`30m`, `2h`, `3d`).
 * @throws UsageError for anything else.
 */
export function readMoment(option: string, text: string, zone: Zone, now: Instant): Instant {
  const [, count, unit] = AGO.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return after(now, -Number(count) * (UNITS[unit] ?? 0));
  const moment = parseLocal(DATE.test(text) ? `${text} 00:00` : text, zone);
  if (moment !== undefined) return moment;
  throw new UsageError({
    zh: `${option} "${text}" 不是时间；请写 "2026-11-22 10:00"，或 30m、2h、3d 表示多久以前`,
    en: `${option} "${text}" is no moment; write "2026-11-22 10:00", or 30m, 2h or 3d for so long ago`,
  });
}

/** A whole number. @throws UsageError for anything else, and for one below `least`. */
export function readCount(option: string, text: string, least = 1): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
  throw new UsageError({
    zh: `${option} "${text}" 不是整数，或小于 ${least}`,
    en: `${option} "${text}" is no whole number from ${least} on`,
  });
}
