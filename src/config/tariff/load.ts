/** From the text of a sheet to its versions, ready for `compileTariff`; or to everything that is wrong with it. */
import type { Sentence } from '../../core/errors.ts';
import type { Fen } from '../../core/money.ts';
import type { Sheet, SheetVersion, Terms } from '../../core/tariff/sheet.ts';
import { type Instant, parseLocal, type Zone } from '../../core/time.ts';
import { checkKeys, choice, field, isRaw, mapping, needed, type Raw, rawAt, type View, viewOf } from './fields.ts';
import { lintSheet } from './lint.ts';
import type { Problem, Reporter } from './problems.ts';
import { AMOUNT_FORM, LENGTH_FORM, PRICE_KEYS, readPriced } from './sheet.ts';
import { readAmount, readLength } from './values.ts';
import { readYaml } from './yaml.ts';

const TERM_KEYS = ['afterPayment', 'grace', 'reentry', 'lostTicket', 'coupons'];
/** Every key of a sheet, and of a class. The JSON Schema has the same. */
export const SHEET_KEYS = ['name', 'version', 'currency', 'starts', 'change', ...PRICE_KEYS, 'classes', ...TERM_KEYS];
export const CLASS_KEYS = [...PRICE_KEYS, 'pays', 'like'];

const BEGINNING: Sentence = {
  zh: '请以 "name: …"、"version: …" 和 "price: …" 开头',
  en: 'begin with "name: …", "version: …" and "price: …"',
};
const GRACE_FORM: Sentence = { zh: `${LENGTH_FORM.zh}，或 none`, en: `${LENGTH_FORM.en}, or none` };
const CLASS_FORM: Sentence = { zh: '{ pays: 50% } 或自己的价格', en: '{ pays: 50% } or prices of its own' };
const CLASSES_FORM: Sentence = { zh: '各车型及其键', en: 'the classes, each with its keys' };
const NAME_FORM: Sentence = { zh: '计费说明中显示的名称', en: 'the name that explanations show' };
const VERSION_FORM: Sentence = { zh: '例如 2026-01', en: 'such as 2026-01' };
const CURRENCY_FORM: Sentence = { zh: '金额前的符号', en: 'the sign before amounts' };
const STARTS_FORM: Sentence = { zh: '时间，例如 "2026-03-01 00:00"', en: 'a moment such as "2026-03-01 00:00"' };

/** What a file holds. `versions` is empty when there is an error among the problems. */
export interface LoadedSheet {
  readonly versions: readonly SheetVersion[];
  readonly problems: readonly Problem[];
}

const readText = (text: string): string | undefined => (text === '' ? undefined : text);

function readLostTicket(reporter: Reporter, view: View): Terms['lostTicket'] | undefined {
  const given = rawAt(view.raw, 'lostTicket');
  if (!isRaw(given)) {
    const fee = field<Fen | null>(reporter, view, 'lostTicket', null, readAmount, AMOUNT_FORM);
    return fee === undefined || fee === null ? fee : { fee, plusHours: false };
  }
  const inner = viewOf(given, view.pathOf('lostTicket'));
  checkKeys(reporter, inner, ['fee', 'plus']);
  const fee = needed(reporter, inner, 'fee', readAmount, AMOUNT_FORM);
  const plus = choice(reporter, inner, 'plus', 'nothing', ['nothing', 'hours']);
  return fee === undefined || plus === undefined ? undefined : { fee, plusHours: plus === 'hours' };
}

function readReentry(reporter: Reporter, view: View): Terms['reentry'] | undefined {
  if (rawAt(view.raw, 'reentry') === undefined) return null;
  const inner = mapping(reporter, view, 'reentry', '{ within: 30 min, keeps: entry }');
  if (!inner) return undefined;
  checkKeys(reporter, inner, ['within', 'keeps']);
  const within = needed(reporter, inner, 'within', readLength, LENGTH_FORM);
  const keeps = choice(reporter, inner, 'keeps', 'entry', ['entry', 'cap']);
  return within === undefined || keeps === undefined ? undefined : { within, keeps };
}

/** A length of time, or `none`. */
function readGrace(text: string): number | undefined {
  return text === 'none' ? 0 : readLength(text);
}

function readTerms(reporter: Reporter, view: View): Terms | undefined {
  const afterPayment = choice(reporter, view, 'afterPayment', 'continue', ['continue', 'restart']);
  const grace = field(reporter, view, 'grace', 900, readGrace, GRACE_FORM);
  const lostTicket = readLostTicket(reporter, view);
  const reentry = readReentry(reporter, view);
  const given = mapping(reporter, view, 'coupons', '{ cut: end, minutes: before cap, amount: after cap }');
  const inner = given ?? viewOf({}, view.pathOf('coupons'));
  checkKeys(reporter, inner, ['cut', 'minutes', 'amount']);
  const cut = choice(reporter, inner, 'cut', 'end', ['end', 'start']);
  const minutes = choice(reporter, inner, 'minutes', 'before cap', ['before cap', 'after cap']);
  const amount = choice(reporter, inner, 'amount', 'after cap', ['before cap', 'after cap']);
  if (!afterPayment || grace === undefined || lostTicket === undefined || reentry === undefined) return undefined;
  return !cut || !minutes || !amount
    ? undefined
    : { afterPayment, grace, lostTicket, reentry, coupons: { cut, minutes, amount } };
}

