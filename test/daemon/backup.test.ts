/**
 * Backups of a gate under load, and of one that was killed: what was acknowledged before a backup began is in it, a payment
 * once, and on another machine the gate goes on from there.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DEMO_SHEET, demoConfig } from '../../src/demo/config.ts';
import { agoMinutes, folder, gatepost, outside, post, type Running, running, type Site } from './support.ts';

/** Cars that come at once. */
const WORKERS = 4;
/** Backups while they do. */
const BACKUPS = 3;

interface Paid {
  readonly orderNo: string;
  readonly plate: string;
  /** In 分. */
  readonly amount: number;
}

interface Books {
  /** Cars whose entry was acknowledged, and orders that were answered with `resCode` 0. */
  readonly entered: string[];
  readonly paid: Paid[];
}

const pay = (gate: Running, { orderNo, plate, amount }: Paid) =>
  post(gate.mallcoo, 'PayParkingFee', { plateNo: plate, orderNo, amount, payType: 3 });

/** Cars come and are paid for until the gate is gone, or enough is enough. */
async function work(gate: Running, site: Site, books: Books, next: () => number | null): Promise<void> {
  for (let number = next(); number !== null; number = next()) {
    const plate = `粤A${String(number).padStart(5, '0')}`;
    const order = { orderNo: `O${number}`, plate, amount: 100 + (number % 900) };
    await site.see('demo-in-1', plate, agoMinutes(30));
    books.entered.push(plate);
    assert.equal((await pay(gate, order)).resCode, 0);
    books.paid.push(order);
  }
}

function unlessKilled(error: unknown): void {
  if (error instanceof assert.AssertionError) throw error;
}

async function run(t: TestContext, env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<string> {
  const program = gatepost(t, args, env);
  assert.equal(await program.exited(), 0, program.output());
  return program.output();
}

function configure(dir: string, data: string): string {
  const file = join(dir, 'gatepost.yaml');
  writeFileSync(file, `${demoConfig({ portBase: 0, data })}store: { segmentMiB: 1, snapshotEvery: 100 }\n`);
  writeFileSync(join(dir, 'demo-sheet.yaml'), DEMO_SHEET);
  return file;
}

/** How often each order stands as booked in the journal. */
function bookings(listing: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of listing.trim().split('\n')) {
    const { events } = JSON.parse(line) as { readonly events: readonly { readonly notice?: { orderNo: string } }[] };
    for (const { notice } of events) if (notice) counts.set(notice.orderNo, (counts.get(notice.orderNo) ?? 0) + 1);
  }
  return counts;
}

/** Puts a backup back elsewhere, starts a gate there, and asks it for everything that was acknowledged. */
async function goOn(t: TestContext, env: Readonly<Record<string, string>>, file: string, before: Books): Promise<void> {
  const [dir, config] = [join(folder(t), 'data'), folder(t)];
  const told = await run(t, env, 'restore', file, '--data', dir, '--config', config);
  assert.match(told, /Two machines must never run with the same books/);
  assert.match(await run(t, env, 'journal', 'verify', dir), /^clean: /m);
  const path = join(config, 'gatepost.yaml');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/^data: .*/m, `data: ${dir}`));
  const gate = await running(gatepost(t, ['run', path], env));
  assert.doesNotMatch(gate.output(), /RECORD_BAD|SNAPSHOT_BAD|JOURNAL_SHORT|ARCHIVE_BAD/);
  const due = new Map(before.paid.map(({ plate, amount }) => [plate, amount]));
  for (const plate of before.entered) {
    const { fields } = await post(gate.mallcoo, 'GetParkingPaymentInfo', { plateNo: plate });
    assert.equal(fields['resCode'], 0, `${plate} is inside`);
    if (due.has(plate)) assert.equal(fields['paidAmount'], due.get(plate), plate);
  }
  // Mallcoo repeats what it has, and pays anew.
  const again = before.paid.slice(-20);
  for (const order of again) assert.equal((await pay(gate, order)).resCode, 0, `${order.orderNo} again`);
  const fresh = { orderNo: 'O-fresh', plate: before.entered[0] ?? '', amount: 300 };
  assert.equal((await pay(gate, fresh)).resCode, 0);
  assert.equal(await gate.end('SIGTERM'), 0);
  const counts = bookings(await run(t, env, 'journal', dir, '--type', 'paymentBooked', '--json'));
  for (const { orderNo } of [...before.paid, fresh]) assert.equal(counts.get(orderNo), 1, orderNo);
}

test('backups of a gate under load, and of one that was killed, hold all that was acknowledged before they began', async (t) => {
  const env = { NODE_COMPILE_CACHE: folder(t) };
  const data = folder(t);
  const config = configure(folder(t), data);
  await run(t, env, '--version');
  const gate = await running(gatepost(t, ['run', config], env));
  const site = await outside(t, gate.mqtt);
  const books: Books = { entered: [], paid: [] };
  let number = 0;
  const workers = Array.from({ length: WORKERS }, () => work(gate, site, books, () => number++).catch(unlessKilled));
  const copy = (): Books => ({ entered: [...books.entered], paid: [...books.paid] });
  const taken: { readonly file: string; readonly before: Books }[] = [];
  const folderOfBackups = folder(t);
  for (let index = 0; index < BACKUPS; index += 1) {
    const [file, before] = [join(folderOfBackups, `${index}.tar.gz`), copy()];
    await run(t, env, 'backup', file, config);
    taken.push({ file, before });
  }
  const live = books.paid.length;
  await gate.end('SIGKILL');
  await Promise.all(workers);
  site.client.end(true);
  const [file, before] = [join(folderOfBackups, 'killed.tar.gz'), copy()];
  // What a kill left half written is told with exit code 3; nothing acknowledged is in it.
  const killed = gatepost(t, ['backup', file, config], env);
  assert.match(String(await killed.exited()), /^[03]$/, killed.output());
  taken.push({ file, before });

  assert.ok(
    (taken.at(-2)?.before.paid.length ?? 0) > 0 && live > (taken.at(-2)?.before.paid.length ?? 0),
    'under load',
  );
  for (const each of taken.slice(-2)) await goOn(t, env, each.file, each.before);
  const counts = taken.map((each) => `${each.before.entered.length} cars, ${each.before.paid.length} payments`);
  t.diagnostic(`acknowledged before each backup: ${counts.join('; ')}`);
});
