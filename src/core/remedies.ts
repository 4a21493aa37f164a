/** What a person does about a raised fault, in a line. `docs/ERRORS.md` says more; the types hold the table complete. */
import type { FaultCode, Sentence } from './errors.ts';

/** For each fault the first thing to do. Commands are to be typed as they stand. */
export const REMEDIES: Readonly<Record<FaultCode, Sentence>> = {
  CLOCK_BEHIND: {
    zh: '校准时钟：timedatectl set-ntp true；断电后总是走错，请更换主板电池',
    en: "set the clock: timedatectl set-ntp true; if it is wrong after each power cut, replace the mainboard's battery",
  },
  DEVICE_SILENT: {
    zh: '检查设备的电源和网线，再核对设备里的 MQTT 服务器地址、用户名和密码',
    en: "the device's power and network; then the address and login of the MQTT server in the device",
  },
  DEVICE_OFFLINE: {
    zh: '设备自己报告离线：检查设备的电源、网络和它的管理页面',
    en: 'the device itself says so: its power, its network, its own web page',
  },
  PORT_GONE: {
    zh: '检查串口线和电源；gatepost doctor --only serial 会说明端口在不在、谁占用了它',
    en: 'cable and power; gatepost doctor --only serial tells whether the port is there, and who holds it',
  },
  BROKER_GONE: {
    zh: '检查 MQTT 服务器那台机器；gatepost doctor --only mqtt 会逐步试连',
    en: "the broker's machine; gatepost doctor --only mqtt tries it step by step",
  },
  BARRIER_UNCERTAIN: {
    zh: '到现场看道闸；车还在的话，重新识别一次就会再次抬杆',
    en: 'look at the arm; if the vehicle still stands there, its next reading gives a new order',
  },
  BARRIER_REFUSED: {
    zh: '检查道闸所接的相机或继电器；同一设备若另有故障，先处理那个',
    en: 'the camera or relay that drives the arm; if that device has another fault, that one first',
  },
  CALENDAR_ENDS: {
    zh: '把国务院公布的放假安排写入配置中 holidays 所指的文件，再运行：gatepost reload',
    en: 'write the announced days to the file that holidays names in the configuration, then: gatepost reload',
  },
  AUTH_FAILING: {
    zh: '与猫酷核对令牌或密钥（parks[].mallcoo.auth）和双方时钟；不认识的地址，请在防火墙上挡住',
    en: 'compare token or key (parks[].mallcoo.auth) and clocks with Mallcoo; an address nobody knows: block it',
  },
  INTERNET_DOWN: {
    zh: '在本机试：nc -vz 223.5.5.5 53；不通则检查路由器、网线和运营商',
    en: 'from this machine: nc -vz 223.5.5.5 53; if that fails, the router, its cable, the provider',
  },
  TUNNEL_DOWN: {
    zh: '先看 systemctl status gatepost-tunnel，再运行 gatepost doctor --only tunnel，它会说明断在哪一段',
    en: 'systemctl status gatepost-tunnel, then gatepost doctor --only tunnel: it tells where the way ends',
  },
  MALLCOO_UNREACHABLE: {
    zh: '运行 gatepost doctor --only notices：地址、DNS、TLS 逐步检查；都正常则询问猫酷',
    en: 'gatepost doctor --only notices looks at address, DNS and TLS; if all is fine, ask Mallcoo',
  },
  MALLCOO_REFUSING: {
    zh: '按猫酷的回答处理：核对密钥、车场编号和本机时钟；仍不行则把回答发给猫酷',
    en: "go by Mallcoo's answer: keys, the park's code, this machine's clock; then ask Mallcoo with that answer",
  },
  INBOX_FULL: {
    zh: '磁盘太慢或有人频繁调用：gatepost doctor --only fsync 测磁盘，gatepost log 看是谁在调用',
    en: 'a slow disk or a caller that floods: gatepost doctor --only fsync measures the disk, gatepost log tells who calls',
  },
  RECORD_BAD: {
    zh: '保留数据目录中 aside/ 里的文件，检查磁盘：dmesg、smartctl -a',
    en: 'keep the file in aside/ of the data folder, and check the disk: dmesg, smartctl -a',
  },
  JOURNAL_SHORT: {
    zh: '在备份里找丢失的账本文件，检查磁盘，并与猫酷核对当天的付款：gatepost payments',
    en: 'look for the lost file in a backup, check the disk, compare the payments of that day: gatepost payments',
  },
  DISK_FULL: {
    zh: '给数据目录所在磁盘腾出空间：df -h，journalctl --vacuum-size=200M，apt-get clean',
    en: "make room on the data folder's disk: df -h, journalctl --vacuum-size=200M, apt-get clean",
  },
  SNAPSHOT_BAD: {
    zh: '检查磁盘：dmesg、smartctl -a；写出下一个快照后自动解除',
    en: 'check the disk: dmesg, smartctl -a; it clears with the next snapshot',
  },
  SNAPSHOT_FAILED: {
    zh: '检查数据目录的空间和权限：gatepost doctor --only data',
    en: 'room and rights of the data folder: gatepost doctor --only data',
  },
  ARCHIVE_BAD: {
    zh: '停下道闸程序，从备份恢复归档文件，并检查磁盘：dmesg、smartctl -a',
    en: 'stop the gate, bring the file back from a backup, and check the disk: dmesg, smartctl -a',
  },
  ARCHIVE_FAILED: {
    zh: '检查数据目录的空间和权限：gatepost doctor --only data；每小时自动重试',
    en: 'room and rights of the data folder: gatepost doctor --only data; it is tried again every hour',
  },
  NOTICE_DEAD: {
    zh: 'gatepost outbox 列出原因；改好后 gatepost outbox retry --all，不必再发的用 gatepost outbox drop',
    en: 'gatepost outbox lists the reasons; once mended gatepost outbox retry --all, else gatepost outbox drop',
  },
  LOG_FAILED: {
    zh: '检查日志目录的空间和权限：gatepost doctor --only log',
    en: "room and rights of the log's folder: gatepost doctor --only log",
  },
  RELOAD_REFUSED: {
    zh: 'gatepost check 配置文件 会列出所有错误；改好后：gatepost reload',
    en: 'gatepost check FILE lists every mistake; correct them, then: gatepost reload',
  },
  PAYMENT_CONFLICT: {
    zh: '与猫酷核对该订单的两次通知哪次正确：gatepost payments',
    en: 'find out with Mallcoo which of the two notices of the order is right: gatepost payments',
  },
  PAYMENT_UNMATCHED: {
    zh: '与猫酷核对这笔付款属于哪辆车：gatepost payments',
    en: 'find out with Mallcoo which vehicle was paid for: gatepost payments',
  },
};
