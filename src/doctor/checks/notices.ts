/** The receiver of the notices (1.4): whether it is there, without telling it of a car that never came. */
import type { ParkId } from '../../core/ids.ts';
import { fromUtc } from '../../ops/moment.ts';
import { lookAtServer } from '../call.ts';
import { type Finding, fine, look, none, same, wrong } from '../finding.ts';
import { configured, fieldsOf, type Gate, type Machine } from '../site.ts';
import { troubleText } from '../trouble.ts';
import { judgeDrift } from './clock.ts';

const PATIENCE_MS = 8_000;
/** What waits longer than that is not merely on its way. */
const LONG_MS = 10 * 60_000;

export const checkNotices = configured(async ({ gate, machine }, { parks }) => {
  const telling = parks.flatMap(({ id, mallcoo: { notices } }) => (notices ? [{ id, url: notices.url }] : []));
  if (telling.length === 0)
    return [
      none({
        zh: '没有配置进场通知（parks[].mallcoo.notices）',
        en: 'no notices are configured (parks[].mallcoo.notices)',
      }),
    ];
  const urls = [...new Set(telling.map(({ url }) => url))];
  const receivers = await Promise.all(urls.map((url) => receiver(url, machine)));
  return [...receivers.flat(), ...telling.flatMap(({ id }) => outbox(id, gate, machine))];
});

/** `OPTIONS` without a body or a signature: nothing that a receiver could book, or take for an attempt at one. */
async function receiver(url: string, { now }: Machine): Promise<readonly Finding[]> {
  const { host } = new URL(url);
  const answer = await lookAtServer(url, 'OPTIONS', PATIENCE_MS, now);
  const trouble = answer.certificate?.trouble ?? null;
  const code = answer.type === 'lost' ? answer.code : trouble;
  if (code !== null) {
    const { zh, en } = troubleText(code);
    return [
      wrong(
        { zh: `${host} 无法使用：${zh}`, en: `${host} cannot be used: ${en}` },
        {
          zh: `核对 parks[].mallcoo.notices.url；从本机试：curl -v -X OPTIONS ${url}`,
          en: `compare parks[].mallcoo.notices.url; from this machine: curl -v -X OPTIONS ${url}`,
        },
      ),
    ];
  }
  if (answer.type === 'lost') return [];
  const what = {
    zh: `${host} 有应答（HTTP ${answer.status}，${Math.round(answer.ms)} ms）`,
    en: `${host} answers (HTTP ${answer.status}, ${Math.round(answer.ms)} ms)`,
  };
  const skew = answer.ahead === null ? null : judgeDrift(host, answer.ahead);
  const there =
    answer.status >= 500
      ? look(what, {
          zh: '对方服务器出错：稍后再看，持续则询问猫酷',
          en: 'its server fails: look again later, then ask Mallcoo',
        })
      : fine(what);
  return skew === null || skew.mark === 'fine' ? [there] : [there, skew];
}

function outbox(park: ParkId, gate: Gate, { now }: Machine): readonly Finding[] {
  if (!gate.running) return [];
  const { waiting = 0, oldest, dead = 0 } = fieldsOf(fieldsOf(gate.health['outbox'])[park]);
  const last = fieldsOf(fieldsOf(fieldsOf(gate.health['notices'])[park])['lastAnswer']);
  const since = fromUtc(oldest);
  const minutes = since === undefined ? 0 : Math.floor((now() - since) / 60_000);
  const said =
    last['verdict'] === 'confirmed'
      ? { zh: '，最近一次已确认', en: '; the last one was confirmed' }
      : same(lastTrouble(last));
  const what = {
    zh: `${park}：${Number(waiting)} 条待发送，${Number(dead)} 条不再发送${said.zh}`,
    en: `${park}: ${Number(waiting)} wait, ${Number(dead)} dead${said.en}`,
  };
  if (Number(dead) > 0) return [look(what, same('gatepost outbox'))];
  if (minutes * 60_000 >= LONG_MS)
    return [
      look(
        { zh: `${what.zh}，最早已等 ${minutes} 分钟`, en: `${what.en}; the oldest for ${minutes} min` },
        same('gatepost outbox; gatepost log --level warn'),
      ),
    ];
  return [fine(what)];
}

function lastTrouble({ why }: Readonly<Record<string, unknown>>): string {
  return typeof why === 'string' && why !== '' ? `; ${why}` : '';
}
