/** What the doctor finds in the network: the clock of others, the broker, the tunnel, the receiver of the notices. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { embeddedBroker } from '../../src/devices/embedded.ts';
import { checkClock, judgeDrift } from '../../src/doctor/checks/clock.ts';
import { checkInternet } from '../../src/doctor/checks/internet.ts';
import { checkMqtt } from '../../src/doctor/checks/mqtt.ts';
import { checkNotices } from '../../src/doctor/checks/notices.ts';
import { certificateFindings, checkTunnel } from '../../src/doctor/checks/tunnel.ts';
import { folder, until } from '../daemon/support.ts';
import { device, freePort, mosquitto } from '../devices/support.ts';
import { need } from '../need.ts';
import { fill, record } from '../store/tools.ts';
import { gateTelling, programs, siteIn, told } from './rig.ts';

const DAY = 86_400_000;

async function serve(
  t: TestContext,
  handler: RequestListener,
  tls?: { readonly key: string; readonly cert: string },
): Promise<number> {
  const server = tls
    ? createSecureServer({ key: readFileSync(tls.key), cert: readFileSync(tls.cert) }, handler)
    : createServer(handler);
  server.listen(0, '127.0.0.1');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await until('the server', () => server.listening);
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A server whose clock is so many ms ahead. */
const ahead =
  (ms: number, status = 405): RequestListener =>
  (_, response) => {
    response.sendDate = false;
    response.writeHead(status, { date: new Date(Date.now() + ms).toUTCString() }).end();
  };

/** A certificate of its own for 127.0.0.1, made at a moment, good for a day. */
function certificate(dir: string, at: string): { readonly key: string; readonly cert: string } {
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const make = [
    'openssl',
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '1',
  ];
  const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert];
  execFileSync('faketime', [at, ...make, ...name], { stdio: 'ignore' });
  chmodSync(key, 0o644);
  return { key, cert };
}

const notices = (port: number, scheme = 'http'): string =>
  `{ auth: { type: none }, notices: { url: "${scheme}://127.0.0.1:${port}/notify", appId: A, publicKey: B, privateKey: "0123456789abcdef" } }`;

test('clock: against another one: within two seconds, two minutes, two hours', async (t) => {
  const dir = folder(t);
  const drift = async (ms: number) =>
    told(
      await checkClock(siteIn(dir, { mallcoo: notices(await serve(t, ahead(ms))), machine: { systemd: false } })),
    )[2] ?? '';
  assert.match(await drift(0), /^fine: within 2 s of the clock of 127\.0\.0\.1:\d+$/);
  assert.match(await drift(60_000), /^look: (59|60|61) s behind the clock of .* → .*timedatectl set-ntp true/);
  assert.match(await drift(-7_200_000), /^wrong: (7199|7200|7201) s ahead of the clock of .*: signatures are refused/);
  assert.deepEqual(
    [judgeDrift('x', 2_000).mark, judgeDrift('x', -2_001).mark, judgeDrift('x', 120_001).mark],
    ['fine', 'look', 'wrong'],
  );
  const alone = told(
    await checkClock(siteIn(dir, { mallcoo: notices(await freePort()), machine: { systemd: false } })),
  );
  assert.equal(alone[2], 'none: no other clock could be asked');
});

test('clock: with a certificate that is not trusted the other clock is heard all the same', async (t) => {
  if (!need(t, 'openssl') || !need(t, 'faketime')) return;
  const dir = folder(t);
  const port = await serve(t, ahead(-7_200_000), certificate(dir, '2020-01-01'));
  const site = siteIn(dir, { mallcoo: notices(port, 'https'), machine: { systemd: false } });
  assert.match(told(await checkClock(site))[2] ?? '', /^wrong: (7199|7200|7201) s ahead/);
});

test('clock: whether it is set by anybody; a year before this program; the parks’ own zones', async (t) => {
  const dir = folder(t);
  const set = async (scripts: Readonly<Record<string, string>>, systemd = true) =>
    told(await checkClock(siteIn(dir, { machine: { ...programs(dir, scripts), systemd } })))[1];
  assert.equal(await set({ timedatectl: 'echo NTPSynchronized=yes' }), 'fine: the clock is synchronised (timedatectl)');
  assert.match(
    (await set({ timedatectl: 'echo NTPSynchronized=no' })) ?? '',
    /^look: the clock is not synchronised \(timedatectl\) → /,
  );
  assert.equal(
    await set({ chronyc: 'echo "Leap status     : Normal"' }, false),
    'fine: the clock is synchronised (chrony)',
  );
  assert.match(
    (await set({ chronyc: 'echo "Leap status     : Not synchronised"' }, false)) ?? '',
    /^look: .*\(chrony\)/,
  );
  assert.match((await set({ chronyc: 'exit 1', ntpq: 'echo leap=11' }, false)) ?? '', /^look: .*\(ntpd\)/);
  assert.match((await set({ chronyc: 'exit 1', ntpq: 'echo leap=00' }, false)) ?? '', /^fine: .*\(ntpd\)/);
  const old = siteIn(dir, { machine: { now: () => Date.parse('1970-01-01T00:05:00Z'), systemd: false } });
  assert.match(told(await checkClock(old))[0] ?? '', /^wrong: the clock says 1970-01-01 .*battery/);
  assert.match(
    told(await checkClock(siteIn(dir)))[0] ?? '',
    /^fine: local time 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d \(.+\)/,
  );
});

