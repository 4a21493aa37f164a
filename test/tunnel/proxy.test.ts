import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DEMO_SHEET, demoConfig } from '../../src/demo/config.ts';
import { folder, gatepost, running } from '../daemon/support.ts';
import { raw } from '../mallcoo/site.ts';

const CALL = 'GET /GetTraffic HTTP/1.1\r\nHost: x\r\n\r\n';

test('a gate behind frp with PROXY headers takes calls with one, and tells those without what is missing', async (t) => {
  const dir = folder(t);
  const site = join(dir, 'site.yaml');
  writeFileSync(join(dir, 'demo-sheet.yaml'), DEMO_SHEET);
  const tunnel = 'tunnel: { trustedHops: [127.0.0.1], proxyProtocol: true }\n';
  writeFileSync(site, `${demoConfig({ portBase: 0, data: join(dir, 'data') })}${tunnel}`);
  const gate = await running(gatepost(t, ['run', site]));
  const port = Number(new URL(gate.mallcoo).port);
  const header = 'PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r\n';
  assert.match((await raw(port, [header, CALL], 'resMsg')).text, /^HTTP\/1\.1 200 .*startTime/s);
  assert.match((await raw(port, [CALL])).text, /^HTTP\/1\.1 400 .*PROXY/s);
  assert.equal((await fetch(`${gate.local}/healthz`)).status, 200, 'the local listener wants none');
});
