/**
 * The Chinese of the reference's sentences, by the English ones: a sentence of the schema that is reworded is missing
 * here, and a test says so. A driver's options bring their own along (`.meta({ zh })`).
 */
export const MEANINGS: Readonly<Record<string, string>> = {
  'The folder of the journal and its snapshots.': '日志账本和快照所在的文件夹。',
  'The log.': '日志。',
  'Lines for people, or the same as JSON for machines.': '给人看的文本行，或给机器用的 JSON。',
  'The language of the sentences in the log.': '日志中语句的语言。',
  'Writes the log to files too, besides standard output (the journal of systemd). `{}` takes the defaults.':
    '除标准输出（systemd 的日志）外，也把日志写到文件。`{}` 表示用默认值。',
  'The file that is written; older ones lie beside it as `.1`, `.2`, ….':
    '写入的文件；旧文件在旁边，名为 `.1`、`.2` 等。',
  'When the file would grow beyond this it is put aside, in MiB.': '文件将超过此大小时换新文件，单位 MiB。',
  'So many older files are kept: all of them take (keep + 1) · maxMiB at most.':
    '保留的旧文件数：全部文件最多占 (keep + 1) · maxMiB。',
  'Who has a monthly pass (月卡) or is on the whitelist (白名单): a CSV file beside this one, or a list of such files. See passes.md.':
    '谁有月卡、谁在白名单：本文件旁的 CSV 文件，或这类文件的列表。见 passes.md。',
  "The server for Mallcoo's calls.": '接收猫酷调用的服务。',
  "Where Mallcoo's calls arrive, usually through the tunnel.": '猫酷的调用到达的地址，通常经过隧道。',
  'Allows `listen` to be an address that other machines can reach.': '允许 `listen` 使用其他机器能访问的地址。',
  "What stands before the calls' names in their path.": '接口路径中，接口名之前的部分。',
  "The calls' own paths below `basePath`, where a site has others than the standard's.":
    '`basePath` 之下各接口的路径，用于与标准不同的场地。',
  'The path of the call `GetParkingPaymentInfo`.': '接口 `GetParkingPaymentInfo` 的路径。',
  'The path of the call `PayParkingFee`.': '接口 `PayParkingFee` 的路径。',
  'The path of the call `GetTraffic`.': '接口 `GetTraffic` 的路径。',
  "The language of an answer's `resMsg`.": '应答中 `resMsg` 的语言。',
  'A larger request body is refused, in bytes.': '更大的请求体会被拒绝，单位字节。',
  'What keeps one noisy caller from taking the machine.': '防止某个频繁的调用方占满本机。',
  'More queries a second are answered with 429; payments are not counted.':
    '每秒查询更多时应答 429；缴费通知不计在内。',
  'More payments that wait for the disk are told "busy"; half of `gateway.inbox` at most.':
    '等待写盘的缴费更多时应答“繁忙”；最多为 `gateway.inbox` 的一半。',
  'The way from Mallcoo to the gate.': '从猫酷到网关的通路。',
  "The address that Mallcoo calls, before the calls' names; the gate calls it too, and tells when nothing comes back. Without it nobody notices a dead tunnel.":
    '猫酷调用的地址，不含接口名；网关也会调用它，没有回来时报出故障。不写就没有人发现隧道中断。',
  'From one call to the own public address to the next, in seconds.': '对自己公网地址的两次调用之间的间隔，单位秒。',
  'How long such a call may take, in seconds.': '这样一次调用最多多久，单位秒。',
  "The proxies in front of the gate: from them alone a caller's address in `X-Forwarded-For` (or a PROXY header) is believed. Where the web server stands at the far end of the tunnel, the hop that the gate sees is 127.0.0.1.":
    '网关前面的代理：只相信它们在 `X-Forwarded-For`（或 PROXY 头）中给出的调用方地址。网页服务器在隧道另一端时，网关看到的是 127.0.0.1。',
  'Every connection of a trusted hop begins with a PROXY header, version 1 or 2, as frp and HAProxy send it.':
    '可信代理的每个连接都以 PROXY 头（版本 1 或 2）开头，frp 和 HAProxy 会这样发送。',
  'A file that is written to when the tunnel has been down for long: a unit that watches it restarts the tunnel.':
    '隧道中断已久时会写入的文件：监视它的单元会重启隧道。',
  'How long the tunnel has to be down before that, in seconds; then twice as long, up to half an hour.':
    '隧道中断多久才写入，单位秒；之后每次加倍，最多半小时。',
  'How the internet is told from a dead tunnel.': '怎样区分互联网不通和隧道中断。',
  'Where a TCP connection is tried when something fails; the internet is there when one of them takes it. An empty list: its absence is never told.':
    '有东西不通时尝试建立 TCP 连接的地址；有一个能连上就说明互联网是通的。列表为空时从不报互联网不通。',
  'The server for this machine: health and the operator.': '供本机使用的服务：运行状况和操作员。',
  "Where the health page and the operator's page are served.": '状态页和操作员页面的地址。',
  'The broker that MQTT devices talk to.': 'MQTT 设备连接的服务器。',
  "`embedded`: Gatepost is the devices' broker; or the URL of another broker.":
    '`embedded`：由 Gatepost 充当 MQTT 服务器；或写其他服务器的 URL。',
  'Where the embedded broker waits for devices.': '内置 MQTT 服务器等待设备的地址。',
  'Lets devices into the embedded broker without a login.': '允许设备不登录就连接内置 MQTT 服务器。',
  'The embedded broker drops a device that sends a larger packet, in bytes; pictures are large.':
    '设备发来更大的报文时，内置服务器会断开它，单位字节；图片很大。',
  "Gatepost's login at another broker.": 'Gatepost 在其他 MQTT 服务器上的用户名。',
  "Gatepost's password at another broker.": 'Gatepost 在其他 MQTT 服务器上的密码。',
  'What is kept on the disk.': '磁盘上保存什么。',
  "Size of one of the journal's files, in MiB.": '日志账本每个文件的大小，单位 MiB。',
  'A snapshot is written after this many records; fewer make a start quicker and wear the disk more.':
    '每隔多少条记录写一次快照；越少启动越快，磁盘磨损越大。',
  'How long closed visits stay in memory before they move to the archive, in days.':
    '已结束的停车在内存中保留多久才移到归档，单位天。',
  'How long closed visits and payments are kept in the archive, in days.': '停车和付款在归档中保留多久，单位天。',
  'How long passages can be counted, in days.': '过车记录可以统计多久，单位天。',
  'How long the journal is kept for people to look into, in days; the gate does not need it that long.':
    '日志账本为供人查看而保留多久，单位天；网关自己不需要这么久。',
  'The loop that everything passes through.': '一切都要经过的处理循环。',
  'Commands that may wait; when it is full, callers are told "busy".': '可以等待的指令数；满了就应答“繁忙”。',
  'Commands that share one flush of the disk, at most.': '一次写盘最多合并多少条指令。',
  'The price sheets, each under a name of its own: files as tariffs.md describes them.':
    '价格表，各有自定的名称：文件的写法见 tariffs.md。',
  'A file with further years of public holidays, as tariffs.md describes it.':
    '补充其他年份节假日的文件，写法见 tariffs.md。',
  'The car parks.': '停车场。',
  "The car park's code: Mallcoo's `parkId`.": '停车场编号：猫酷的 `parkId`。',
  'What people call the car park.': '停车场的名称。',
  "The car park's time zone.": '停车场的时区。',
  'The price sheet: a key of `tariffs`.': '价格表：`tariffs` 中的一个名称。',
  'The classes of the price sheet by the colour of the plate; other vehicles pay the sheet itself. Where the camera tells no colour, a green plate is known by its form.':
    '按车牌颜色对应价格表中的车型；其他车辆按价格表本身收费。相机不给出颜色时，绿牌按号码形式识别。',
  'The class of vehicles with a blue plate.': '蓝牌车的车型。',
  'The class of vehicles with a yellow plate.': '黄牌车的车型。',
  'The class of vehicles with a white plate.': '白牌车的车型。',
  'The class of vehicles with a black plate.': '黑牌车的车型。',
  'The class of vehicles with a green plate.': '绿牌车的车型。',
  'The class of vehicles with a yellow and green plate.': '黄绿牌车的车型。',
  'How long a price that was shown is honoured, in minutes.': '报出的价格保持多久有效，单位分钟。',
  'A vehicle held at an exit for longer is taken to have backed off, in minutes.':
    '车辆在出口拦停超过此时间，视为已倒车离开，单位分钟。',
  "How long after the line came back payments may still be on their way, in minutes: the caller's retries. Exits do as `whenLineDown` says so much longer.":
    '线路恢复后，缴费通知还可能在路上多久（调用方重试），单位分钟。在此期间出口仍按 `whenLineDown` 处理。',
  "What Mallcoo's calls for this car park need.": '猫酷对此停车场的调用所需的设置。',
  'How Mallcoo proves itself; `none` is for a tunnel that nobody else can reach.':
    '猫酷怎样证明身份；`none` 用于别人进不来的隧道。',
  'How Mallcoo proves itself.': '猫酷怎样证明身份。',
  'The shared token, for `type: token`, 16 characters or more.': '共用的令牌，用于 `type: token`，至少 16 个字符。',
  'The `AppID` that callers send, for `type: sign`; any when left out.':
    '调用方发送的 `AppID`，用于 `type: sign`；不写则不限。',
  'The `PublicKey` that callers send, for `type: sign`.': '调用方发送的 `PublicKey`，用于 `type: sign`。',
  'The key that signatures are made with, for `type: sign`, 16 characters or more.':
    '计算签名的密钥，用于 `type: sign`，至少 16 个字符。',
  "How far a signature's `TimeStamp` and this clock may lie apart, in seconds.":
    '签名的 `TimeStamp` 与本机时钟最多相差多少，单位秒。',
  'Holds `deductionAmount` down to `unPayAmount` in answers; the standard does not.':
    '应答中让 `deductionAmount` 不超过 `unPayAmount`；标准没有这样规定。',
  'Tells Mallcoo of each car that enters (1.4); nothing is told when left out.':
    '把每次进场通知猫酷（1.4）；不写则不通知。',
  'Where entries are told.': '通知进场的地址。',
  "The car park's code at Mallcoo; the park's `id` when left out.": '停车场在猫酷的编号；不写则用停车场的 `id`。',
  'The `AppID` that Mallcoo gave the site.': '猫酷给本场的 `AppID`。',
  'The `PublicKey` that Mallcoo gave the site.': '猫酷给本场的 `PublicKey`。',
  'The key that notices are signed with.': '给通知签名的密钥。',
  'How the plate is written: as it is, or URL-encoded, as some receivers want it.':
    '车牌怎样写：原样，或 URL 编码（有的接收方需要）。',
  'What `PlateNo` says of a car that came in with a ticket.': '持票进场的车，`PlateNo` 写什么。',
  'How long an answer is waited for, in seconds.': '等待应答多久，单位秒。',
  'Notices sent in a second at most, so that the backlog of an outage does not flood the receiver.':
    '每秒最多发送多少条通知，以免中断后的积压冲垮接收方。',
  'A notice that could not be told for so long goes to the dead letters, in days.':
    '通知多久送不到就不再发送，单位天。',
  'Tells Mallcoo of each car that leaves, too; the standard knows no such notice, so it is off when left out.':
    '也把每次离场通知猫酷；标准没有这种通知，不写则不通知。',
  'Where departures are told.': '通知离场的地址。',
  'The names of its fields.': '其字段的名称。',
  "The field that takes the car park's code.": '填停车场编号的字段。',
  'The field that takes the plate.': '填车牌的字段。',
  'The field that takes the local time of the departure.': '填离场当地时间的字段。',
  "The field that takes the visit's id, which is the `feeId` of the calls.": '填停车编号的字段，即各接口中的 `feeId`。',
  'The ways in and out.': '出入口车道。',
  "The lane's name, its own within the park.": '车道名称，在停车场内不重复。',
  'Whether vehicles enter or leave here.': '车辆在这里进还是出。',
  'The cameras and scanners of the lane, by the id of the device.': '车道的相机和扫码器，写设备的 id。',
  "The lane's arm; leave it out for a lane without one.": '车道的道闸；没有道闸则不写。',
  'The device whose output raises the arm.': '由哪个设备的输出抬杆。',
  "The output's number as the device counts: a camera's io from 0, a relay's from 1.":
    '输出的编号，按设备的数法：相机的 io 从 0 起，继电器从 1 起。',
  'Readings of one vehicle within this many seconds are one passage.': '同一车辆在此秒数内的多次识别算一次过车。',
  'An order to open that could not be sent within this many seconds is dropped: the car may have gone.':
    '抬杆指令在此秒数内发不出去就放弃：车可能已经走了。',
  'What an exit does with a vehicle that owes something while payments cannot reach the gate: `hold` it as ever, hold it and tell the `operator`, or let it out if it owes no more than so many yuan, and report that as uncollected.':
    '收不到缴费时，出口怎样处理欠费车辆：照常拦停（`hold`），拦停并告知操作员（`operator`），或欠费不超过若干元时放行并记为未收。',
  'The devices.': '设备。',
  "The device's name, its own within the file.": '设备名称，在文件内不重复。',
  'The model: one of the drivers below.': '型号：下面的驱动之一。',
  'The login that an MQTT device uses at the embedded broker.': 'MQTT 设备在内置服务器上的用户名。',
  'The password that an MQTT device uses at the embedded broker.': 'MQTT 设备在内置服务器上的密码。',
  "A serial device's port.": '串口设备的端口。',
  "A serial line's speed; the driver's own when left out.": '串口速率；不写则用驱动自己的。',
  "The driver's own options, listed below.": '驱动自己的选项，见下文。',
};

