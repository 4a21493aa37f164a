/** `gatepost journal repair`: what a start of the gate does to a damaged folder, told first and done on request. */

import { join } from 'node:path';
import { explain, type Said, type Sentence } from '../core/errors.ts';
import { evolve } from '../core/park/evolve.ts';
import { restore } from '../core/park/snapshot.ts';
import { emptyState } from '../core/park/state.ts';
import { fieldsIn, fill } from '../core/sentence.ts';
import type { Faults, Log } from '../gateway/ports.ts';
import { realDisk } from '../store/disk.ts';
import { readMarker } from '../store/marker.ts';
import { replay } from '../store/recovery.ts';
import { SnapshotAdapter } from '../store/snapshot.ts';
import { openStore, shortOf } from '../store/store.ts';
import { dataFolderOf, namedSource } from './journal-source.ts';
import { readArgs, say, type Terminal } from './terminal.ts';

export async function repairCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, { yes: { type: 'boolean', default: false } });
  const named = await namedSource(positionals, terminal);
  if (!named) return 1;
  const data = dataFolderOf(named.source, 'repair');
  if (values.yes) return await repair(data, terminal);
  const lock = await realDisk.lock(data);
  try {
    return await foretell(data, terminal);
  } finally {
    await lock.release();
  }
}

const MOVED: Sentence = {
  zh: '{file}：{reason}；会移到 aside/',
  en: '{file}: {reason}; it would be moved to aside/',
};
const DAMAGED: Sentence = {
  zh: 'journal/{file}：{text} 无法读取；{kept}',
  en: 'journal/{file}: {text} cannot be read; {kept}',
};
const KEPT: Sentence = {
  zh: '第 {offset} 字节处的数据会复制到 aside/',
  en: 'the bytes at {offset} would be copied to aside/',
};
const NOTHING_LEFT: Sentence = { zh: '没有可以留存的', en: 'nothing is left to keep' };
const TORN: Sentence = {
  zh: 'journal/{file}：最后 {bytes} 字节（第 {offset} 字节起）是没写完的记录；会复制到 aside/ 并截去',
  en: 'journal/{file}: the last {bytes} bytes, at {offset}, are half a record; they would be copied to aside/ and cut',
};
const SHORT: Sentence = {
  zh: 'journal：{short}；无法找回',
  en: 'journal: {short}; nothing can bring that back',
};
const CLEAN: Sentence = { zh: '没有需要修复的', en: 'nothing to repair' };
const TO_DO: Sentence = {
  zh: '什么都没有改。要执行：gatepost journal repair DATA --yes',
  en: 'Nothing was changed. To do it: gatepost journal repair DATA --yes',
};

/** Reads as a start does, and writes nothing. */
async function foretell(data: string, terminal: Terminal): Promise<number> {
  const would: Sentence[] = [];
  const snapshot = await new SnapshotAdapter(realDisk, data, ({ file, reason }) =>
    would.push(fill(MOVED, { file, reason })),
  ).read();
  const state = snapshot ? restore(snapshot) : emptyState();
  const { seq } = state;
  const found = await replay(realDisk, join(data, 'journal'), state, evolve);
  const { damage, last, records } = found;
  for (const { segment, span, text } of damage) {
    const kept = span ? fill(KEPT, { offset: String(span.offset) }) : NOTHING_LEFT;
    would.push(fill(DAMAGED, { file: segment.name, text, kept }));
  }
  if (last?.torn) {
    const { segment, torn } = last;
    would.push(fill(TORN, { file: segment.name, bytes: String(torn.bytes.length), offset: String(torn.offset) }));
  }
  const short = shortOf(found, await readMarker(realDisk, data), seq);
  if (short !== null) would.push(fill(SHORT, { short }));
  const from = snapshot
    ? { zh: `记录 ${snapshot.seq} 的快照`, en: `a snapshot of record ${snapshot.seq}` }
    : { zh: '没有快照', en: 'no snapshot' };
  const read = { zh: `{from}，其后 ${records} 条记录`, en: `{from}, and ${records} record(s) after it` };
  for (const line of [fill(read, { from }), ...would, would.length === 0 ? CLEAN : TO_DO])
    terminal.out(`${say(terminal, line)}\n`);
  return 0;
}

const RAISED: Sentence = { zh: '{subject}：{text}', en: '{subject}: {text}' };
const NOTICED: Sentence = {
  zh: 'journal/{file}：{text}；留存为 aside/{kept}',
  en: 'journal/{file}: {text}; kept as aside/{kept}',
};

async function repair(data: string, terminal: Terminal): Promise<number> {
  const { language } = terminal;
  let done = 0;
  const print = (said: Said): void => terminal.out(`${say(terminal, said)}\n`);
  const tell = (said: Said): void => {
    done += 1;
    print(said);
  };
  const faults: Faults = {
    raise: (code, subject, value = '') => tell(fill(RAISED, { subject, text: explain(code, language, { value }) })),
    clear: () => undefined,
  };
  const log: Log = {
    notice(code, fields) {
      const { value = '', file = '', kept = '' } = fieldsIn(fields, language);
      const text = explain(code, language, { value: String(value) });
      tell(fill(NOTICED, { file: String(file), text, kept: String(kept) }));
    },
    info: (message, fields) => tell(`${message[language]} ${JSON.stringify(fieldsIn(fields ?? {}, language))}`),
  };
  const store = await openStore({ dir: data, fold: evolve, faults, log });
  const { seq } = store.stats();
  await store.close();
  const end = { zh: `{done}；最后一条记录是 ${seq}`, en: `{done}; the last record is ${seq}` };
  print(fill(end, { done: done === 0 ? CLEAN : { zh: '已完成', en: 'done' } }));
  return 0;
}
