/** From the text of a sheet to its versions, ready for `compileTariff`; or to everything that is wrong with it. */
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

const BEGINNING = 'begin with "name: …", "version: …" and "price: …"';

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
  const grace = field(reporter, view, 'grace', 900, readGrace, `${LENGTH_FORM}, or none`);
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
  const own = mapping(reporter, all, name, '{ pays: 50% } or prices of its own');
  if (!own) return undefined;
  const { like } = own.raw;
  if (like === undefined) return overlay(base, own);
  if (typeof like !== 'string' || all.raw[like] === undefined || seen.includes(like)) {
    const message =
      typeof like === 'string' && seen.includes(like) ? 'goes round in a circle' : 'is no class of this sheet';
    reporter.report('error', own.pathOf('like'), message, `name another of: ${Object.keys(all.raw).join(', ')}`);
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
  const all = mapping(reporter, view, 'classes', 'the classes, each with its keys');
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
  const name = needed(reporter, view, 'name', readText, 'the name that explanations show');
  const version = needed(reporter, view, 'version', readText, 'such as 2026-01');
  const currency = field(reporter, view, 'currency', '¥', readText, 'the sign before amounts');
  const readStart = (text: string): Instant | undefined =>
    parseLocal(text.includes(':') ? text : `${text} 00:00`, zone);
  const starts = field<Instant | null>(
    reporter,
    view,
    'starts',
    null,
    readStart,
    'a moment such as "2026-03-01 00:00"',
  );
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
      reporter.report(
        'error',
        ['starts'],
        `is also when version "${other.sheet.version}" begins`,
        'let each version say when it starts, but for the first',
      );
    } else if (other.sheet.name !== version.sheet.name) {
      reporter.report(
        'warning',
        ['name'],
        `is not "${other.sheet.name}", the name of the other versions`,
        'give all versions one name',
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
    if (!isRaw(value)) reporter.report('error', [], 'is no price sheet', BEGINNING);
    problems.push(...reporter.problems);
  }
  if (read.parts.length === 0 && problems.length === 0) {
    const nothing = { key: '', value: '', message: 'is empty', fix: BEGINNING };
    problems.push({ severity: 'error', file, line: 1, column: 1, ...nothing });
  }
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  const failed = problems.some((problem) => problem.severity === 'error');
  return { versions: failed ? [] : versions, problems };
}
