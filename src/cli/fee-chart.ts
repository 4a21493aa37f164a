/** The fee over a day and a week, as a chart: for the terminal, as SVG, as a page. */
import type { Language, Sentence } from '../core/errors.ts';
import { moneyText } from '../core/tariff/describe.ts';
import type { Tariff } from '../core/tariff/tariff.ts';
import { after, formatLocal, type Instant, MINUTE, type Zone } from '../core/time.ts';

/** The fee of stays from one entry, of 0 minutes, `stepMinutes`, … up to `minutes`. */
export interface Curve {
  readonly entry: Instant;
  readonly minutes: number;
  readonly stepMinutes: number;
  /** In 分. */
  readonly fees: readonly number[];
}

export function curveOf(tariff: Tariff, entry: Instant, minutes: number, stepMinutes: number): Curve {
  const count = Math.floor(minutes / stepMinutes) + 1;
  const fees = Array.from({ length: count }, (_, i) => tariff.fee(entry, after(entry, i * stepMinutes * MINUTE)));
  return { entry, minutes, stepMinutes, fees };
}

const HEIGHT = 10;
const WIDTH = 72;
/** The lines of the list of steps. */
const MOST_STEPS = 24;

const hoursText = (minutes: number): string => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;

function plot(curve: Curve, currency: string): string[] {
  const top = Math.max(1, ...curve.fees);
  const bars = Array.from({ length: WIDTH }, (_, column) => {
    const index = Math.round(((column + 1) / WIDTH) * (curve.fees.length - 1));
    return ((curve.fees[index] ?? 0) / top) * HEIGHT;
  });
  const rows = Array.from({ length: HEIGHT }, (_, row) => {
    const level = HEIGHT - row;
    const label = moneyText(Math.round((top * level) / HEIGHT), currency).padStart(10);
    const cells = bars.map((bar) => (bar >= level ? '█' : bar >= level - 0.5 ? '▄' : ' ')).join('');
    return `${label} ┤${cells}`.trimEnd();
  });
  const marks = curve.minutes > 24 * 60 ? 7 : 8;
  const each = curve.minutes / marks;
  const axis = Array.from({ length: marks }, (_, i) => {
    const text = curve.minutes > 24 * 60 ? `${((i + 1) * each) / 1440} d` : `${((i + 1) * each) / 60} h`;
    return text.padStart(WIDTH / marks);
  }).join('');
  return [...rows, `${' '.repeat(11)}└${'─'.repeat(WIDTH)}`, `${' '.repeat(12)}${axis}`];
}

/** The stays at which the fee changes: `from` minutes on it is `fee`. */
function stepsOf(curve: Curve): readonly { readonly minutes: number; readonly fee: number }[] {
  return curve.fees.flatMap((fee, index) =>
    index === 0 || fee !== curve.fees[index - 1] ? [{ minutes: index * curve.stepMinutes, fee }] : [],
  );
}

