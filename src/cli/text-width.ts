/** Columns on a terminal, where a Chinese character takes two places. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/gu;

/** Fills a text with blanks to a width: behind it, or before it where the width is negative. Never cuts. */
export function pad(text: string, width: number): string {
  const taken = text.length + (text.match(WIDE)?.length ?? 0);
  const blanks = ' '.repeat(Math.max(0, Math.abs(width) - taken));
  return width < 0 ? blanks + text : text + blanks;
}
