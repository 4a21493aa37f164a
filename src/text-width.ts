/** Columns on a terminal, where a Chinese character takes two places. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/gu;

/** The places that a text takes. */
export function columns(text: string): number {
  return text.length + (text.match(WIDE)?.length ?? 0);
}

/** Fills a text with blanks to a width: behind it, or before it where the width is negative. Never cuts. */
export function pad(text: string, width: number): string {
  const blanks = ' '.repeat(Math.max(0, Math.abs(width) - columns(text)));
  return width < 0 ? blanks + text : text + blanks;
}