test('clock: a journal that is ahead of it', async (t) => {
  const dir = folder(t);
  const { at } = record(1);
  await fill(join(dir, 'data'), [record(1)]);
  const tell = async (now: number) =>
    told(await checkClock(siteIn(dir, { machine: { now: () => now, systemd: false } }))).join('\n');
  assert.match(
    await tell(at - 90_000),
    /wrong: the journal's last record is 90 s ahead of this clock \(CLOCK_BEHIND\)/,
  );
  assert.doesNotMatch(await tell(at + 1_000), /CLOCK_BEHIND/);
});

test('mqtt: the own broker’s address; no MQTT devices', async (t) => {
  const dir = folder(t);
  assert.match(
    told(await checkMqtt(siteIn(dir))).join(),
    /^fine: the gate's own broker, 127\.0\.0\.1:0, no login asked for$/,
  );
  const lines = { mqtt: '{ listen: "10.99.99.99:1883", allowRemote: true, anonymous: true }' };
  const machine = { addresses: () => ['127.0.0.1', '192.168.1.10', 'fe80::1'] };
  assert.match(
    told(await checkMqtt(siteIn(dir, { lines, machine }))).join(),
    /^wrong: 10\.99\.99\.99 is no address of this machine \(it has 192\.168\.1\.10\) → /,
  );
  const devices = '[{ id: scan, driver: serial-scanner, port: /dev/x }]';
  assert.match(told(await checkMqtt(siteIn(dir, { devices }))).join(), /^none: no MQTT devices$/);
});

test('mqtt: another broker: there, gone, with a wrong password, without the right to subscribe', async (t) => {
  if (!need(t, 'mosquitto')) return;
  const dir = folder(t);
  chmodSync(dir, 0o755);
  const accounts = join(dir, 'accounts');
  execFileSync('mosquitto_passwd', ['-c', '-b', accounts, 'gate', 'right'], {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
  });
  chmodSync(accounts, 0o644);
  const port = await freePort();
  await mosquitto(t, port, `password_file ${accounts}\n`);
  const tell = async (password: string, at = port) => {
    const lines = { mqtt: `{ broker: "mqtt://127.0.0.1:${at}", username: gate, password: ${password} }` };
    return told(await checkMqtt(siteIn(dir, { lines }))).join();
  };
  assert.match(await tell('right'), /^fine: 127\.0\.0\.1:\d+: logged in and subscribed \(\d+ ms\)$/);
  assert.match(
    await tell('wrong'),
    /^wrong: 127\.0\.0\.1:\d+: the login is refused → compare mqtt\.username and mqtt\.password/,
  );
  assert.match(
    await tell('right', await freePort()),
    /^wrong: .*connection refused: nothing listens there → is the broker running/,
  );
  // What a broker that knows rights says to an account that has none here: aedes, for Mosquitto grants and delivers nothing.
  const topics = { up: ['other/up'], down: ['other/down'] };
  const strict = embeddedBroker({
    config: { kind: 'embedded', host: '127.0.0.1', port: 0, anonymous: false, maxPacketBytes: 1_000_000 },
    accounts: [{ device: device('other'), username: 'gate', password: 'right', topics }],
    onRefused() {},
  });
  await strict.start();
  t.after(() => strict.stop());
  const refused = await tell('right', strict.port() ?? 0);
  assert.match(refused, /^wrong: 127\.0\.0\.1:\d+: it refuses the subscription: .* → allow that account to subscribe/);
});

