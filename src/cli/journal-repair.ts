/** `gatepost journal repair`: what a start of the gate does to a damaged folder, told first and done on request. */

import { join } from 'node:path';
import { explain } from '../core/errors.ts';
import { evolve } from '../core/park/evolve.ts';
import { restore } from '../core/park/snapshot.ts';
import { emptyState } from '../core/park/state.ts';
import { fieldsIn, inWords } from '../core/sentence.ts';
import type { Faults, Log } from '../gateway/ports.ts';
import { realDisk } from '../store/disk.ts';
import { readMarker } from '../store/marker.ts';
import { replay } from '../store/recovery.ts';
import { SnapshotAdapter } from '../store/snapshot.ts';
import { openStore, shortOf } from '../store/store.ts';
import { dataFolderOf, namedSource } from './journal-source.ts';
import { readArgs, type Terminal } from './terminal.ts';

export async function repairCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, { yes: { type: 'boolean', default: false } });
  const named = await namedSource(positionals, terminal);
  if (!named) return 1;
  const data = dataFolderOf(named.source, 'repair');
  const print = (line: string): void => terminal.out(`${line}\n`);
  if (values.yes) return await repair(data, print);
  const lock = await realDisk.lock(data);
  try {
    return await foretell(data, print);
  } finally {
    await lock.release();
  }
}

/** Reads as a start does, and writes nothing. */
async function foretell(data: string, print: (line: string) => void): Promise<number> {
  const would: string[] = [];
  const snapshot = await new SnapshotAdapter(realDisk, data, ({ file, reason }) =>
    would.push(`${file}: ${inWords(reason, 'en')}; it would be moved to aside/`),
  ).read();
  const state = snapshot ? restore(snapshot) : emptyState();
  const { seq } = state;
  const found = await replay(realDisk, join(data, 'journal'), state, evolve);
  const { damage, last, records } = found;
  for (const { segment, span, text } of damage) {
    const kept = span ? `; the bytes at ${span.offset} would be copied to aside/` : '; nothing is left to keep';
    would.push(`journal/${segment.name}: ${text.en} cannot be read${kept}`);
  }
  if (last?.torn) {
    const { segment, torn } = last;
    const where = `journal/${segment.name}: the last ${torn.bytes.length} bytes, at ${torn.offset}, are half a record`;
    would.push(`${where}; they would be copied to aside/ and cut`);
  }
  const short = shortOf(found, await readMarker(realDisk, data), seq);
  if (short !== null) would.push(`journal: ${short.en}; nothing can bring that back`);
  print(`${snapshot ? `a snapshot of record ${snapshot.seq}` : 'no snapshot'}, and ${records} record(s) after it`);
  for (const line of would) print(line);
  print(would.length === 0 ? 'nothing to repair' : 'Nothing was changed. To do it: gatepost journal repair DATA --yes');
  return 0;
}

async function repair(data: string, print: (line: string) => void): Promise<number> {
  let done = 0;
  const tell = (line: string): void => {
    done += 1;
    print(line);
  };
  const faults: Faults = {
    raise: (code, subject, value = '') => tell(`${subject}: ${explain(code, 'en', { value })}`),
    clear: () => undefined,
  };
  const log: Log = {
    notice(code, fields) {
      const { value = '', file = '', kept = '' } = fieldsIn(fields, 'en');
      tell(`journal/${file}: ${explain(code, 'en', { value: String(value) })}; kept as aside/${kept}`);
    },
    info: (message, fields) => tell(`${message.en} ${JSON.stringify(fieldsIn(fields ?? {}, 'en'))}`),
  };
  const store = await openStore({ dir: data, fold: evolve, faults, log });
  const { seq } = store.stats();
  await store.close();
  print(done === 0 ? `nothing to repair; the last record is ${seq}` : `done; the last record is ${seq}`);
  return 0;
}
