/** Makes the lines of an explanation from the log of a walk. They add up to the fee, to the 分. */
import type { Fen } from '../money.ts';
import { type Instant, SECOND } from '../time.ts';
import { ENDLESS, rungAt, unitsAt } from './ladder.ts';
import { type Cover, NEVER, type Stretch } from './machine.ts';
import type { Pricer } from './pricer.ts';
import type { Sheet } from './sheet.ts';
import type { FeeItem, FeeItemKind } from './tariff.ts';

const moment = (second: number): Instant => (second * SECOND) as Instant;

function line(kind: FeeItemKind, from: number, to: number, amount: number, name?: string): FeeItem {
  const item = { kind, from: moment(from), to: moment(to), units: 1, unitPrice: amount as Fen, amount: amount as Fen };
  return name === undefined ? item : { ...item, name };
}

export function sheetItem(sheet: Sheet, from: number, to: number): FeeItem {
  return line('sheet', from, to, 0, `${sheet.name} ${sheet.version}`);
}

export function freeItem(from: number, to: number): FeeItem {
  return line('free', from, to, 0);
}

export function calendarItem(year: number, from: Instant, to: Instant): FeeItem {
  return line('calendar', Math.floor(from / SECOND), Math.floor(to / SECOND), 0, String(year));
}

/** What a cap took in its present period. */
interface CapLine {
  readonly kind: FeeItemKind;
  /** What the cap is of: a band or an arrival, or a period of so many seconds. */
  readonly label: { readonly name?: string; readonly seconds?: number };
  /** The cap, in parts of a 分. */
  limit: number;
  from: number;
  to: number;
  cut: number;
  key: number;
}

/** Units of one price. */
interface Charged {
  readonly kind: FeeItemKind;
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly units: number;
  /** In parts of a 分. */
  readonly price: number;
  /** The length of a unit. */
  readonly seconds: number;
}

/** Gathers the lines of one part of a stay. */
class Lines {
  readonly #items: FeeItem[] = [];
  readonly #scale: number;
  /** The sum so far, in parts of a 分, and the whole 分 of it that stand on lines. */
  #parts = 0;
  #fen = 0;

  constructor(scale: number) {
    this.#scale = scale;
  }

  /** The whole 分 that a charge adds to the sum. Fractions wait until they make one. */
  #money(parts: number): Fen {
    this.#parts += parts;
    const amount = Math.floor(this.#parts / this.#scale) - this.#fen;
    this.#fen += amount;
    return amount as Fen;
  }

