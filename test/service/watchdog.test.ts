/** The gate as a service: what it tells systemd, and what becomes of one that stands still. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { outside, type Running, until } from '../daemon/support.ts';
import { need } from '../need.ts';
import { service } from './systemd.ts';

const openVisits = async (gate: Running): Promise<unknown> => {
  const health = (await (await fetch(`${gate.local}/healthz`)).json()) as Record<string, unknown>;
  return health['openVisits'];
};

suite('the gate under systemd', { concurrency: true }, () => {
  test('says when it is up, how it is, and when it stops', async (t) => {
    if (!need(t, 'systemd-notify') || !need(t, 'perl')) return;
    const gate = await (await service(t, { watchdog: 60 })).start();
    await gate.heard(/^READY=1$/m);
    await gate.heard(/^WATCHDOG=1$/m);
    const [ready] = gate.told;
    assert.match(ready?.message ?? '', /READY=1\nSTATUS=2 lanes, 0 in the park, /);
    assert.equal(await gate.end('SIGTERM'), 0);
    // A child of its own tells it, and may do so a moment after the gate has ended.
    await gate.heard(/^STOPPING=1$/m);
    const { result } = await gate.ended();
    assert.equal(result, 'success');
  });

  test('a slow disk under load is no stall: it goes on being fed', async (t) => {
    if (!need(t, 'systemd-notify') || !need(t, 'perl')) return;
    const gate = await (await service(t, { watchdog: 12, preload: ['stall-disk.mjs'] })).start();
    await gate.heard(/^WATCHDOG=1$/m);
    gate.signal('SIGUSR1');
    const site = await outside(t, gate.mqtt);
    let number = 0;
    let loading = true;
    const load = (async () => {
      for (; loading; number += 1) await site.see('demo-in-1', `粤A${String(number).padStart(5, '0')}`);
    })();
    await gate.heard(/^WATCHDOG=1$/m, 3);
    loading = false;
    await load;
    assert.ok(number > 3, `${number} cars came meanwhile`);
    assert.doesNotMatch(gate.output(), /LOOP_LATE/);
    assert.equal(await gate.end('SIGTERM'), 0);
  });

  for (const [what, preload, late] of [
    ['an event loop that stands still', 'stall-loop.mjs', false],
    ['a flush that never returns', 'stall-disk.mjs', true],
  ] as const) {
    test(`${what} is ended by the watchdog, and the next run has every car that was acknowledged`, async (t) => {
      if (!need(t, 'systemd-notify') || !need(t, 'perl')) return;
      const unit = await service(t, { watchdog: 6, preload: [preload] });
      const stalled = await unit.start();
      const site = await outside(t, stalled.mqtt);
      for (const plate of ['粤A11111', '粤A22222', '粤A33333']) await site.see('demo-in-1', plate);
      await stalled.heard(/^WATCHDOG=1$/m);
      stalled.signal('SIGUSR2');
      await stalled.printed('stalled');
      // A car, so that there is something to write.
      site.see('demo-in-1', '粤A44444').catch(() => undefined);
      const { result, exit } = await stalled.ended();
      assert.deepEqual([result, exit], ['watchdog', 'killed ABRT']);
      if (late) assert.match(stalled.output(), /the loop has not come round for .*\[LOOP_LATE\]/);

      const [record, ...more] = unit.failures();
      assert.equal(more.length, 0);
      assert.match(record ?? '', /^# the watchdog ended it: its loop stood still/);
      assert.match(record ?? '', /^result: watchdog\nexit: killed ABRT\n/m);

      const next = await unit.start();
      await next.heard(/^WATCHDOG=1$/m);
      assert.match(next.output(), /the run before this one ended badly: .* the watchdog ended it.*\[LAST_RUN_FAILED\]/);
      assert.deepEqual(await openVisits(next), { P001: 3 });
      assert.equal(await next.end('SIGTERM'), 0);
      await until('the end', async () => (await next.ended()).result === 'success');
      assert.equal(unit.failures().length, 1);
    });
  }
});
