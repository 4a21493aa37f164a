/** What the checks say of a sheet whose every value is right. What is in braces is filled in by the check. */
import type { Sentence } from '../../core/errors.ts';

interface Mistake {
  readonly message: Sentence;
  readonly fix: Sentence;
}

/** Caps, as the sentences below name them. */
export const CAPS = {
  day: { zh: '每日封顶', en: 'per day' },
  rolling: { zh: '每 {length} 封顶', en: 'per {length}' },
  visit: { zh: '单次封顶', en: 'per visit' },
  band: { zh: '时段封顶', en: 'of the band' },
} as const satisfies Readonly<Record<string, Sentence>>;

export const FORGIVEN: Mistake = {
  message: {
    zh: '计费单位为 {unit}，全被宽限免掉',
    en: 'has units of {unit}, all of which the tolerance forgives',
  },
  fix: { zh: '宽限请小于一个计费单位', en: 'forgive less than a unit' },
};
export const TOO_LATE: Mistake = {
  message: {
    zh: '永远到不了：它从 {start} 之后开始，而时段没有这么长',
    en: 'can never be reached: it begins after {start}, and the band lasts less',
  },
  fix: { zh: '请删去此阶梯，或写 "restart: visit"', en: 'remove the step, or say "restart: visit"' },
};
export const RAISE_CAP: Sentence = {
  zh: '请把封顶提高到 {amount} 或更多，或降低此阶梯',
  en: 'raise the cap to {amount} or more, or lower the step',
};
export const CAPPED: Sentence = {
  zh: '永远到不了：{cap} {amount} 在它之前就已达到',
  en: 'can never be reached: the cap {cap}, {amount}, is reached before it',
};
export const BELOW_TIER: Sentence = {
  zh: '作为{cap}，低于一档的 {amount}',
  en: 'as the cap {cap} is below the tier of {amount}',
};
export const BELOW_UNIT: Sentence = {
  zh: '作为{cap}，低于第一个计费单位的 {amount}',
  en: 'as the cap {cap} is below the first unit of {amount}',
};
export const NEVER_CAPS: Sentence = {
  zh: '作为{cap}永远到不了：单次最多 {amount}',
  en: 'can never be reached as the cap {cap}: a visit is at most {amount}',
};
export const ROUNDS_PAST: Mistake = {
  message: { zh: '取整后会超过封顶 {cap}', en: 'would round past the cap of {cap}' },
  fix: { zh: '请向下取整，或让封顶是 {to} 的整数倍', en: 'round down, or make the cap a multiple of {to}' },
};
export const FREE_BEFORE: Sentence = {
  zh: '永远到不了：{length} 以内免费',
  en: 'can never be reached: stays up to {length} are free',
};