  /** Adds charged units; they join the line before when that is of the same price and ends where this begins. */
  charge(charged: Charged, join: boolean): void {
    const { kind, name, from, to, units, price, seconds } = charged;
    const amount = this.#money(units * price);
    const unitPrice = Math.round(price / this.#scale) as Fen;
    const before = this.#items.at(-1);
    const same = before?.kind === kind && (before.name ?? '') === name && before.unitPrice === unitPrice;
    if (join && before && same && before.to === moment(from)) {
      const joined = { ...before, to: moment(to), units: before.units + units };
      this.#items[this.#items.length - 1] = { ...joined, amount: (before.amount + amount) as Fen };
      return;
    }
    const item: FeeItem = { kind, from: moment(from), to: moment(to), units, unitPrice, amount };
    const named = name === '' ? item : { ...item, name };
    this.#items.push(kind === 'step' ? { ...named, seconds } : named);
  }

  cap(cap: CapLine): void {
    if (cap.cut === 0) return;
    const limit = Math.round(cap.limit / this.#scale) as Fen;
    const amount = this.#money(-cap.cut);
    this.#items.push({ ...line(cap.kind, cap.from, cap.to, amount), ...cap.label, unitPrice: limit });
  }

  /** Adds the share of the class and the rounding, so that the lines add up to the total. */
  finish(from: number, to: number, pays: number, className: string | null, total: Fen): readonly FeeItem[] {
    let sum = this.#fen;
    if (pays !== 1000) {
      const share = Math.trunc((sum * pays) / 1000) - sum;
      sum += share;
      this.#items.push({ ...line('class', from, to, share, className ?? ''), units: pays });
    }
    if (total !== sum) this.#items.push(line('rounding', from, to, total - sum));
    return this.#items;
  }
}

/** Adds the lines of a stretch's units, rung by rung. */
function addUnits(lines: Lines, pricer: Pricer, stretch: Stretch, join: boolean): void {
  const ladder = pricer.machine.ladders[stretch.band];
  const name = pricer.sheet.bands[stretch.band]?.name ?? '';
  if (!ladder) return;
  let before = stretch.before;
  let at = stretch.from;
  for (let index = rungAt(ladder, before); before < stretch.after; index += 1) {
    const rung = ladder.rungs[index];
    if (!rung) return;
    const after = Math.min(stretch.after, ladder.rungs[index + 1]?.start ?? NEVER);
    const units = unitsAt(rung, after) - unitsAt(rung, before);
    const single = rung.unit >= ENDLESS || ladder.rungs[index + 1]?.start === rung.start + rung.unit;
    // A price for once belongs to its whole stretch of time, so its line joins even where days are told apart.
    const kind = single ? 'once' : 'step';
    const charged = {
      kind,
      name,
      from: at,
      to: at + after - before,
      units,
      price: rung.price,
      seconds: rung.unit,
    } as const;
    lines.charge(charged, join || units === 0);
    at += after - before;
    before = after;
  }
}

function capLine(kind: FeeItemKind, label: CapLine['label'] = {}): CapLine {
  return { kind, label, limit: 0, from: 0, to: 0, cut: 0, key: Number.NaN };
}

/** Puts a cap's line down; what it cuts later goes on another. */
function close(lines: Lines, cap: CapLine): void {
  lines.cap(cap);
  cap.cut = 0;
  cap.key = Number.NaN;
}

/** Adds a stretch to a cap's line; a new period closes the old one. */
function gather(lines: Lines, cap: CapLine, key: number, limit: number, stretch: Stretch, cut: number): void {
  if (cap.key !== key) {
    lines.cap(cap);
    cap.key = key;
    cap.limit = limit;
    cap.from = stretch.from;
    cap.cut = 0;
  }
  cap.to = stretch.to;
  cap.cut += cut;
}

/**
 * The lines of the part of a stay that one version prices.
 * @param total the fee of the part, which the lines add up to.
 */
export function partItems(
  pricer: Pricer,
  log: readonly Stretch[],
  cover: Cover | null,
  total: Fen,
  className: string | null,
): readonly FeeItem[] {
  const { machine, sheet } = pricer;
  const lines = new Lines(machine.scale);
  const bands = sheet.bands.map((band) => capLine('bandCap', { name: band.name }));
  const arrival = capLine('arrivalCap', { name: cover?.name ?? '' });
  const day = capLine('dayCap');
  const window = capLine('rollingCap', { seconds: machine.windowLength });
  const visit = capLine('visitCap');
  const runs = sheet.bands.map(() => 0);
  let before: Stretch | undefined;
  for (const stretch of log) {
    const newDay = before !== undefined && before.day !== stretch.day && before.dayCap !== NEVER;
    const newWindow = before !== undefined && before.windowEnd !== stretch.windowEnd;
    // The lines of a period's caps stand at its end, before anything of the next period.
    const over = before !== undefined && before.band !== stretch.band ? bands[before.band] : undefined;
    if (over) close(lines, over);
    if (stretch.fresh && stretch.band >= 0) runs[stretch.band] = (runs[stretch.band] ?? 0) + 1;
    const band = bands[stretch.band];
    const ladder = machine.ladders[stretch.band];
    if (band && ladder && band.key !== runs[stretch.band]) {
      gather(lines, band, runs[stretch.band] ?? 0, ladder.cap, stretch, 0);
    }
    if (newDay) gather(lines, day, stretch.day, stretch.dayCap, stretch, 0);
    if (newWindow) gather(lines, window, stretch.windowEnd, machine.windowCap, stretch, 0);
    if (stretch.band === -1) {
      const { from, to, gross } = stretch;
      lines.charge({ kind: 'arrival', name: cover?.name ?? '', from, to, units: 1, price: gross, seconds: 0 }, false);
    } else {
      addUnits(lines, pricer, stretch, !newDay && !newWindow);
    }
    if (band && ladder) gather(lines, band, runs[stretch.band] ?? 0, ladder.cap, stretch, stretch.bandCut);
    gather(lines, arrival, 0, cover?.amount ?? 0, stretch, stretch.arrivalCut);
    gather(lines, day, stretch.day, stretch.dayCap, stretch, stretch.dayCut);
    gather(lines, window, stretch.windowEnd, machine.windowCap, stretch, stretch.windowCut);
    gather(lines, visit, 0, machine.visitCap, stretch, stretch.visitCut);
    before = stretch;
  }
  for (const cap of [...bands, arrival, day, window, visit]) lines.cap(cap);
  return lines.finish(log[0]?.from ?? 0, log.at(-1)?.to ?? 0, sheet.pays, className, total);
}
