/** Holds an interview with a person: help, one step back, a summary in which anything can be changed. */
import type { Language, Sentence } from '../core/errors.ts';
import type { Interview, Question } from './question.ts';

/** What the person sees and types. */
export interface Paper {
  write(text: string): void;
  /** One line, without blanks at its ends. A secret is not shown while it is typed. @throws when the person ends it. */
  line(prompt: string, secret: boolean): Promise<string>;
}

const BACK = '<';
const HELP = ['?', '？'];

const RULES = {
  zh: '每个问题后面的方括号里是默认值，直接回车就用它。? 说明这个问题，< 回到上一个；最后还能修改；Ctrl-C 结束，什么都不写。',
  en: 'What stands in brackets is taken by Enter. ? explains a question, < goes back to the one before; all can be changed at the end. Ctrl-C ends it, and nothing is written.',
};
const ENOUGH = { zh: '没有更前面的问题了。', en: 'There is no question before this one.' };
const CHOOSE = { zh: '选择', en: 'Choose' };
const HIDDEN = { zh: '（已输入，不显示）', en: '(given, not shown)' };
const EMPTY = { zh: '（留空）', en: '(left empty)' };
const SUMMARY = { zh: '您的回答', en: 'What you answered' };
const CHANGE = {
  zh: '改哪一项？写编号；直接回车开始写文件',
  en: 'Change which? Write its number, or Enter to write the files',
};
const NO_SUCH = { zh: '没有这个编号。', en: 'There is no such number.' };

/** Raised inside by `<`: the question before is asked again. */
class Back extends Error {}

/**
 * Asks until the person is content. Every change runs the interview again from its beginning with what was answered
 * before: what depends on a changed answer is asked anew where its old answer does not fit any more.
 * @throws what `paper.line` throws.
 */
export async function hold<T>(begin: () => Interview<T>, paper: Paper, language: Language): Promise<T> {
  const replies = new Map<string, string>();
  /** What was answered before it was asked again: then in the brackets. */
  const former = new Map<string, string>();
  const again = (key: string): void => {
    former.set(key, replies.get(key) ?? '');
    replies.delete(key);
  };
  paper.write(`${RULES[language]}\n`);
  for (;;) {
    const asked: Question<unknown>[] = [];
    try {
      const result = await pass(begin(), asked, { replies, former, paper, language });
      const change = await summary(asked, replies, paper, language);
      if (change === null) return result;
      again(change.key);
    } catch (error) {
      if (!(error instanceof Back)) throw error;
      const before = asked.at(-2);
      if (before === undefined) paper.write(`  ${ENOUGH[language]}\n`);
      else again(before.key);
    }
  }
}

interface Talk {
  readonly replies: Map<string, string>;
  readonly former: ReadonlyMap<string, string>;
  readonly paper: Paper;
  readonly language: Language;
}

/** One run through the interview. @param asked gathers its questions. @throws Back */
async function pass<T>(interview: Interview<T>, asked: Question<unknown>[], talk: Talk): Promise<T> {
  let part = '';
  let step = interview.next();
  while (!step.done) {
    const question = step.value;
    asked.push(question);
    const known = talk.replies.get(question.key);
    let reply = known;
    if (known === undefined || 'problem' in question.read(known)) {
      if (part !== question.part.en) talk.paper.write(`\n${question.part[talk.language]}\n`);
      part = question.part.en;
      reply = await converse(question, talk);
      talk.replies.set(question.key, reply);
    }
    step = interview.next(reply ?? '');
  }
  return step.value;
}

/** Asks one question until the reply is one that it takes. */
async function converse(question: Question<unknown>, { former, paper, language }: Talk): Promise<string> {
  const { choices, secret = false } = question;
  const before = secret ? undefined : former.get(question.key);
  const fallback = before === undefined || before === '' ? question.fallback : before;
  if (choices !== undefined) paper.write(listOf(question.text, choices, language));
  const shown = choices === undefined || fallback === undefined ? fallback : (numberOf(fallback, choices) ?? fallback);
  const label = choices === undefined ? question.text : CHOOSE;
  const prompt = `  ${label[language]}${shown === undefined || shown === '' ? '' : ` [${shown}]`}: `;
  for (;;) {
    const typed = await paper.line(prompt, secret);
    if (typed === BACK) throw new Back();
    if (HELP.includes(typed)) {
      paper.write(`    ${question.help[language]}\n`);
      continue;
    }
    const chosen = choices?.[Number(typed) - 1]?.name;
    const reply = typed === '' ? (fallback ?? '') : /^\d{1,3}$/.test(typed) ? (chosen ?? typed) : typed;
    const reading = question.read(reply);
    if ('value' in reading) return reply;
    paper.write(`    ${reading.problem[language]}\n`);
  }
}

function listOf(text: Sentence, choices: readonly { name: string; label: Sentence }[], language: Language): string {
  const lines = choices.map(({ label }, index) => `    ${String(index + 1).padStart(2)}  ${label[language]}\n`);
  return `  ${text[language]}:\n${lines.join('')}`;
}

function numberOf(name: string, choices: readonly { name: string }[]): string | undefined {
  const index = choices.findIndex((choice) => choice.name === name);
  return index < 0 ? undefined : String(index + 1);
}

/** Shows all answers. @returns the question to ask again, or null when they are right. */
async function summary(
  asked: readonly Question<unknown>[],
  replies: ReadonlyMap<string, string>,
  paper: Paper,
  language: Language,
): Promise<Question<unknown> | null> {
  const lines = asked.map(({ key, text, secret }, index) => {
    const reply = replies.get(key) ?? '';
    const shown = reply === '' ? EMPTY[language] : secret ? HIDDEN[language] : reply;
    return `  ${String(index + 1).padStart(3)}  ${text[language]}: ${shown}\n`;
  });
  paper.write(`\n${SUMMARY[language]}\n${lines.join('')}`);
  for (;;) {
    const typed = await paper.line(`  ${CHANGE[language]}: `, false);
    if (typed === '') return null;
    const question = /^\d{1,3}$/.test(typed) ? asked[Number(typed) - 1] : typed === BACK ? asked.at(-1) : undefined;
    if (question !== undefined) return question;
    paper.write(`    ${NO_SUCH[language]}\n`);
  }
}
