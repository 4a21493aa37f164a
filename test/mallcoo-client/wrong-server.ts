/** The real calls behind a proxy that does one thing wrong, as sites in the field do. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';

type Json = Readonly<Record<string, unknown>>;

/** What is wrong. */
export interface Defect {
  /** Changes the answer of a successful call. */
  readonly info?: (answer: Json, fields: Json) => Json;
  readonly pay?: (answer: Json) => Json;
  readonly traffic?: (answer: Json) => Json;
  /** Changes refusals of calls. */
  readonly refusal?: (answer: Json, call: string) => Json;
  /** Changes the bytes of every answer. */
  readonly text?: (text: string) => string;
  readonly contentType?: string;
  /** Each coupon that is asked about is credited at once. */
  readonly stacks?: boolean;
  /** Orders are not known again. */
  readonly order?: 'always new' | 'new while one is under way';
  readonly refuses?: (fields: Json) => boolean;
  /** Answers with a page of HTML of this status. */
  readonly status?: (call: { readonly path: string; readonly type: string; readonly body: string }) => number | null;
  readonly cut?: (fields: Json) => boolean;
  /** Headers that are put into every call. */
  readonly adds?: Readonly<Record<string, string>>;
}

/** Serves it. @returns the port. */
export async function wrongServer(t: TestContext, realPort: number, defect: Defect): Promise<number> {
  let credit = 0;
  let orders = 0;
  let paying = 0;

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
    const type = incoming.headers['content-type'] ?? '';
    const call = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
    const fields = fieldsOf(body, url);
    if (defect.cut?.(fields)) return void incoming.socket.destroy();
    const status = defect.status?.({ path: url.pathname, type, body });
    if (status) return reply(outgoing, status, 'text/html', '<html>error</html>');
    if (defect.refuses?.(fields)) return reply(outgoing, 200, 'application/json', '{"resCode":1,"resMsg":"no"}');

    const pays = call === 'PayParkingFee';
    const renamed = pays && (defect.order === 'always new' || (defect.order !== undefined && paying > 0));
    orders += 1;
    paying += pays ? 1 : 0;
    const sent = renamed ? body.replace(/("orderNo":"[^"]+)/, `$1-${orders}`) : body;
    const headers = { 'content-type': type, ...tokenOf(incoming), ...defect.adds };
    const { method = 'GET' } = incoming;
    const response = await fetch(`http://127.0.0.1:${realPort}${incoming.url}`, {
      method,
      headers,
      body: method === 'GET' ? null : sent,
    });
    paying -= pays ? 1 : 0;
    const text = change(await response.text(), call, fields);
    reply(outgoing, response.status, defect.contentType ?? response.headers.get('content-type') ?? '', text);
  }

  function change(text: string, call: string, fields: Json): string {
    let json = JSON.parse(text) as Json;
    if (json['resCode'] !== 0) json = defect.refusal?.(json, call) ?? json;
    else if (call === 'GetParkingPaymentInfo') json = defect.info?.(json, fields) ?? json;
    else if (call === 'PayParkingFee') json = defect.pay?.(json) ?? json;
    else json = defect.traffic?.(json) ?? json;
    if (defect.stacks && json['resCode'] === 0 && call === 'GetParkingPaymentInfo') {
      json = { ...json, paidAmount: Number(json['paidAmount']) + credit };
      credit += Number(json['deductionAmount']);
    }
    const changed = JSON.stringify(json);
    return defect.text?.(changed) ?? changed;
  }

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function fieldsOf(body: string, url: URL): Json {
  try {
    return JSON.parse(body) as Json;
  } catch {
    return Object.fromEntries(body.includes('=') ? new URLSearchParams(body) : url.searchParams);
  }
}

function tokenOf(incoming: IncomingMessage): Readonly<Record<string, string>> {
  const token = incoming.headers['x-token'];
  return typeof token === 'string' ? { 'x-token': token } : {};
}

function reply(outgoing: ServerResponse, status: number, type: string, text: string): void {
  outgoing.writeHead(status, { 'content-type': type }).end(text);
}
