/** The real program on a disk that is full, and on one that fails under it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { DeviceId, LaneId, ParkId, VisitId } from '../../src/core/ids.ts';
import type { JournalRecord, ParkEvent } from '../../src/core/park/events.ts';
import { evolve } from '../../src/core/park/evolve.ts';
import type { Reading } from '../../src/core/park/model.ts';
import { instant } from '../../src/core/time.ts';
import { openStore } from '../../src/store/store.ts';
import { plate } from '../core/park/scene.ts';
import { FIRST_SEGMENT, listen, tinyDisk } from '../store/tools.ts';
import { demo, folder, outside, post, until } from './support.ts';

const MIB = 1024 * 1024;
const JUST_NOW = instant(Date.now() - 60_000);

const plateOf = (number: number): string => `粤F${String(number).padStart(5, '0')}`;

/** A car that has just come in, and owes nothing yet. */
function entered(seq: number): JournalRecord {
  const device = 'demo-in-1' as DeviceId;
  const reading: Reading = { device, credential: plate(plateOf(seq)), colour: 'blue', confidence: 1, identity: null };
  const event: ParkEvent = {
    type: 'entered',
    park: 'P001' as ParkId,
    lane: 'in-1' as LaneId,
    visit: `V${seq}` as VisitId,
    reading,
    at: JUST_NOW,
    plateKind: null,
    backlog: false,
  };
  return { seq, at: JUST_NOW, events: [event] };
}

/** Fills the journal's first file until at most so many bytes of it are left. */
async function fillJournal(data: string, left: number): Promise<void> {
  const { faults, log } = listen();
  const store = await openStore({ dir: data, fold: evolve, faults, log });
  const file = join(data, 'journal', FIRST_SEGMENT);
  for (let seq = 1; ; ) {
    const blank = 4 * MIB - readFileSync(file).findLastIndex((byte) => byte !== 0x0a);
    if (blank <= left) break;
    const many = Math.max(1, Math.min(1_000, Math.trunc((blank - left) / 500)));
    await store.journal.append(Array.from({ length: many }, (_, index) => entered(seq + index)));
    seq += many;
  }
  await store.close();
}

async function faultsOf(local: string): Promise<readonly string[]> {
  const { faults } = (await (await fetch(`${local}/healthz`)).json()) as { faults: { code: string }[] };
  return faults.map(({ code }) => code);
}

test('started on a full disk the gate lets cars out that owe nothing, turns the others away, and recovers by itself', async (t) => {
  const tiny = tinyDisk(t, 16 * 1024);
  if (!tiny) return;
  const data = join(tiny.folder, 'data');
  await fillJournal(data, MIB);
  rmSync(join(data, 'journal', 'next.tmp'), { force: true });
  const ballast = join(tiny.folder, 'somebody-elses.log');
  const { bsize, bavail } = statfsSync(tiny.folder);
  writeFileSync(ballast, Buffer.alloc(bsize * bavail - MIB));

  const gate = await demo(t, data);
  await until('DISK_FULL on the health page', async () => (await faultsOf(gate.local)).includes('DISK_FULL'));
  const entering = await outside(t, gate.mqtt);
  await assert.rejects(entering.see('demo-in-1', '粤Z00001'), 'no acknowledgement: the camera sends it again');
  const refused = await post(gate.mallcoo, 'PayParkingFee', {
    plateNo: plateOf(1),
    orderNo: 'O1',
    amount: 500,
    payType: 3,
  });
  assert.deepEqual([refused.resCode, refused.resMsg], [1, '磁盘已满，未受理，请稍后重试']);
  const leaving = await outside(t, gate.mqtt);
  await leaving.see('demo-out-1', plateOf(2));
  await until('the arm to rise', () => leaving.orders.some(({ topic }) => topic.includes('demo-out-1')));

  rmSync(ballast);
  await until('DISK_FULL to clear', async () => !(await faultsOf(gate.local)).includes('DISK_FULL'));
  const later = await outside(t, gate.mqtt);
  await later.see('demo-in-1', '粤Z00001');
  const booked = await post(gate.mallcoo, 'PayParkingFee', {
    plateNo: plateOf(1),
    orderNo: 'O1',
    amount: 500,
    payType: 3,
  });
  assert.equal(booked.resCode, 0);
  assert.equal(await gate.end('SIGTERM'), 0);
});

test('a disk that fails ends the gate with a sentence and an error code; the next start has what was acknowledged', async (t) => {
  const data = folder(t);
  await fillJournal(data, 600);
  const gate = await demo(t, data);
  const next = join(data, 'journal', 'next.tmp');
  await until('the next segment', () => existsSync(next) && statSync(next).size === 4 * MIB);
  renameSync(join(data, 'journal'), join(data, 'gone'));
  const site = await outside(t, gate.mqtt);
  for (let number = 1; number <= 5; number += 1) await site.see('demo-in-1', `粤Y0000${number}`).catch(() => undefined);
  assert.equal(await gate.exited(), 1);
  assert.match(
    gate.output(),
    /the journal cannot be written: records could not be written to .*journal: ENOENT.*; check/,
  );
  assert.doesNotMatch(gate.output(), /\n {4}at /);

  renameSync(join(data, 'gone'), join(data, 'journal'));
  const again = await demo(t, data);
  const answer = await post(again.mallcoo, 'GetParkingPaymentInfo', { plateNo: plateOf(1) });
  assert.equal(answer.resCode, 0);
  assert.deepEqual(await faultsOf(again.local), []);
  assert.equal(await again.end('SIGTERM'), 0);
});
