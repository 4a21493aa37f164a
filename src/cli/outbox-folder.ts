/** The outbox out of a data folder, for when the gate does not run. It only reads, and takes no lock. */

import { join } from 'node:path';
import type { Sentence } from '../core/errors.ts';
import { evolve } from '../core/park/evolve.ts';
import type { World } from '../core/park/model.ts';
import { restore } from '../core/park/snapshot.ts';
import { emptyState } from '../core/park/state.ts';
import { fill } from '../core/sentence.ts';
import type { Instant } from '../core/time.ts';
import { type OutboxQuestion, type OutboxView, outboxView } from '../ops/outbox-view.ts';
import { realDisk } from '../store/disk.ts';
import { StoreError } from '../store/files.ts';
import { replay } from '../store/recovery.ts';
import { listSegments } from '../store/segment.ts';
import { SnapshotAdapter } from '../store/snapshot.ts';

export interface FolderOutbox {
  readonly view: OutboxView;
  /** The last record of the journal that is in it, and its moment. */
  readonly seq: number;
  readonly at: Instant;
  /** What could not be read. */
  readonly troubles: readonly Sentence[];
}

const UNUSABLE: Sentence = { zh: '{file} 无法使用：{reason}', en: '{file} cannot be used: {reason}' };
const UNREAD: Sentence = { zh: 'journal/{file}：{text} 无法读取', en: 'journal/{file}: {text} could not be read' };

/**
 * The outbox as the next start of the gate will find it.
 * @throws StoreError when there is no journal, or it cannot be read.
 */
export async function folderOutbox(
  data: string,
  world: World | null,
  question: OutboxQuestion,
  now: Instant,
): Promise<FolderOutbox> {
  const folder = join(data, 'journal');
  if ((await listSegments(realDisk, folder)).length === 0)
    throw new StoreError({ zh: `${data} 中没有日志账本`, en: `${data} holds no journal` });
  const troubles: Sentence[] = [];
  const adapter = new SnapshotAdapter(realDisk, data, ({ file, reason }) => {
    troubles.push(fill(UNUSABLE, { file, reason }));
  });
  const snapshot = await adapter.read();
  const state = snapshot ? restore(snapshot) : emptyState();
  const { damage } = await replay(realDisk, folder, state, evolve);
  for (const { segment, text } of damage) troubles.push(fill(UNREAD, { file: segment.name, text }));
  return { view: outboxView(world, state, question, now), seq: state.seq, at: state.at, troubles };
}
