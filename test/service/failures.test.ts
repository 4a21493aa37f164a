/** Why a run ended, as the technician finds it afterwards. */
import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Failure, failureText, markTold, recordFailure, untoldFailure } from '../../src/ops/service/failures.ts';
import { folder, gatepost } from '../daemon/support.ts';
import { need } from '../need.ts';
import { service } from './systemd.ts';

const happening = (over: Partial<Parameters<typeof recordFailure>[1]> = {}): Parameters<typeof recordFailure>[1] => ({
  ending: { result: 'exit-code', exit: 'exited 1', invocation: '' },
  at: '2026-11-22 08:00:00',
  lastWords: '',
  log: '',
  down: false,
  ...over,
});

test('a run that was killed is recorded with the end of its log, and the next one tells of it once', async (t) => {
  if (!need(t, 'systemd-notify')) return;
  const unit = await service(t);
  writeFileSync(join(unit.logs, 'gatepost.log'), 'the line before\nthe last line\n');
  const killed = await unit.start();
  killed.signal('SIGKILL');
  assert.equal((await killed.ended()).result, 'signal');
  const [record = ''] = unit.failures();
  assert.match(
    record,
    /^# a signal ended it \(killed KILL\)\n# .+\n# journalctl -u gatepost _SYSTEMD_INVOCATION_ID=0+1\n/,
  );
  assert.match(record, /^log: \|-\n {2}the line before\n {2}the last line$/m);

  const told =
    /the run before this one ended badly: .* a signal ended it \(killed KILL\); see .*-signal\.yaml \[LAST_RUN_FAILED\]/;
  const next = await unit.start();
  assert.match(next.output(), told);
  const health = (await (await fetch(`${next.local}/healthz`)).json()) as Record<string, unknown>;
  assert.match(String(health['lastFailure']), /a signal ended it/);
  await next.end('SIGTERM');
  await next.ended();
  const third = await unit.start();
  assert.doesNotMatch(third.output(), /LAST_RUN_FAILED/);
  await third.end('SIGTERM');
  assert.equal((await third.ended()).result, 'success');
  assert.equal(unit.failures().length, 1, 'an end that was asked for is none');
});

test('a wrong configuration is recorded with what is wrong, and the same again is a count', async (t) => {
  const unit = await service(t);
  appendFileSync(unit.config, 'parks: 7\n');
  const env = { LOGS_DIRECTORY: unit.logs, RUNTIME_DIRECTORY: folder(t) };
  const failed = { ...env, SERVICE_RESULT: 'exit-code', EXIT_CODE: 'exited', EXIT_STATUS: '78' };
  for (const _ of [1, 2, 3]) {
    const run = gatepost(t, ['run', unit.config], env);
    assert.equal(await run.exited(), 78);
    const { code, err } = unit.record(failed);
    assert.equal(code, 0);
    assert.match(err, /^gatepost: the configuration cannot be used: .*-exit-code\.yaml\n$/);
  }
  const [record = '', ...more] = unit.failures();
  assert.equal(more.length, 0);
  assert.match(record, /^times: 3$/m);
  assert.match(record, /^lastWords: \|-\n {2}.*gatepost\.yaml:\d+/m);
});

test('where systemd leaves the gate down, the record of that end says so', async (t) => {
  const unit = await service(t);
  const end = { SERVICE_RESULT: 'timeout', EXIT_CODE: 'killed', EXIT_STATUS: 'KILL', INVOCATION_ID: 'a'.repeat(32) };
  assert.equal(unit.record(end).code, 0);
  const monitor = Object.fromEntries(Object.entries(end).map(([name, value]) => [`MONITOR_${name}`, value]));
  assert.equal(unit.record({ ...monitor, INVOCATION_ID: 'b'.repeat(32) }, '--down').code, 0);
  const [record = '', ...more] = unit.failures();
  assert.equal(more.length, 0);
  assert.match(record, /^times: 1\n(.*\n)*down: true$/m);
  assert.match(unit.record({}).err, /systemd calls this/);
});

test('twenty records are kept; one that is damaged is passed over', async (t) => {
  const dir = folder(t);
  for (let number = 10; number < 40; number += 1)
    await recordFailure(dir, happening({ at: `2026-11-22 08:00:${number}`, lastWords: String(number) }));
  const kept = readdirSync(dir).sort();
  assert.deepEqual([kept.length, kept[0]], [20, '2026-11-22T080020-exit-code.yaml']);
  const newest = await untoldFailure(dir);
  assert.match(failureText(newest as Failure, 'en'), /^2026-11-22 08:00:39 it ended with exit status 1; see /);
  await markTold(newest as Failure);
  assert.equal(await untoldFailure(dir), null);
  writeFileSync((newest as Failure).file, '{ this is no record');
  assert.equal(await untoldFailure(dir), null);
  const file = await recordFailure(dir, happening({ at: '2026-11-22 08:00:39' }));
  assert.equal((await untoldFailure(dir))?.file, file);
});
