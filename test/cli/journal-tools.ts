/** Journals for the tests of `gatepost journal`: what a park decides, written by the real store. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { journalCommand } from '../../src/cli/journal.ts';
import { fen } from '../../src/core/money.ts';
import type { JournalRecord } from '../../src/core/park/events.ts';
import { evolve } from '../../src/core/park/evolve.ts';
import type { Plate } from '../../src/core/plate.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { minutes, plate, type Scene, scene } from '../core/park/scene.ts';
import { listen } from '../store/tools.ts';
import { type Ran, ran, ranInBoth } from './ran.ts';

/** One that pays and leaves, one whose plate is read better, one that is held, and money for nobody. From 10:00 on. */
export function day(): Scene {
  const park = scene();
  park.read('in-1', plate('粤A11111'), minutes(0));
  park.send({ type: 'barrierDone', park: park.park.id, order: orderOf(park), outcome: 'confirmed' }, minutes(0));
  park.read('in-1', plate('粤B22222'), minutes(5), { identity: 'b', confidence: 0.5 });
  park.read('in-1', plate('粤B22228'), minutes(5), { identity: 'b', confidence: 0.9 });
  park.pay('A1', minutes(60), { feeId: null, plate: '粤A11111' as Plate, amount: fen(500) });
  park.read('out-1', plate('粤A11111'), minutes(62));
  park.read('out-1', plate('粤B22228'), minutes(65));
  park.pay('X1', minutes(70), { feeId: null, plate: '粤X99999' as Plate, amount: fen(700) });
  return park;
}

function orderOf({ state, park }: Scene) {
  const order = state.parks.get(park.id)?.orders.values().next().value;
  if (!order) throw new Error('no order is pending');
  return order.id;
}

export async function openFolder(dir: string, segmentBytes = 4_096): Promise<Store> {
  const { faults, log } = listen();
  return await openStore({ dir, fold: evolve, faults, log, segmentBytes });
}

/** Writes records into a data folder, each in a commit of its own. */
export async function writeFolder(
  dir: string,
  records: readonly JournalRecord[],
  segmentBytes?: number,
): Promise<void> {
  const store = await openFolder(dir, segmentBytes);
  for (const record of records) await store.journal.append([record]);
  await store.close();
}

/** The segments of a data folder in order, as paths; what is prepared for later is none. */
export function segmentsOf(dir: string): readonly string[] {
  const names = readdirSync(join(dir, 'journal')).filter((name) => name.endsWith('.jsonl'));
  return names.sort().map((name) => join(dir, 'journal', name));
}

/** Runs `gatepost journal …` in this process, and what changes nothing in Chinese as well. */
export function journal(...args: readonly string[]): Promise<Ran> {
  return args.includes('--yes') ? ran(journalCommand, args) : ranInBoth(journalCommand, args);
}
