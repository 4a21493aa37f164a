import type { Language } from '../core/errors.ts';
import type { Answers } from './answers.ts';
import { MALLCOO_LISTEN } from './places.ts';
import { remark } from './yaml-text.ts';

/** What is the site's of gatepost-tunnel.service; null when there is no tunnel by ssh. */
export function tunnelText({ tunnel: { ssh } }: Answers, language: Language): string | null {
  if (ssh === undefined) return null;
  const lines = [
    ...remark(language, {
      zh: 'gatepost-tunnel.service 的设置，由 gatepost init 写成；一步一步见 tunnel.zh-CN.md。以 # 开头的行是默认值。',
      en: 'The settings of gatepost-tunnel.service, written by gatepost init; tunnel.md goes through it. Lines with # are defaults.',
    }),
    '',
    ...remark(language, {
      zh: '远端服务器，和那里只能转发端口的用户',
      en: 'The far server, and the user there that may do nothing but forward the port.',
    }),
    `FAR_HOST=${ssh.host}`,
    `FAR_USER=${ssh.user}`,
    `FAR_SSH_PORT=${ssh.port}`,
    '',
    ...remark(language, {
      zh: '远端收猫酷调用的端口，前面是它的网页服务器；后面是本机的 mallcoo.listen',
      en: "Where the far server takes Mallcoo's calls, behind its web server; and the gate's mallcoo.listen.",
    }),
    `FAR_LISTEN=127.0.0.1:${ssh.farPort}`,
    `GATE=${MALLCOO_LISTEN}`,
    '',
    '#KEY=/etc/gatepost/tunnel/id_ed25519',
    '#KNOWN_HOSTS=/etc/gatepost/tunnel/known_hosts',
    '#ALIVE_SECONDS=10',
    '#ALIVE_COUNT=3',
    '#CONNECT_SECONDS=15',
  ];
  return `${lines.join('\n')}\n`;
}