test('mqtt: a broker whose certificate has expired is told in words', async (t) => {
  if (!need(t, 'mosquitto') || !need(t, 'openssl') || !need(t, 'faketime')) return;
  const dir = folder(t);
  chmodSync(dir, 0o755);
  const { key, cert } = certificate(dir, '2020-01-01');
  const [plain, secure] = [await freePort(), await freePort()];
  await mosquitto(t, plain, `listener ${secure} 127.0.0.1\ncertfile ${cert}\nkeyfile ${key}\n`);
  const lines = { mqtt: `{ broker: "mqtts://127.0.0.1:${secure}" }` };
  const found = told(await checkMqtt(siteIn(dir, { lines }))).join();
  assert.match(found, /^wrong: .*certificate (has expired|is signed by itself).* → renew the broker's certificate/);
});

test('internet: a point that takes a connection, none that does, none named', async (t) => {
  const dir = folder(t);
  const port = await serve(t, ahead(0));
  const tell = async (points: string) =>
    told(await checkInternet(siteIn(dir, { lines: { internet: `{ check: [${points}] }` } }))).join();
  assert.equal(
    await tell(`"127.0.0.1:${await freePort()}", "127.0.0.1:${port}"`),
    `fine: 127.0.0.1:${port} can be reached`,
  );
  assert.match(
    await tell(`"127.0.0.1:${await freePort()}"`),
    /^wrong: none of 127\.0\.0\.1:\d+ can be reached → .*internet\.check/,
  );
  assert.match(await tell(''), /^none: no reference points/);
});

test('tunnel: where the way is lost, end to end', async (t) => {
  const dir = folder(t);
  const answer =
    (status: number, body = ''): RequestListener =>
    (_, response) =>
      response.writeHead(status).end(body);
  const site = (port: number, gate?: ReturnType<typeof gateTelling>) =>
    siteIn(dir, {
      lines: { tunnel: `{ publicUrl: "http://127.0.0.1:${port}", probeTimeoutSeconds: 1 }` },
      ...(gate ? { gate } : {}),
    });
  const tell = async (handler: RequestListener, gate?: ReturnType<typeof gateTelling>) =>
    told(await checkTunnel(site(await serve(t, handler), gate)))[0] ?? '';
  const probed = (ok: boolean) =>
    gateTelling({ reach: { lastProbe: { ok, ms: 41, why: ok ? '' : 'another process answered' } } });
  const good = answer(200, '{"resCode":0,"resMsg":""}');
  assert.match(
    told(await checkTunnel(siteIn(dir)))[0] ?? '',
    /^look: no tunnel\.publicUrl: nobody notices a dead tunnel/,
  );
  assert.match(await tell(good, probed(true)), /^fine: from outside through 127\.0\.0\.1:\d+ to this gate \(41 ms\)$/);
  assert.match(await tell(good, probed(false)), /^wrong: a gate answers .*another process answered → /);
  assert.match(await tell(good), /^wrong: .* leads to another gate: the one here does not run/);
  assert.match(
    await tell(answer(401, '{"resCode":1}'), probed(true)),
    /^wrong: a gate answers at .*, and refuses this call \(HTTP 401\)/,
  );
  assert.match(
    await tell(answer(502), probed(false)),
    /^wrong: HTTP 502: the far server .* is there, and the tunnel is not → systemctl restart gatepost-tunnel/,
  );
  assert.match(await tell(answer(502)), /^none: the far server .* is there \(HTTP 502\); start the gate/);
  assert.match(await tell(answer(200, '<html>'), probed(true)), /^wrong: HTTP 200: what answers at .* is no gate/);
  assert.match(
    await tell(() => undefined, probed(true)),
    /^wrong: .* takes the call, and nothing comes back: no answer in time/,
  );
  assert.match(
    told(await checkTunnel(site(await freePort())))[0] ?? '',
    /^wrong: the far server .* is not reached: connection refused/,
  );
});

test('tunnel: an expired certificate; the days that are left', async (t) => {
  if (!need(t, 'openssl') || !need(t, 'faketime')) return;
  const dir = folder(t);
  const port = await serve(t, ahead(0), certificate(dir, '2020-01-01'));
  const site = siteIn(dir, { lines: { tunnel: `{ publicUrl: "https://127.0.0.1:${port}" }` } });
  const [way, expired] = told(await checkTunnel(site));
  assert.match(way ?? '', /^wrong: TLS with 127\.0\.0\.1:\d+ fails: the certificate (is signed by itself|has expired)/);
  assert.match(
    expired ?? '',
    /^wrong: the certificate has expired \d{4} day\(s\) ago → on the far server: certbot renew/,
  );
  const left = (days: number, trouble: string | null = null) =>
    told(certificateFindings({ until: days * DAY, trouble }, 0)).join();
  assert.equal(left(60), 'fine: the certificate is good for 60 more days');
  assert.match(left(13), /^look: the certificate is good for 13 more days → /);
  assert.match(
    left(60, 'ERR_TLS_CERT_ALTNAME_INVALID'),
    /^wrong: the certificate is not trusted: the certificate is for another name/,
  );
  assert.match(left(60, 'SOMETHING_NEW'), /SOMETHING_NEW/);
});

test('tunnel: its units as systemd tells of them, and a key that others may read', async (t) => {
  const dir = folder(t);
  const unit = (name: string, enabled: string, active: string) =>
    `case "$2" in ${name}*) printf '%s\\n' LoadState=loaded UnitFileState=${enabled} ActiveState=${active};; *) echo LoadState=not-found;; esac`;
  const tell = async (script: string) =>
    told(await checkTunnel(siteIn(dir, { machine: programs(dir, { systemctl: script }) }))).slice(1);
  assert.deepEqual(await tell(unit('gatepost-tunnel', 'enabled', 'active')), [
    'fine: gatepost-tunnel.service is active',
  ]);
  assert.match(
    (await tell(unit('gatepost-frpc', 'enabled', 'failed'))).join(),
    /^wrong: gatepost-frpc\.service is failed → systemctl restart/,
  );
  assert.match(
    (await tell(unit('gatepost-tunnel', 'disabled', 'active'))).join(),
    /^look: gatepost-tunnel\.service does not start at boot/,
  );
  assert.deepEqual(await tell('echo LoadState=not-found'), []);
  mkdirSync(join(dir, 'tunnel'));
  const key = join(dir, 'tunnel', 'id_ed25519');
  writeFileSync(key, 'x', { mode: 0o600 });
  assert.deepEqual(await tell('exit 1'), []);
  chmodSync(key, 0o644);
  assert.match(
    (await tell('exit 1')).join(),
    /^wrong: others may read the tunnel's key .*\(644\): ssh does not use it → chmod 600 /,
  );
});

test('notices: the receiver is looked at, and told of no car', async (t) => {
  const dir = folder(t);
  const asked: string[] = [];
  const port = await serve(t, (request, response) => {
    asked.push(
      `${request.method} ${request.url} ${request.headers['content-length'] ?? 0} ${request.headers['sign'] ?? 'unsigned'}`,
    );
    ahead(0)(request, response);
  });
  assert.match(told(await checkNotices(siteIn(dir))).join(), /^none: no notices are configured/);
  assert.match(
    told(await checkNotices(siteIn(dir, { mallcoo: notices(port) }))).join(),
    /^fine: 127\.0\.0\.1:\d+ answers \(HTTP 405, \d+ ms\)$/,
  );
  assert.deepEqual(asked, ['OPTIONS /notify 0 unsigned']);
  const far = told(await checkNotices(siteIn(dir, { mallcoo: notices(await serve(t, ahead(-7_200_000, 500))) })));
  assert.match(far.join('\n'), /^look: .*HTTP 500.*its server fails.*\nwrong: \d+ s ahead of the clock of /);
  const gone = told(await checkNotices(siteIn(dir, { mallcoo: notices(await freePort()) })));
  assert.match(
    gone.join(),
    /^wrong: .* cannot be used: connection refused.* → compare parks\[\]\.mallcoo\.notices\.url; from this machine: curl -v -X OPTIONS /,
  );
});

test('notices: a certificate that is not trusted', async (t) => {
  if (!need(t, 'openssl') || !need(t, 'faketime')) return;
  const dir = folder(t);
  const port = await serve(t, ahead(0), certificate(dir, '2020-01-01'));
  const found = told(await checkNotices(siteIn(dir, { mallcoo: notices(port, 'https') })));
  assert.match(found.join(), /^wrong: .* cannot be used: the certificate (is signed by itself|has expired)/);
});

test('notices: what waits and what is dead', async (t) => {
  const dir = folder(t);
  const port = await serve(t, ahead(0));
  const now = Date.now();
  const tell = async (outbox: Readonly<Record<string, unknown>>, lastAnswer: unknown = null) => {
    const gate = gateTelling({ outbox: { P001: outbox }, notices: { P001: { lastAnswer } } });
    return told(await checkNotices(siteIn(dir, { gate, mallcoo: notices(port) })))[1];
  };
  const at = (ms: number) => new Date(now - ms).toISOString().replace(/\.\d+/, '');
  assert.equal(
    await tell({ waiting: 0, oldest: null, dead: 0 }, { verdict: 'confirmed' }),
    'fine: P001: 0 wait, 0 dead; the last one was confirmed',
  );
  assert.equal(await tell({ waiting: 1, oldest: at(5_000), dead: 0 }), 'fine: P001: 1 wait, 0 dead');
  assert.match(
    (await tell({ waiting: 9, oldest: at(7_200_000), dead: 0 }, { verdict: 'failed', why: 'HTTP 502' })) ?? '',
    /^look: P001: 9 wait, 0 dead; HTTP 502; the oldest for 120 min → gatepost outbox/,
  );
  assert.match(
    (await tell({ waiting: 0, oldest: null, dead: 3 })) ?? '',
    /^look: P001: 0 wait, 3 dead → gatepost outbox$/,
  );
});
