/** The status page in a real browser: whatever a name or text of the health holds stays text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LaneId, ParkId } from '../../src/core/ids.ts';
import type { World } from '../../src/core/park/model.ts';
import type { Health } from '../../src/ops/health.ts';
import { createLocalApp, serveLocal } from '../../src/ops/local.ts';
import { lane, park, TEN, ZONE } from '../core/park/scene.ts';
import { fitsThePhone, phone } from '../daemon/browser.ts';
import { until } from '../daemon/support.ts';
import { need } from '../need.ts';
import { tempFolder } from '../store/tools.ts';
import { outboxSite } from './outbox-site.ts';

const NASTY = '"><img src=x onerror=alert(1)></script><script>alert(2)</script><style>*{}</style>';

test('whatever the health holds is text on the page, also in what a part tells of itself; it fits a phone', async (t) => {
  if (!need(t, 'chromium')) return;
  const { gateway, clock, state } = await outboxSite(t, tempFolder(t), TEN);
  const id = NASTY as ParkId;
  const lanes = new Map([[NASTY as LaneId, lane(NASTY, 'in')]]);
  const world: World = { parks: new Map([[id, park({ id, name: NASTY, lanes })]]) };
  const counts = { readings: 1, orders: 2, discards: { [NASTY]: 3 } };
  let told: Pick<Health, 'reach' | 'notices'> = {
    reach: { publicUrl: NASTY, line: 'up', internet: 'up', lastProbe: { at: TEN, ok: false, ms: 1, why: NASTY } },
    notices: { P001: { told: 12, lastAnswer: null } },
  };
  const fault = { code: 'PORT_GONE', subject: NASTY, text: NASTY, since: TEN } as const;
  const health = (): Health => ({
    status: 'degraded',
    version: NASTY,
    startedAt: TEN,
    now: TEN,
    zone: ZONE,
    seq: 0,
    world,
    state: state(),
    archive: { files: 0, bytes: 0, visits: 0, orders: 0, passages: 0, oldest: null, newest: null },
    faults: [fault],
    lastFailure: null,
    devices: { devices: { [NASTY]: counts } },
    ...told,
  });
  const app = createLocalApp({ health, language: 'en', world, gateway, clock });
  const server = await serveLocal(app, { host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  const { page, troubles } = await phone(t, `http://127.0.0.1:${server.port}`);
  await page.locator('.fault').waitFor();
  assert.equal(await page.locator('img').count(), 0);
  assert.equal(await page.locator('main style, main script').count(), 0);
  for (const section of ['faults', 'parks', 'outbox', 'reach', 'devices', 'about']) {
    assert.ok((await page.locator(`#${section}`).textContent())?.includes(NASTY), section);
  }
  assert.match(await page.locator('#notices').innerText(), /P001.*12/s);
  await fitsThePhone(page);

  // A part that tells nothing any more is gone from the page, and text that is marked stays marked.
  await page.locator('.fault p').last().selectText();
  told = { ...told, notices: {} };
  await until('the page to follow', () => page.locator('#notices').isHidden());
  assert.equal(await page.evaluate('getSelection().toString()'), NASTY);
  assert.deepEqual(troubles, []);
});