/** The keys of a class laid over those of another: a price of its own takes the place of all bands, and they of it. */
function overlay(base: View, own: View): View {
  const replaces = rawAt(own.raw, 'price') !== undefined || rawAt(own.raw, 'bands') !== undefined;
  const kept = Object.fromEntries(
    Object.entries(base.raw).filter(([key]) => !(replaces && (key === 'price' || key === 'bands'))),
  );
  return {
    raw: { ...kept, ...own.raw },
    pathOf: (key) => (own.raw[key] === undefined && kept[key] !== undefined ? base.pathOf(key) : own.pathOf(key)),
  };
}

function classView(reporter: Reporter, all: View, base: View, name: string, seen: readonly string[]): View | undefined {
  const own = mapping(reporter, all, name, CLASS_FORM);
  if (!own) return undefined;
  const { like } = own.raw;
  if (like === undefined) return overlay(base, own);
  if (typeof like !== 'string' || all.raw[like] === undefined || seen.includes(like)) {
    const circle = typeof like === 'string' && seen.includes(like);
    const message = circle
      ? { zh: '绕成了圈', en: 'goes round in a circle' }
      : { zh: '不是本价格表的车型', en: 'is no class of this sheet' };
    const names = Object.keys(all.raw).join(', ');
    const fix = { zh: `请写其中另一个：${names}`, en: `name another of: ${names}` };
    reporter.report('error', own.pathOf('like'), message, fix);
    return undefined;
  }
  const other = classView(reporter, all, base, like, [...seen, like]);
  return other && overlay(other, own);
}

function readClasses(
  reporter: Reporter,
  view: View,
  title: Parameters<typeof readPriced>[2],
): ReadonlyMap<string, Sheet> {
  const sheets = new Map<string, Sheet>();
  const all = mapping(reporter, view, 'classes', CLASSES_FORM);
  if (!all) return sheets;
  const base: Raw = Object.fromEntries(Object.entries(view.raw).filter(([key]) => PRICE_KEYS.includes(key)));
  for (const name of Object.keys(all.raw)) {
    const own = all.raw[name];
    if (isRaw(own)) checkKeys(reporter, viewOf(own, all.pathOf(name)), CLASS_KEYS);
    const merged = classView(reporter, all, { raw: base, pathOf: view.pathOf }, name, [name]);
    if (!merged) continue;
    const read = readPriced(reporter, merged, title);
    lintSheet(reporter, merged, read);
    if (read.sheet) sheets.set(name, read.sheet);
  }
  return sheets;
}

function readVersion(reporter: Reporter, raw: Raw, zone: Zone): SheetVersion | undefined {
  const view = viewOf(raw, []);
  checkKeys(reporter, view, SHEET_KEYS);
  const name = needed(reporter, view, 'name', readText, NAME_FORM);
  const version = needed(reporter, view, 'version', readText, VERSION_FORM);
  const currency = field(reporter, view, 'currency', '¥', readText, CURRENCY_FORM);
  const readStart = (text: string): Instant | undefined =>
    parseLocal(text.includes(':') ? text : `${text} 00:00`, zone);
  const starts = field<Instant | null>(reporter, view, 'starts', null, readStart, STARTS_FORM);
  const change = choice(reporter, view, 'change', 'entry', ['entry', 'split']);
  const title =
    name === undefined || version === undefined || currency === undefined ? undefined : { name, version, currency };
  const read = readPriced(reporter, view, title);
  lintSheet(reporter, view, read);
  const classes = readClasses(reporter, view, title);
  const terms = readTerms(reporter, view);
  if (!read.sheet || !terms || starts === undefined || !change) return undefined;
  return { sheet: read.sheet, classes, terms, starts, change };
}

/** Versions must begin at different moments, and belong to one sheet. */
function checkVersions(reporter: Reporter, versions: readonly SheetVersion[], version: SheetVersion): void {
  for (const other of versions) {
    if (other.starts === version.starts) {
      const same = other.sheet.version;
      reporter.report(
        'error',
        ['starts'],
        { zh: `也是版本 "${same}" 的开始时间`, en: `is also when version "${same}" begins` },
        { zh: '除第一个版本外，请各写各的开始时间', en: 'let each version say when it starts, but for the first' },
      );
    } else if (other.sheet.name !== version.sheet.name) {
      reporter.report(
        'warning',
        ['name'],
        {
          zh: `与其他版本的名称 "${other.sheet.name}" 不同`,
          en: `is not "${other.sheet.name}", the name of the other versions`,
        },
        { zh: '请让所有版本用同一名称', en: 'give all versions one name' },
      );
    }
  }
}

/**
 * Reads one file: a sheet, or several versions of it divided by `---`.
 * @param earlier versions that were read from other files of the same park.
 * @param zone the park's, in which `starts` is written.
 */
export function loadSheet(file: string, text: string, zone: Zone, earlier: readonly SheetVersion[] = []): LoadedSheet {
  // Every value is text: 07:00 stays a time, 1.10 a version, and no amount is ever a float.
  const read = readYaml(file, text);
  const versions: SheetVersion[] = [];
  const problems: Problem[] = [...read.problems];
  for (const { value, reporter } of read.parts) {
    const version = isRaw(value) ? readVersion(reporter, value, zone) : undefined;
    if (version) {
      checkVersions(reporter, [...earlier, ...versions], version);
      versions.push(version);
    }
    if (!isRaw(value)) reporter.report('error', [], { zh: '不是价格表', en: 'is no price sheet' }, BEGINNING);
    problems.push(...reporter.problems);
  }
  if (read.parts.length === 0 && problems.length === 0) {
    const nothing = { key: '', value: '', message: { zh: '是空的', en: 'is empty' }, fix: BEGINNING };
    problems.push({ severity: 'error', file, line: 1, column: 1, ...nothing });
  }
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  const failed = problems.some((problem) => problem.severity === 'error');
  return { versions: failed ? [] : versions, problems };
}
