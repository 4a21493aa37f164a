/** What the demo tells when it stays up: how a person plays on. */
import type { Sentence } from '../core/errors.ts';
import { DEMO_CAMERAS, DEMO_PARK } from '../demo/config.ts';
import { ownCommand } from './packed.ts';

interface DemoPorts {
  readonly mallcoo: number;
  readonly local: number;
  /** Null without a broker of its own, which the demo has. */
  readonly mqtt: number | null;
  readonly page: number;
}

const PLATE = '粤A12345';
const LICENSE = Buffer.from(PLATE).toString('base64');

/** @param past a moment of the past, in seconds since 1970, at which the second car came. */
export function playOnText(ports: DemoPorts, past: number): Sentence {
  const { mallcoo, local, mqtt, page } = ports;
  const message = (sn: string, extra: string): string =>
    `'{"sn":"${sn}","name":"ivs_result","version":"1.0","payload":{"AlarmInfoPlate":{"result":{"PlateResult":{"license":"${LICENSE}"${extra}}}}}}'`;
  const publish = (sn: string, extra = ''): string =>
    `mosquitto_pub -h 127.0.0.1 -p ${mqtt} -q 1 -t device/${sn}/message/up/ivs_result -m ${message(sn, extra)}`;
  const post = (name: string, fields: string): string =>
    `curl -s http://127.0.0.1:${mallcoo}/${name} -d '{"parkId":"${DEMO_PARK}",${fields}}'; echo`;
  const watch = `mosquitto_sub -h 127.0.0.1 -p ${mqtt} -t 'device/+/message/down/#' -v`;
  const enter = publish(DEMO_CAMERAS.in);
  const earlier = publish(DEMO_CAMERAS.in, `,"isoffline":1,"timeStamp":{"Timeval":{"sec":${past},"usec":0}}`);
  const ask = post('GetParkingPaymentInfo', `"plateNo":"${PLATE}"`);
  const paid = `"plateNo":"${PLATE}","orderNo":"A1","amount":1000,"deductionAmount":0,"payType":3`;
  const pay = post('PayParkingFee', paid);
  const leave = publish(DEMO_CAMERAS.out);
  const health = `curl -s http://127.0.0.1:${local}/healthz; echo`;
  const check = `${ownCommand()} mallcoo check http://127.0.0.1:${mallcoo}`;
  return {
    zh: `
演示继续运行。扮演车主：http://127.0.0.1:${page}/
或在终端里操作（${LICENSE} 是 ${PLATE} 的 base64）：

  # 一辆车进场；看道闸收到的指令：${watch}
  ${enter}
  # 或者它两小时前就已进场，需要缴费
  ${earlier}
  # 猫酷查询费用，再通知已付款
  ${ask}
  ${pay}
  # 离场
  ${leave}
  # 网关状态；浏览器：http://127.0.0.1:${local}/
  ${health}
  # 逐条检查是否符合猫酷的标准；加 --plate ${PLATE} --pay 会在那辆车上入账
  ${check}

没有 mosquitto_pub 时，也可以用 "npx mqtt pub -h … -p … -q 1 -t … -m …"。Ctrl-C 结束演示。
`,
    en: `
It stays up. Play on, as the driver: http://127.0.0.1:${page}/
Or from a terminal (${PLATE} is ${LICENSE} in base64):

  # a car comes in; watch the arm with: ${watch}
  ${enter}
  # or it came two hours ago, and there is a fee to pay
  ${earlier}
  # Mallcoo asks the fee, and tells that it is paid
  ${ask}
  ${pay}
  # it leaves
  ${leave}
  # how the gate is; in a browser: http://127.0.0.1:${local}/
  ${health}
  # whether it keeps Mallcoo's standard, clause by clause; with --plate ${PLATE} --pay it books on that car, too
  ${check}

Without mosquitto_pub: npx mqtt pub -h … -p … -q 1 -t … -m … does the same. Ctrl-C ends the demo.
`,
  };
}
