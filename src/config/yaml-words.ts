/** What the parser of YAML finds wrong, in both languages, and what to do about it. */
import type { Sentence } from '../core/errors.ts';

export const DEEP: Sentence = { zh: '嵌套太深', en: 'is nested too deeply' };

/** What the parser's codes mean; it has words of its own only in English. */
const MEANINGS: Readonly<Record<string, string>> = {
  ALIAS_PROPS: '引用不能带标签或锚点',
  BAD_ALIAS: '引用有误，或没有对应的锚点',
  BAD_COLLECTION_TYPE: '这里的列表或分组类型不对',
  BAD_DIRECTIVE: '% 指令有误',
  BAD_DQ_ESCAPE: '双引号中的转义有误',
  BAD_INDENT: '缩进不对，或括号没有闭合',
  BAD_PROP_ORDER: '标签或锚点的位置不对',
  BAD_SCALAR_START: '值不能以这个字符开头',
  BLOCK_AS_IMPLICIT_KEY: '一行里不能有两层 "key: value"',
  BLOCK_IN_FLOW: '括号里不能写分行的列表或分组',
  DUPLICATE_KEY: '写了两次',
  IMPOSSIBLE: '无法读取',
  KEY_OVER_1024_CHARS: '键名太长',
  MISSING_CHAR: '缺少引号、括号、冒号或空格',
  MULTILINE_IMPLICIT_KEY: '键名跨了行，或缺少 ":"',
  MULTIPLE_ANCHORS: '锚点多于一个',
  MULTIPLE_DOCS: '文件中有多个文档',
  MULTIPLE_TAGS: '标签多于一个',
  NON_STRING_KEY: '键名必须是文本',
  TAB_AS_INDENT: '不能用制表符缩进',
  TAG_RESOLVE_FAILED: '标签无法识别',
  UNEXPECTED_TOKEN: '这里不应有这个字符',
};

const FIXES: Readonly<Record<string, Sentence>> = {
  TAB_AS_INDENT: { zh: '请用空格缩进，每级两个。', en: 'Indent with spaces, two for each level.' },
  BAD_INDENT: {
    zh: '请与相邻行对齐，并闭合上面打开的每个 { 和 [。',
    en: 'Line it up with its neighbours, and close every { and [ that was opened above.',
  },
  MISSING_CHAR: {
    zh: '请闭合此处之前打开的引号或括号。',
    en: 'Close the quote or bracket that was opened before this place.',
  },
  MULTIPLE_DOCS: {
    zh: '请只留一个文档：删去 "---" 一行和属于别的文件的内容。',
    en: 'Keep one document: remove the line "---" and what belongs to another file.',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    zh: '每行只写一个 "key: value"；含 ": " 的值请加引号。',
    en: 'Write one "key: value" on a line; put a value that holds ": " in quotes.',
  },
  MULTILINE_IMPLICIT_KEY: {
    zh: '请把键名与相邻行对齐，后面加 ":" 和空格。',
    en: 'Line the key up with its neighbours, and put ":" and a space after it.',
  },
  RESOURCE_EXHAUSTION: {
    zh: '没有这么深的配置项：请找多余的括号或短横。',
    en: 'No setting is as deep as this: look for a bracket or a dash too many.',
  },
  TAG_RESOLVE_FAILED: {
    zh: '请删去标签；以 ! 开头的文本请加引号。',
    en: 'Remove the tag, or put a text that begins with ! in quotes.',
  },
  BAD_SCALAR_START: { zh: '请给值加引号。', en: 'Put the value in quotes.' },
};
const OTHER_FIX: Sentence = {
  zh: '每级缩进两个空格，写成 "key: value"；含 : # { [ @ 或 * 的文本请加引号。',
  en: 'Indent with two spaces for each level, write "key: value", and quote texts that hold : # { [ @ or *.',
};

/** @param code the parser's. @param message the parser's, without what it quotes of the file: that may be a secret. */
export function yamlSentence(code: string, message: string): Sentence {
  // Its own exhaustion is nothing that a person wrote.
  if (code === 'RESOURCE_EXHAUSTION') return { zh: '嵌套太深', en: 'nested too deeply' };
  return { zh: MEANINGS[code] ?? `YAML 有误（${code}）`, en: message };
}

/** What to do about a mistake with that code. */
export function fixOf(code: string): Sentence {
  return FIXES[code] ?? OTHER_FIX;
}
