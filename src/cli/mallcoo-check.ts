import { randomBytes } from 'node:crypto';
import { systemClock } from '../clock.ts';
import type { Sentence } from '../core/errors.ts';
import { normalisePlate } from '../core/plate.ts';
import { type Zone, zoneOf } from '../core/time.ts';
import { checkSite } from '../mallcoo-client/check/check.ts';
import type { Target } from '../mallcoo-client/check/clause.ts';
import { NO_PROOF, type Proof } from '../mallcoo-client/request.ts';
import { httpSend } from '../mallcoo-client/wire.ts';
import { jsonReport, resultText, summaryOf, summaryText } from './mallcoo-report.ts';
import { readArgs, say, type Terminal, UsageError } from './terminal.ts';

const HELP: Sentence = {
  zh: `用法：gatepost mallcoo check URL [选项]

像猫酷一样调用 URL 处的站点，每一条打印通过、不通过或跳过；不通过的连同发送和收到的内容。URL 是各调用名称之前的
地址，经过隧道与否都可以：https://park.example.com/mallcoo。退出码 0：没有不通过的；1：有不通过的；2：命令写错。

  --park P              parkId；站点有几个停车场时要写
  --plate 车牌          在场的测试车：只问它的费用，不入账
  --pay                 在测试车上入账：见下
  --token T             站点的 token
  --public-key K        与 --private-key-env 同用：像开放平台那样给每次调用签名
  --private-key-env N   私钥所在的环境变量名；私钥不写在命令行上
  --app-id A            签名调用的 AppID 头（空）
  --zone Z              停车场的时区（Asia/Shanghai）
  --timeout 秒          等待回答多久，1 到 120（10）
  --json                改为输出一个 JSON

对正在运行的站点无害。不加选项时，只查进出车流量、询问一辆不可能存在的车，并发送每个站点都必须拒绝的错误；给了 token
时还会试几个错的。--plate 询问那一辆车的费用。
--pay 只在那辆车上入账：几笔各 1 分、订单号为 CHECK… 的付款，然后用优惠付清其余费用，让它可以离场。还会发一条内容冲突
的通知和一条无对应车辆的通知：它们在站点当天的对账中显示为异常，请在对账中划掉。该车欠费须不少于 ¥0.06。
`,
  en: `usage: gatepost mallcoo check URL [options]

Has the conversation of the standard with the site at URL as Mallcoo would, and prints pass, fail or skip for each clause;
a failed one with what was sent and got. URL is the address before the calls' names, through the tunnel or not:
https://park.example.com/mallcoo. Exit code 0: nothing failed; 1: something failed; 2: called wrongly.

  --park P              the parkId; needed where the site has several parks
  --plate PLATE         a test car that is in the park: its fee is asked, nothing is booked
  --pay                 book money on the test car: see below
  --token T             the site's token
  --public-key K        with --private-key-env: sign each call as the open platform does
  --private-key-env N   the environment variable that holds the private key; it never stands on the command line
  --app-id A            the AppID header of a signed call (empty)
  --zone Z              the park's zone (Asia/Shanghai)
  --timeout SECONDS     how long an answer may take, 1 to 120 (10)
  --json                one JSON document instead

It does no harm to a site at work. Without options it asks only for passages, for a car that cannot exist, and makes
mistakes that every site has to refuse; some wrong tokens too, if one is given. --plate asks about that one car.
--pay books on that car, and on nothing else: some payments of 1 分 each in orders CHECK…, then the rest of its fee as a
coupon, so that it may leave. It also sends one conflicting notice and one for nobody: they stand as alarms in the
site's reconciliation of the day, and are to be struck out there. The car must owe ¥0.06 or more.
`,
};

