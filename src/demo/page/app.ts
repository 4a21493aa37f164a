/**
 * The driver's page: a person plays the driver, the demo's Mallcoo makes the real calls. It has a listener of its own on
 * loopback, and no way to it from that of Mallcoo's calls.
 */
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { csrf } from 'hono/csrf';
import { normalisePlate, type Plate } from '../../core/plate.ts';
import { inWords } from '../../core/sentence.ts';
import { type HttpApp, type Listener, listen } from '../../http.ts';
import type { Mallcoo } from '../../mallcoo-client/mallcoo.ts';
import type { ToldEntry } from '../../mallcoo-client/receiver.ts';
import { type Cars, randomPlate } from '../cars.ts';
import { COUPONS, NO_OFFER, openDesk, PAY_TYPES } from './desk.ts';
import { STYLE } from './style.ts';
import { exitView, feeView, homeView, paidView } from './views.ts';

export interface PageParts {
  readonly mallcoo: Mallcoo;
  readonly cars: Cars;
  /** The entries that Mallcoo was told of (1.4), oldest first. */
  readonly told: () => ReadonlyMap<string, ToldEntry>;
}

type Ctx = Context<{ Bindings: HttpBindings }>;

/** Nothing but our own style, and forms that lead back here: a plate that holds HTML stays text whatever happens. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
};

const MAX_FORM_BYTES = 8_192;
/** The longest stay that a car may have behind it when it is put into the park, in minutes. */
const MAX_STAY = 7 * 24 * 60;

/** Entries that the page shows, the latest first. */
const MAX_TOLD = 5;

export function createPage({ mallcoo, cars, told }: PageParts): HttpApp {
  const desk = openDesk(mallcoo);
  const app: HttpApp = new Hono<{ Bindings: HttpBindings }>();
  app.use(async (c, next) => {
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
    await next();
  });
  // Another site that is open in the same browser must not drive the demo's cars.
  app.use(csrf(), bodyLimit({ maxSize: MAX_FORM_BYTES, onError: (c) => c.text('表单过大', 413) }));

  const home = (c: Ctx, problem: string | null = null, typed = '', status: 200 | 404 = 200) =>
    c.html(
      homeView({ cars: cars.inside(), told: [...told().values()].slice(-MAX_TOLD).reverse(), typed, problem }),
      status,
    );
  const feePath = (plate: Plate): string => `/fee?plateNo=${encodeURIComponent(plate)}`;

  app.get('/style.css', (c) => c.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get('/', (c) => home(c));
  app.get('/fee', async (c) => {
    const { province = '', plateNo = '', coupon } = c.req.query();
    const plate = plateOf(province, plateNo);
    if (plate === undefined) return home(c, `“${plateNo}”不是车牌号`, plateNo);
    const shown = await desk.show(plate, COUPONS.find(({ id }) => id === coupon) ?? NO_OFFER);
    const { asked } = shown;
    if (asked.type === 'failed') return home(c, inWords(asked.message, 'zh'), plateNo);
    return c.html(feeView(shown, asked.quote, cars.explain(plate)));
  });
  app.post('/pay', async (c) => {
    const form = await formOf(c);
    const payType = PAY_TYPES.find(([type]) => String(type) === form('payType'))?.[0] ?? 0;
    const trouble = { twice: form('twice') !== '', lostAnswer: form('lost') !== '' };
    const receipt = await desk.pay(form('shown'), payType, trouble);
    if (receipt === null) return home(c, '这个价格已失效，请重新查询');
    return c.redirect(`/paid/${receipt.order.orderNo}`, 303);
  });
  app.get('/paid/:orderNo', async (c) => {
    const receipt = desk.receipt(c.req.param('orderNo'));
    if (receipt === null) return home(c, '没有这个订单', '', 404);
    const { asked } = await desk.show(receipt.plate, NO_OFFER);
    return c.html(paidView(receipt, asked.type === 'quoted' ? asked.quote : null));
  });
  app.post('/leave', async (c) => {
    const form = await formOf(c);
    const plate = normalisePlate(form('plateNo'));
    if (plate === undefined) return home(c, `“${form('plateNo')}”不是车牌号`);
    return c.html(exitView(plate, await cars.leave(plate)));
  });
  app.post('/arrive', async (c) => {
    const form = await formOf(c);
    const plate = normalisePlate(form('plateNo') || randomPlate());
    const minutes = Number(form('minutes'));
    if (plate === undefined) return home(c, `“${form('plateNo')}”不是车牌号`);
    if (!Number.isInteger(minutes) || minutes < 0 || minutes > MAX_STAY) return home(c, '进场时间不对');
    if (!cars.inside().some((car) => car.plate === plate)) await cars.arrive(plate, minutes);
    return c.redirect(feePath(plate), 303);
  });
  app.notFound((c) => home(c, '没有这个页面', '', 404));
  return app;
}

/** The plate as it was typed: with its province, or behind the one that was chosen. */
function plateOf(province: string, typed: string): Plate | undefined {
  return normalisePlate(/^\s*[A-Za-z]/.test(typed) ? `${province}${typed.trim()}` : typed);
}

/** The fields of a posted form as texts; empty for those that are missing. */
async function formOf(c: Ctx): Promise<(name: string) => string> {
  const fields = await c.req.parseBody();
  return (name) => {
    const value = fields[name];
    return typeof value === 'string' ? value.trim() : '';
  };
}

/** Serves the page on loopback. @throws the socket's error when the port cannot be taken. */
export function servePage(page: HttpApp, port: number): Promise<Listener> {
  const refusal = (status: number): string => JSON.stringify({ error: 'BODY_UNREADABLE', status });
  return listen(page, { host: '127.0.0.1', port, refusal });
}
