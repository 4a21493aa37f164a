/** `gatepost archive`: visits and payments that have left the memory, for reports and disputes. */

import { join } from 'node:path';
import type { Language, Sentence } from '../core/errors.ts';
import type { OrderNo, ParkId, VisitId } from '../core/ids.ts';
import { credentialKey } from '../core/park/model.ts';
import { normalisePlate } from '../core/plate.ts';
import { fill, isSentence, saidBy } from '../core/sentence.ts';
import { realDisk } from '../store/disk.ts';
import { StoreError } from '../store/files.ts';
import { answer, calmly, type Question, survey } from './archive-read.ts';
import { answerLines, hint, surveyLines, type TextOptions, troubleLines } from './archive-text.ts';
import { configuredData, type DataFolder, isConfiguration, isFolder } from './journal-source.ts';
import { readLanguage, readZone } from './options.ts';
import { meaningless, notBoth, readArgs, say, type Terminal, UsageError } from './terminal.ts';

const HELP: Sentence = {
  zh: `用法：gatepost archive WHERE [选项]

WHERE 是数据文件夹或配置文件（.yaml）。停车和付款结束 keepClosedDays（3）天后移入归档，保留 archiveDays（400）天；
最近几天的在 "gatepost journal" 中。
只读取，不加锁，网关运行时也可使用。

  （不提问）      归档里有什么，数据文件夹占多少磁盘
  --verify        同上，并校验每一行是否与写入时一样；有不一样的返回 1
  --plate P       这辆车的所有停车记录，由新到旧，连同订单
  --ticket B      同上，按停车票的条形码
  --visit V       这一次停车（猫酷的 feeId），连同订单
  --order O       这个订单，连同停车记录
  --park P        只看这个停车场
  --json          每次停车一个 JSON，或整体一个；金额以分为单位，时间为 1970 年起的毫秒
  --zone ZONE     所显示时间的时区：默认为配置文件的，或 Asia/Shanghai
  --language L    en 或 zh；默认按系统
`,
  en: `usage: gatepost archive WHERE [options]

WHERE is a data folder or a configuration file (.yaml). Visits and payments move to the archive keepClosedDays (3) after
they ended, and stay for archiveDays (400); the last days are in "gatepost journal".
It only reads, takes no lock, and may be used while the gate runs.

  (no question)   what the archive holds, and what the data folder takes of the disk
  --verify        the same, and whether every line is as it was written; 1 is returned when one is not
  --plate P       all visits of this vehicle, newest first, each with its orders
  --ticket B      the same of a ticket, by its barcode
  --visit V       this visit (Mallcoo's feeId) with its orders
  --order O       this order, with its visit
  --park P        only of this park
  --json          one JSON text per visit, or one of the whole; amounts in 分, moments in ms since 1970
  --zone ZONE     of the times shown: default the configuration's, or Asia/Shanghai
  --language L    en or zh; default that of the system
`,
};