export async function mallcooCheckCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, {
    help: { type: 'boolean', short: 'h' },
    park: { type: 'string' },
    plate: { type: 'string' },
    pay: { type: 'boolean', default: false },
    token: { type: 'string' },
    'public-key': { type: 'string' },
    'private-key-env': { type: 'string' },
    'app-id': { type: 'string', default: '' },
    zone: { type: 'string', default: 'Asia/Shanghai' },
    timeout: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
  });
  if (values.help) {
    terminal.out(say(terminal, HELP));
    return 0;
  }
  const [address, ...more] = positionals;
  if (address === undefined || more.length > 0)
    throw new UsageError({
      zh: '请写一个 URL，例如 http://127.0.0.1:8080',
      en: 'name one URL, like http://127.0.0.1:8080',
    });
  const url = readUrl(address);
  if (values.pay && values.plate === undefined)
    throw new UsageError({
      zh: '--pay 需要 --plate：在哪辆车上入账',
      en: '--pay needs --plate: the car that money is booked on',
    });
  const target: Target = {
    send: httpSend({ url, timeoutMs: readTimeout(values.timeout) }),
    proof: readProof(values.token, values['public-key'], values['private-key-env'], values['app-id']),
    parkId: values.park ?? null,
    plate: values.plate === undefined ? null : readPlate(values.plate),
    pay: values.pay,
    zone: readZone(values.zone),
    clock: systemClock,
    newOrderNo: () => `CHECK${systemClock.now()}${randomBytes(4).toString('hex').toUpperCase()}`,
  };
  if (!values.json) terminal.out(`gatepost mallcoo check ${url}\n`);
  const results = await checkSite(target, (result) => {
    if (!values.json) terminal.out(resultText(result, terminal.language));
  });
  const summary = summaryOf(results);
  const { language } = terminal;
  const text = values.json ? jsonReport(url, summary, results, language) : say(terminal, summaryText(summary));
  terminal.out(text);
  return summary.failed > 0 ? 1 : 0;
}

function readUrl(address: string): string {
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new UsageError({
      zh: `"${address}" 不是地址：请写成 http://127.0.0.1:8080 或 https://park.example.com/mallcoo 这样`,
      en: `"${address}" is no address: write it like http://127.0.0.1:8080 or https://park.example.com/mallcoo`,
    });
  }
  if (url.search !== '' || url.hash !== '') {
    const mark = url.search === '' ? '#' : '?';
    throw new UsageError({
      zh: `"${address}"：请去掉 "${mark}" 及其后的内容；token 写在 --token 里`,
      en: `"${address}": leave out what follows "${mark}"; a token goes into --token`,
    });
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError({
      zh: '标准中地址里没有用户名和密码；token 写在 --token 里',
      en: 'the standard knows no login in the address; a token goes into --token',
    });
  }
  return url.href.replace(/\/+$/, '');
}

function readTimeout(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 1 && seconds <= 120))
    throw new UsageError({
      zh: `--timeout ${text}：请写 1 到 120 的秒数`,
      en: `--timeout ${text}: write seconds from 1 to 120`,
    });
  return seconds * 1_000;
}

function readPlate(text: string): string {
  const plate = normalisePlate(text);
  if (plate === undefined)
    throw new UsageError({ zh: `--plate ${text}：这不是车牌`, en: `--plate ${text}: this is no number plate` });
  return plate;
}

function readZone(name: string): Zone {
  try {
    return zoneOf(name);
  } catch {
    throw new UsageError({
      zh: `--zone ${name}：没有这个时区；请写例如 Asia/Shanghai`,
      en: `--zone ${name}: there is no such zone; write one like Asia/Shanghai`,
    });
  }
}

function readProof(
  token: string | undefined,
  publicKey: string | undefined,
  keyVariable: string | undefined,
  appId: string,
): Proof {
  if (token !== undefined && (publicKey !== undefined || keyVariable !== undefined)) {
    throw new UsageError({
      zh: '--token 和 --public-key（连同 --private-key-env）只能选一种',
      en: 'give --token, or --public-key with --private-key-env, not both',
    });
  }
  if (token === '') throw new UsageError({ zh: '--token 是空的', en: '--token is empty' });
  if (token !== undefined) return { type: 'token', token, place: 'header' };
  if (publicKey === undefined && keyVariable === undefined) return NO_PROOF;
  if (publicKey === undefined || keyVariable === undefined) {
    throw new UsageError({
      zh: '--public-key 和 --private-key-env 要一起写',
      en: '--public-key and --private-key-env go together',
    });
  }
  const privateKey = process.env[keyVariable] ?? '';
  if (privateKey === '')
    throw new UsageError({
      zh: `--private-key-env ${keyVariable}：这个环境变量是空的，或没有设置`,
      en: `--private-key-env ${keyVariable}: that variable is empty or not set`,
    });
  return { type: 'sign', appId, publicKey, privateKey };
}