/** The types of settings, by their English names. */
export const TYPES: Readonly<Record<string, string>> = {
  path: '路径',
  group: '分组',
  text: '文本',
  list: '列表',
  file: '文件',
  id: '编号',
  name: '名称',
  secret: '密钥',
  driver: '驱动',
  options: '选项',
  URL: 'URL',
  'address:port': '地址:端口',
  'https address': 'https 地址',
  'address or network': '地址或网段',
  'list of addresses or networks': '地址或网段的列表',
  'list of address:port': '地址:端口的列表',
  'list of ids': '编号的列表',
  'file, or list of files': '文件，或文件列表',
  'class of the sheet': '价格表的车型',
  'key of tariffs': 'tariffs 中的名称',
  'whole number': '整数',
  number: '数字',
  '`hold`, `operator`, `{ letOutUpTo: yuan }`': '`hold`、`operator`、`{ letOutUpTo: 元 }`',
};

export const INTRODUCTION = `# 配置

Gatepost 读一个文件。[example.yaml](example.yaml) 是一个完整的例子，可以从它改起；\`gatepost check 文件\` 一次列出文件中的所有错误，
每处都有行号、现有内容和应写的内容。英文版：[CONFIG.md](CONFIG.md)。

- 文件是 YAML 1.2。\`no\`、\`off\`、\`12:30\` 和日期都是文本；只有 \`true\` 和 \`false\` 是真假值。全由数字组成的文本（例如编号）要加引号。
  不使用锚点和标签。这里没有列出的配置项都是错误。
- **密钥**是文本本身；或 \`{ credential: NAME }\`，即配置文件旁的文件 \`credentials/NAME\`，只有 root 能读，由 systemd 交给服务
  （[service.zh-CN.md](service.zh-CN.md#密钥)）；或 \`{ env: NAME }\`（环境变量）；或 \`{ file: PATH }\`（文件；不是完整路径时，从配置文件所在的文件夹找起）。
- 价格的单位是**元**，最多两位小数，\`5\` 或 \`5.00\`。内部按分保存。
- 时长、大小和数量都是整数，单位在名称里。
- 其他机器能访问的**地址:端口**，旁边需要 \`allowRemote: true\`；IPv6 写作 \`[::1]:8080\`。

本页由 \`npm run docs\` 从配置的结构生成。
`;
