/** The settings of the way to Mallcoo: the tunnel and the internet. */
import { z } from 'zod';
import { whole } from './schema-parts.ts';
import { isHop, isPublicUrl, pointFrom } from './values.ts';

const publicUrl = z
  .string()
  .refine(isPublicUrl)
  .optional()
  .describe(
    "The address that Mallcoo calls, before the calls' names; the gate calls it too, and tells when nothing comes back. " +
      'Without it nobody notices a dead tunnel.',
  )
  .meta({
    label: 'https address',
    wanted: {
      zh: 'https 地址，不带登录信息、"?" 或 "#"，例如 https://park.example.com/parking；http:// 只能用于本机',
      en: 'an https address without a login, "?" or "#", for example https://park.example.com/parking; http:// is for this machine only',
    },
  });

const hop = z
  .string()
  .refine(isHop)
  .meta({
    label: 'address or network',
    wanted: {
      zh: 'IP 地址或网段，例如 127.0.0.1 或 10.8.0.0/24',
      en: 'an IP address or a network, for example 127.0.0.1 or 10.8.0.0/24',
    },
  });

export const tunnel = z.strictObject({
  publicUrl,
  probeSeconds: whole(10, 3_600)
    .default(30)
    .describe('From one call to the own public address to the next, in seconds.'),
  probeTimeoutSeconds: whole(1, 60).default(10).describe('How long such a call may take, in seconds.'),
  trustedHops: z
    .array(hop)
    .default([])
    .describe(
      "The proxies in front of the gate: from them alone a caller's address in `X-Forwarded-For` (or a PROXY header) is " +
        'believed. Where the web server stands at the far end of the tunnel, the hop that the gate sees is 127.0.0.1.',
    )
    .meta({
      label: 'list of addresses or networks',
      wanted: { zh: '列表，例如 [127.0.0.1, 10.8.0.0/24]', en: 'a list, for example [127.0.0.1, 10.8.0.0/24]' },
    }),
  proxyProtocol: z
    .boolean()
    .default(false)
    .describe(
      'Every connection of a trusted hop begins with a PROXY header, version 1 or 2, as frp and HAProxy send it.',
    ),
  restartFile: z
    .string()
    .regex(/^\/[^\0]*$/)
    .optional()
    .describe(
      'A file that is written to when the tunnel has been down for long: a unit that watches it restarts the tunnel.',
    )
    .meta({
      label: 'path',
      wanted: {
        zh: '完整路径，例如 /run/gatepost/restart-tunnel',
        en: 'a full path, for example /run/gatepost/restart-tunnel',
      },
    }),
  restartAfterSeconds: whole(10, 86_400)
    .default(120)
    .describe('How long the tunnel has to be down before that, in seconds; then twice as long, up to half an hour.'),
});

const point = z
  .string()
  .transform((text, context) => {
    const found = pointFrom(text);
    if (found !== undefined) return found;
    context.addIssue({ code: 'custom' });
    return z.NEVER;
  })
  .meta({
    label: 'address:port',
    wanted: {
      zh: 'IP 地址和端口，例如 223.5.5.5:53；域名需要 DNS，不能用',
      en: 'an IP address and a port, for example 223.5.5.5:53; a name would need DNS',
    },
  });

export const internet = z.strictObject({
  check: z
    .array(point)
    .prefault(['223.5.5.5:53', '119.29.29.29:53'])
    .describe(
      'Where a TCP connection is tried when something fails; the internet is there when one of them takes it. An empty ' +
        'list: its absence is never told.',
    )
    .meta({
      label: 'list of address:port',
      wanted: {
        zh: '列表，例如 [223.5.5.5:53, 119.29.29.29:53]',
        en: 'a list, for example [223.5.5.5:53, 119.29.29.29:53]',
      },
    }),
});
