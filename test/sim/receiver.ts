/**
 * Mallcoo's receiver of notices, as the gate finds it: the strict one of the client, on a way that loses calls and
 * answers, away, busy or odd as the plan says, with a clock of its own.
 */
import { inWords } from '../../src/core/sentence.ts';
import { after, SECOND } from '../../src/core/time.ts';
import type { NoticeRequest, PostOutcome } from '../../src/mallcoo/notices/post.ts';
import { createReceiver, NOTICE_PATH } from '../../src/mallcoo-client/receiver.ts';
import { KEYS, type NoticeBooks, type Sent } from './notice-books.ts';
import type { ReceiverFault } from './plan-way.ts';
import { chanceAt } from './random.ts';
import { PARK, type Site, START, trueTime } from './site.ts';
import { MAX_SKEW_MS } from './way.ts';

export interface MallcooReceiver {
  /** @param alive whether the process that sends is still there. */
  post(request: NoticeRequest, abort: AbortSignal, alive: () => boolean): Promise<PostOutcome>;
}

export const ENTRY_URL = `https://mallcoo.example${NOTICE_PATH}`;
export const EXIT_URL = 'https://mallcoo.example/Parking/V1/ExitInfoNotify/';

const ANSWERED = { type: 'answered', status: 200, retryAfter: null, date: null } as const;
const cut: PostOutcome = { type: 'lost', reason: 'the connection was cut before an answer came' };
const mute: PostOutcome = { type: 'lost', reason: 'no answer within 10 s' };

export function createMallcooReceiver(site: Site, books: NoticeBooks): MallcooReceiver {
  const { agenda, fail, trace, way, plan } = site;
  const { plateEncoding } = plan.way;
  const options = { ...KEYS, parkCodes: [PARK], maxSkewMs: MAX_SKEW_MS, plateEncoding, remember: 1e6 };
  // The standard has no notice of departures; this site's is the same, elsewhere.
  const receivers = { entry: createReceiver(options), exit: createReceiver(options) };

  /** The receiver as it is when nothing is wrong with it. @returns its code. */
  function act({ url, headers: given, body }: NoticeRequest, sent: Sent): number {
    const kind = url === ENTRY_URL ? 'entry' : 'exit';
    const headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
    const now = after(trueTime(site), way.theirClock());
    const call = { method: 'POST', path: NOTICE_PATH, headers, body: Buffer.from(body) };
    const { Code: code, Message: why } = receivers[kind].receive(call, now);
    if (code === 1) books.taken(sent);
    const clock = /s from the clock/.test(why);
    // The two are compared to the second, and the call was on its way.
    const apart = Math.abs(sent.clock - (START + sent.at) - way.theirClock());
    if (code !== 1 && !(clock && apart > MAX_SKEW_MS - 20 * SECOND))
      fail('told as the standard has it', `Code ${code}, ${why}`);
    return code;
  }

  function answer(how: ReceiverFault | null, request: NoticeRequest, sent: Sent): PostOutcome {
    const coded = (code: number): PostOutcome => ({ ...ANSWERED, text: JSON.stringify({ Code: code, Message: '' }) });
    switch (how) {
      case 'busy':
        return {
          ...ANSWERED,
          status: 503,
          retryAfter: chanceAt(plan.seed, agenda.now()) < 0.5 ? '120' : null,
          text: '',
        };
      case 'odd':
        return coded(5);
      case 'portal':
        return { ...ANSWERED, text: '<html>Please log in</html>' };
      case 'unknownPark':
        return coded(1101);
      case 'badSome':
        return coded((sent.notice?.number ?? 0) % 3 === 0 ? 2 : act(request, sent));
      default:
        return coded(act(request, sent));
    }
  }

  /** What comes back, and after how many ms. */
  function arrive(request: NoticeRequest, sent: Sent): readonly [number, PostOutcome] {
    const how = way.receiver();
    if (!way.internet()) return [request.timeoutMs, mute];
    if (how === 'away') return [5, { type: 'lost', reason: 'nothing listens there (connection refused)' }];
    const outcome = answer(how, request, sent);
    if (how === 'mute') return [30, cut];
    return how === 'slow' ? [request.timeoutMs, mute] : [30, outcome];
  }

  return {
    post(request, abort, alive) {
      const { url, headers, body } = request;
      const kind = url === ENTRY_URL ? 'entry' : 'exit';
      const fields: Readonly<Record<string, string>> = JSON.parse(body);
      const sent = books.sent({ kind, fields, headers, body }, site.clock.now());
      site.witness(`notice ${body}`);
      site.stats.told += 1;
      const { promise, resolve } = Promise.withResolvers<PostOutcome>();
      let over = false;
      function end(outcome: PostOutcome): void {
        if (over || !alive()) return;
        over = true;
        const code =
          outcome.type === 'answered' && outcome.status === 200 ? /"Code":(\d+)/.exec(outcome.text ?? '') : null;
        if (code) books.answered(sent, Number(code[1]));
        trace(
          `the ${kind} of ${fields['TradeID']} is told: ${outcome.type === 'lost' ? inWords(outcome.reason, 'en') : outcome.text}`,
        );
        resolve(outcome);
      }
      abort.addEventListener('abort', () => end({ type: 'lost', reason: 'aborted' }), { once: true });
      const chance = chanceAt(plan.seed, agenda.now());
      if (!way.internet()) {
        agenda.later(chance < 0.7 ? 5 : request.timeoutMs, () =>
          end({ type: 'lost', reason: 'no way to the network' }),
        );
        return promise;
      }
      agenda.later(10 + Math.floor(chance * 50), () => {
        const [ms, outcome] = arrive(request, sent);
        agenda.later(ms, () => end(way.internet() ? outcome : cut));
      });
      return promise;
    },
  };
}
