/**
 * Outages told apart, at the real gate: no internet, a dead tunnel, Mallcoo that does not answer, Mallcoo that refuses, one
 * by one and together. The log, the health, the terminal and the page say the same; cars come and go as ever, and what
 * could not be told is told after.
 */
import { describe, test } from 'node:test';
import { need } from '../need.ts';
import { scene } from './outage-scene.ts';

// They wait more than they work.
describe('outages', { concurrency: true }, () => {
  test('the tunnel dies, goes stale, and Mallcoo refuses meanwhile: each is told as what it is', async (t) => {
    if (!need(t, 'chromium')) return;
    const { tunnel, mallcoo, enters, leaves, known, tells, caughtUp } = await scene(t);
    await tunnel.close();
    await enters();
    // Notices do not go through the tunnel: nothing waits.
    await tells({
      faults: { TUNNEL_DOWN: /connection refused by 127\.0\.0\.1:\d+: nothing listens there/ },
      waiting: 0,
    });
    // It has paid before.
    await leaves();

    tunnel.stale = true;
    await tunnel.open();
    const stale = /takes the call and does not answer within 1 s/;
    await tells({ faults: { TUNNEL_DOWN: stale }, waiting: 0 });
    await enters();
    await known();
    mallcoo.behaviour = 5;
    await enters();
    await tells({ faults: { TUNNEL_DOWN: stale, MALLCOO_REFUSING: /Code 5 \(scripted\)/ }, waiting: 1 });
    await leaves();

    tunnel.stale = false;
    mallcoo.behaviour = 'ok';
    await caughtUp('TUNNEL_DOWN', 'MALLCOO_REFUSING');
  });

  test('the internet goes with all that needs it: one fault, and what still fails when it is back is told then', async (t) => {
    if (!need(t, 'chromium')) return;
    const { internet, tunnel, mallcoo, enters, leaves, tells, probed, away, caughtUp } = await scene(t);
    await away();
    await enters();
    const none = { INTERNET_DOWN: /none of 127\.0\.0\.1:\d+ can be reached/ };
    await tells({ faults: none, waiting: 1, internet: 'down' });
    await enters();
    await leaves();
    await leaves();
    await probed(2);
    await tells({ faults: none, waiting: 2, internet: 'down' });

    await internet.open();
    await tells({
      faults: { TUNNEL_DOWN: /connection refused/, MALLCOO_UNREACHABLE: /nothing listens there/ },
      waiting: 2,
    });
    await enters();
    await leaves();

    await Promise.all([tunnel.open(), mallcoo.open()]);
    await caughtUp('INTERNET_DOWN', 'TUNNEL_DOWN', 'MALLCOO_UNREACHABLE');
  });

  test('Mallcoo refuses, is gone, hangs, and the internet goes as well: the end of it all is the end of every fault', async (t) => {
    if (!need(t, 'chromium')) return;
    const { mallcoo, enters, leaves, tells, away, back, caughtUp } = await scene(t);
    mallcoo.behaviour = 5;
    await enters();
    await tells({ faults: { MALLCOO_REFUSING: /Code 5 \(scripted\)/ }, waiting: 1 });
    mallcoo.behaviour = 'forbidden403';
    await tells({ faults: { MALLCOO_REFUSING: /: HTTP 403/ }, waiting: 1 });
    await leaves();

    await mallcoo.close();
    await tells({ faults: { MALLCOO_UNREACHABLE: /nothing listens there/ }, waiting: 1 });
    await enters();
    mallcoo.behaviour = 'hang';
    await mallcoo.open();
    await tells({ faults: { MALLCOO_UNREACHABLE: /no answer within 1 s/ }, waiting: 2 });

    await away();
    await enters();
    await leaves();
    await tells({ faults: { INTERNET_DOWN: /can be reached/ }, waiting: 3, internet: 'down' });

    mallcoo.behaviour = 'ok';
    await back();
    await caughtUp('MALLCOO_REFUSING', 'MALLCOO_UNREACHABLE', 'INTERNET_DOWN');
  });
});
