/** The reference: a Hono route that reads a JSON body and answers one of a given size, and does nothing else. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const [port = '0', answer = '{}'] = process.argv.slice(2);
const fields: unknown = JSON.parse(answer);
const app = new Hono();
app.post('/GetParkingPaymentInfo', async (c) => {
  await c.req.json();
  return c.json(fields as Record<string, string>);
});
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(port) }, () => console.log('ready'));
process.on('SIGTERM', () => process.exit(0));