const OPTIONS = {
  park: { type: 'string' },
  plate: { type: 'string' },
  ticket: { type: 'string' },
  visit: { type: 'string' },
  order: { type: 'string' },
  verify: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  zone: { type: 'string' },
  language: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Runs `gatepost archive …`.
 * @param args what follows `archive`.
 * @returns 0 done (also where nothing is found), 1 it could not be read, or is damaged.
 * @throws UsageError when it was called wrongly.
 */
export async function archiveCommand(args: readonly string[], plain: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  if (values.help) {
    plain.out(say(plain, HELP));
    return 0;
  }
  const question = readQuestion(values);
  if (question && values.verify)
    throw new UsageError({
      zh: '--verify 校验整个归档；查停车记录请另外执行',
      en: '--verify is of the whole archive: ask for a visit separately',
    });
  const language = readLanguage(values.language ?? plain.language);
  const terminal = { ...plain, language };
  const [where, ...more] = positionals;
  if (where === undefined) throw new UsageError(WAY_OUT);
  if (more.length > 0) throw meaningless(more);
  try {
    const named = await namedData(where, terminal);
    if (!named) return 1;
    const text: TextOptions = { where, language, zone: readZone(values.zone, named.zone) };
    const asked: Asked = { data: named.data, park: (values.park ?? null) as ParkId | null, json: values.json, text };
    return question ? await find(question, asked, terminal) : await tell(values.verify, asked, terminal);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    terminal.err(`gatepost archive: ${say(terminal, saidBy(error))}\n`);
    return 1;
  }
}

interface Asked {
  readonly data: string;
  /** Null: every park. */
  readonly park: ParkId | null;
  readonly json: boolean;
  readonly text: TextOptions;
}

async function find(question: Question, { data, park, json, text }: Asked, terminal: Terminal): Promise<number> {
  const { result, troubles } = await calmly(
    data,
    (faults) => answer(data, faults, park, question),
    () => true,
  );
  const { found } = result;
  if (json) for (const one of found) terminal.out(`${JSON.stringify(one)}\n`);
  else if (found.length > 0) terminal.out(`${answerLines(result, question, text).join('\n')}\n`);
  if (found.length === 0) terminal.err(`${hint(result, question, text)}\n`);
  for (const line of troubleLines(troubles, text)) terminal.err(`${line}\n`);
  return troubles.length === 0 ? 0 : 1;
}

async function tell(verify: boolean, { data, park, json, text }: Asked, terminal: Terminal): Promise<number> {
  const { result, troubles } = await calmly(
    data,
    (faults) => survey(data, faults, park, verify),
    ({ verified }) => (verified?.problems.length ?? 0) === 0,
  );
  const bad = result.verified?.problems ?? [];
  // What verifying names by its byte is not told twice.
  const others = troubles.filter(({ subject }) => !bad.some(({ file }) => subject === `archive/${file}`));
  if (json) terminal.out(`${JSON.stringify({ ...result, troubles: others }, inOne(text.language))}\n`);
  else terminal.out(`${surveyLines(result, others, text).join('\n')}\n`);
  return bad.length + others.length === 0 ? 0 : 1;
}

interface Asking {
  readonly plate?: string | undefined;
  readonly ticket?: string | undefined;
  readonly visit?: string | undefined;
  readonly order?: string | undefined;
}

/** @returns null when nothing is asked for. @throws UsageError when it is more than one thing, or empty. */
function readQuestion({ plate, ticket, visit, order }: Asking): Question | null {
  const asked = Object.entries({ plate, ticket, visit, order }).flatMap(([kind, text]) =>
    text === undefined ? [] : [{ kind, text: text.trim() }],
  );
  const [one, another] = asked;
  if (!one) return null;
  if (another) throw notBoth(`--${one.kind}`, `--${another.kind}`);
  if (one.text === '') throw new UsageError({ zh: `--${one.kind} 是空的`, en: `--${one.kind} is empty` });
  if (visit !== undefined) return { kind: 'visit', visit: one.text as VisitId };
  if (order !== undefined) return { kind: 'order', orderNo: one.text as OrderNo };
  if (ticket !== undefined) return vehicle(one.text, credentialKey({ kind: 'ticket', barcode: one.text }));
  const normal = normalisePlate(one.text);
  return vehicle(normal ?? one.text, normal ?? null);
}

function vehicle(name: string, key: string | null): Question {
  if (key === null)
    throw new UsageError({
      zh: `--plate "${name}" 不是车牌；无牌车请用 --visit 或 --order 查`,
      en: `--plate "${name}" is no plate; of a vehicle without one ask --visit or --order`,
    });
  return { kind: 'vehicle', name, key };
}

const WAY_OUT: Sentence = {
  zh: '请写数据文件夹或配置文件（.yaml）',
  en: 'name a data folder or a configuration file (.yaml)',
};
const IS_FILE: Sentence = { zh: '{data} 是一个文件；{wayOut}', en: '{data} is a file; {wayOut}' };
const EMPTY: Sentence = {
  zh: '{data} 中既没有归档，也没有日志账本；{wayOut}',
  en: '{data} holds neither an archive nor a journal; {wayOut}',
};

/**
 * @returns null when it is a configuration that cannot be used.
 * @throws StoreError when there is no such folder, or it is none of Gatepost's.
 */
async function namedData(name: string, terminal: Terminal): Promise<DataFolder | null> {
  const named = isConfiguration(name) ? await configuredData(name, terminal) : { data: name, zone: null };
  if (!named) return null;
  const told = { data: named.data, wayOut: WAY_OUT };
  if (!(await isFolder(named.data, WAY_OUT))) throw new StoreError(fill(IS_FILE, told));
  for (const part of ['archive', 'journal']) {
    if ((await realDisk.list(join(named.data, part))).length > 0) return named;
  }
  throw new StoreError(fill(EMPTY, told));
}

/** For `JSON.stringify`: what is said is a text of the reader's language. */
function inOne(language: Language): (key: string, value: unknown) => unknown {
  return (_, value) => (isSentence(value) ? value[language] : value);
}