/** The charts and the steps of the first day, for a terminal of 90 columns. */
export function chartText(
  curves: readonly Curve[],
  title: string,
  currency: string,
  zone: Zone,
  language: Language,
): string {
  const say = (sentence: Sentence): string => sentence[language];
  const parts = curves.flatMap((curve) => [
    '',
    say({
      zh: `${curve.minutes / 1440} 天，进场 ${formatLocal(curve.entry, zone)}`,
      en: `${curve.minutes / 1440} d, in ${formatLocal(curve.entry, zone)}`,
    }),
    ...plot(curve, currency),
  ]);
  const [day] = curves;
  const steps = day ? stepsOf(day) : [];
  const list = steps
    .slice(0, MOST_STEPS)
    .map(({ minutes, fee }) => `  ${hoursText(minutes).padStart(6)}  ${moneyText(fee, currency)}`);
  const left =
    steps.length > MOST_STEPS
      ? [say({ zh: `  … 另有 ${steps.length - MOST_STEPS} 级`, en: `  … ${steps.length - MOST_STEPS} more steps` })]
      : [];
  return [
    title,
    ...parts,
    '',
    say({ zh: '停车时长（时:分）起  价格', en: 'stays from (h:min)  fee' }),
    ...list,
    ...left,
  ].join('\n');
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const SVG = { width: 760, height: 280, left: 80, right: 20, top: 40, bottom: 40 };

function svgOf(curve: Curve, title: string, currency: string, zone: Zone, y: number): string {
  const { width, height, left, right, top, bottom } = SVG;
  const most = Math.max(1, ...curve.fees);
  const x = (minutes: number): string => (left + (minutes / curve.minutes) * (width - left - right)).toFixed(1);
  const at = (fee: number): string => (y + height - bottom - (fee / most) * (height - top - bottom)).toFixed(1);
  const points = stepsOf(curve)
    .map(({ minutes, fee }) => `H${x(minutes)}V${at(fee)}`)
    .join('');
  const marks = curve.minutes > 1440 ? 7 : 12;
  const lines = Array.from({ length: marks + 1 }, (_, i) => {
    const minutes = (curve.minutes / marks) * i;
    const text = curve.minutes > 1440 ? `${minutes / 1440} d` : `${minutes / 60} h`;
    return `<line x1="${x(minutes)}" x2="${x(minutes)}" y1="${at(0)}" y2="${at(most)}" class="grid"/><text x="${x(minutes)}" y="${y + height - bottom + 18}" text-anchor="middle">${text}</text>`;
  });
  const levels = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const fee = Math.round(most * part);
    return `<line x1="${left}" x2="${width - right}" y1="${at(fee)}" y2="${at(fee)}" class="grid"/><text x="${left - 8}" y="${at(fee)}" text-anchor="end" dominant-baseline="middle">${escaped(moneyText(fee, currency))}</text>`;
  });
  const heading = `${escaped(title)} · ${formatLocal(curve.entry, zone)} + ${curve.minutes / 1440} d`;
  const path = `<path d="M${x(0)} ${at(curve.fees[0] ?? 0)}${points}H${x(curve.minutes)}" class="fee"/>`;
  return `<text x="${left}" y="${y + 22}" class="title">${heading}</text>${lines.join('')}${levels.join('')}${path}`;
}

/** The charts one below the other, as an SVG file. */
export function chartSvg(curves: readonly Curve[], title: string, currency: string, zone: Zone): string {
  const height = SVG.height * curves.length;
  const style =
    'text{font:12px sans-serif;fill:#333}.title{font-size:14px;font-weight:bold}.grid{stroke:#ddd}.fee{fill:none;stroke:#06c;stroke-width:2}';
  const body = curves.map((curve, index) => svgOf(curve, title, currency, zone, index * SVG.height)).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SVG.width} ${height}" width="${SVG.width}" height="${height}"><title>${escaped(title)}</title><style>${style}</style><rect width="100%" height="100%" fill="#fff"/>\n${body}\n</svg>\n`;
}

/** The charts and the list of steps, as a page without scripts. */
export function chartHtml(curves: readonly Curve[], title: string, currency: string, zone: Zone): string {
  const [day] = curves;
  const rows = (day ? stepsOf(day) : []).map(
    ({ minutes, fee }) => `<tr><td>${hoursText(minutes)}</td><td>${escaped(moneyText(fee, currency))}</td></tr>`,
  );
  const head = `<!doctype html>\n<html lang="zh"><meta charset="utf-8"><title>${escaped(title)}</title><body style="font-family:sans-serif">`;
  return `${head}\n<h1>${escaped(title)}</h1>\n${chartSvg(curves, title, currency, zone)}<table border="1" cellpadding="4"><tr><th>h:min</th><th>${escaped(currency)}</th></tr>${rows.join('')}</table></body></html>\n`;
}
