/**
 * Number plates: one spelling for each, and what kind it is. The patterns are those of `docs/decisions/plates.md`
 * (GA 36-2018 and what cameras add to it). A plate that fits none is flagged, never dropped.
 */

/** A plate in its one spelling: upper case, no separators, O and I resolved. Compare with `===`. */
export type Plate = string & { readonly __brand: 'Plate' };

export type PlateKind =
  | 'ordinary'
  | 'green'
  | 'trailerSchoolPolice'
  | 'hongKongMacau'
  | 'consulate'
  | 'embassy'
  | 'armedPolice'
  | 'military'
  | 'unrecognised';

/** Longer texts are no plate; the longest real one (armed police with province) has nine characters. */
export const MAX_PLATE_LENGTH = 16;

const PROVINCE = '京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼';
const ANY = 'A-HJ-NP-Z0-9';

const KINDS: readonly (readonly [PlateKind, RegExp])[] = [
  // Hong Kong and Macau first: the last character decides, and no other kind ends so.
  ['hongKongMacau', new RegExp(`^粤Z[${ANY}]{4}[港澳]$`)],
  ['trailerSchoolPolice', new RegExp(`^[${PROVINCE}][A-Z][${ANY}]{4}[挂学警]$`)],
  ['consulate', new RegExp(`^[${PROVINCE}]A?[${ANY}]{4,5}领$`)],
  ['embassy', /^(使[0-9]{6}|[0-9]{6}使)$/],
  ['armedPolice', new RegExp(`^WJ[${PROVINCE}]?[0-9]{4}[0-9TDSHBXJ]$`)],
  ['green', new RegExp(`^[${PROVINCE}][A-Z]([A-HJK][${ANY}][0-9]{4}|[0-9]{5}[A-HJK])$`)],
  ['ordinary', new RegExp(`^[${PROVINCE}][A-Z][${ANY}]{5}$`)],
  ['military', /^[VKHBSLJNGCEZ][A-DKHJVRPMY][0-9]{5}$/],
];

/** What cameras write when they saw a car but no plate. */
const NONE = new Set(['', '无', '_无_', '无牌', '无牌车', 'UNKNOWN', 'NOPLATE', 'NO_PLATE']);

const SEPARATORS = /[\s·•・‧∙.\-–—_]/gu;

/** Most plates come in their one spelling already, and the query is asked often: they are seen at once. */
const SPELT = new RegExp(`^[${PROVINCE}][A-Z][${ANY}]{5,6}$`);

/**
 * One spelling for every way a plate is written: full-width to ASCII, upper case, no separators, and on mainland plates
 * O→0 and I→1 after the second position, where those letters do not occur.
 * @returns undefined when the text says that there is no plate, or is too long to be one.
 */
export function normalisePlate(text: string): Plate | undefined {
  if (SPELT.test(text)) return text as Plate;
  if (text.length > 4 * MAX_PLATE_LENGTH) return undefined;
  const wide = text.normalize('NFKC').trim().toUpperCase();
  if (NONE.has(wide)) return undefined;
  const bare = wide.replace(SEPARATORS, '');
  if (NONE.has(bare) || bare.length > MAX_PLATE_LENGTH) return undefined;
  const first = bare.slice(0, 1);
  if (!PROVINCE.includes(first)) return bare as Plate;
  return (bare.slice(0, 2) + bare.slice(2).replaceAll('O', '0').replaceAll('I', '1')) as Plate;
}

/** Whether a green plate is that of a large vehicle: its last character is a letter. Those begin yellow on the left. */
export function isLargeGreen(plate: Plate): boolean {
  return /[A-HJK]$/.test(plate);
}

/** The kind of a plate by its form; `unrecognised` is a flag for the operator, not an error. */
export function plateKind(plate: Plate): PlateKind {
  return KINDS.find(([, pattern]) => pattern.test(plate))?.[0] ?? 'unrecognised';
}
