/** The configuration file's one schema: types, defaults and the sentences of docs/CONFIG.md all come from here. */
import { z } from 'zod';
import type { DeviceId, LaneId, ParkId } from '../core/ids.ts';
import type { LineRule } from '../core/park/model.ts';
import { fill } from '../core/sentence.ts';
import { notices } from './schema-notices.ts';
import {
  allowRemote,
  folder,
  id,
  line,
  listen,
  type ReadSecret,
  SHORTEST_KEY,
  SHORTEST_TOKEN,
  secret,
  whole,
} from './schema-parts.ts';
import { internet, tunnel } from './schema-tunnel.ts';
import { WANTED } from './schema-words.ts';
import { readAmount } from './tariff/values.ts';
import { isBroker, isZone } from './values.ts';

const log = z.strictObject({
  format: z.enum(['text', 'json']).default('text').describe('Lines for people, or the same as JSON for machines.'),
  language: z.enum(['zh', 'en']).default('en').describe('The language of the sentences in the log.'),
  file: z
    .strictObject({
      path: folder()
        .default('/var/log/gatepost/gatepost.log')
        .describe('The file that is written; older ones lie beside it as `.1`, `.2`, ….')
        .meta({ label: 'path', wanted: 'a full path, for example /var/log/gatepost/gatepost.log' }),
      maxMiB: whole(1, 1_024).default(10).describe('When the file would grow beyond this it is put aside, in MiB.'),
      keep: whole(1, 99)
        .default(7)
        .describe('So many older files are kept: all of them take (keep + 1) · maxMiB at most.'),
    })
    .optional()
    .describe(
      'Writes the log to files too, besides standard output (the journal of systemd). `{}` takes the defaults.',
    ),
});

const path = (name: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9._~-]+(\/[A-Za-z0-9._~-]+)*$/)
    .default(name)
    .describe(`The path of the call \`${name}\`.`)
    .meta({
      label: 'path',
      wanted: fill(WANTED.callPath, { name }),
    });

const mallcoo = z.strictObject({
  listen: listen('127.0.0.1:8080').describe("Where Mallcoo's calls arrive, usually through the tunnel."),
  allowRemote: allowRemote(),
  basePath: z
    .string()
    .regex(/^(\/[A-Za-z0-9._~-]+)*$/)
    .default('')
    .describe("What stands before the calls' names in their path.")
    .meta({
      wanted: WANTED.basePath,
    }),
  paths: z
    .strictObject({
      info: path('GetParkingPaymentInfo'),
      pay: path('PayParkingFee'),
      traffic: path('GetTraffic'),
    })
    .prefault({})
    .describe("The calls' own paths below `basePath`, where a site has others than the standard's."),
  language: z.enum(['zh', 'en']).default('zh').describe("The language of an answer's `resMsg`."),
  maxBodyBytes: whole(1_024, 16_777_216).default(65_536).describe('A larger request body is refused, in bytes.'),
  limits: z
    .strictObject({
      queriesPerSecond: whole(1, 1_000_000)
        .default(50_000)
        .describe('More queries a second are answered with 429; payments are not counted.'),
      pendingPayments: whole(1, 100_000)
        .default(1_000)
        .describe('More payments that wait for the disk are told "busy"; half of `gateway.inbox` at most.'),
    })
    .prefault({})
    .describe('What keeps one noisy caller from taking the machine.'),
});

const local = z.strictObject({
  listen: listen('127.0.0.1:8081').describe("Where the health page and the operator's page are served."),
  allowRemote: allowRemote(),
});

function mqtt(read: ReadSecret) {
  return z.strictObject({
    broker: z
      .string()
      .refine(isBroker)
      .default('embedded')
      .describe("`embedded`: Gatepost is the devices' broker; or the URL of another broker.")
      .meta({
        wanted: WANTED.broker,
      }),
    listen: listen('127.0.0.1:8082').describe('Where the embedded broker waits for devices.'),
    allowRemote: allowRemote(),
    anonymous: z.boolean().default(false).describe('Lets devices into the embedded broker without a login.'),
    maxPacketBytes: whole(1_024, 268_435_456)
      .default(4_194_304)
      .describe('The embedded broker drops a device that sends a larger packet, in bytes; pictures are large.'),
    username: line().optional().describe("Gatepost's login at another broker."),
    password: secret(read, 1).optional().describe("Gatepost's password at another broker."),
  });
}

const store = z.strictObject({
  segmentMiB: whole(1, 256).default(4).describe("Size of one of the journal's files, in MiB."),
  snapshotEvery: whole(100, 10_000_000)
    .default(20_000)
    .describe('A snapshot is written after this many records; fewer make a start quicker and wear the disk more.'),
  keepClosedDays: whole(1, 3_650)
    .default(3)
    .describe('How long closed visits stay in memory before they move to the archive, in days.'),
  archiveDays: whole(1, 3_650)
    .default(400)
    .describe('How long closed visits and payments are kept in the archive, in days.'),
  keepTrafficDays: whole(1, 3_650).default(400).describe('How long passages can be counted, in days.'),
  keepJournalDays: whole(1, 3_650)
    .default(90)
    .describe('How long the journal is kept for people to look into, in days; the gate does not need it that long.'),
});

const gateway = z.strictObject({
  inbox: whole(1, 1_000_000)
    .default(10_000)
    .describe('Commands that may wait; when it is full, callers are told "busy".'),
  batch: whole(1, 100_000).default(512).describe('Commands that share one flush of the disk, at most.'),
});

const sheetFile = () =>
  line().meta({
    label: 'file',
    wanted: WANTED.sheet,
  });

/** One file, or several that each hold versions of one sheet. */
const tariff = z
  .union([sheetFile(), z.array(sheetFile()).min(1)])
  .describe('A price sheet beside this file, or the list of the files that hold its versions.')
  .meta({
    label: 'file, or list of files',
    wanted: WANTED.sheets,
  });

const passFile = () => line().meta({ label: 'file', wanted: WANTED.passFile });

/** One file, or several: those of the tenants, the staff's. */
const passes = z
  .union([passFile(), z.array(passFile()).min(1)])
  .describe(
    'Who has a monthly pass (月卡) or is on the whitelist (白名单): a CSV file beside this one, or a list of such files. ' +
      'See passes.md.',
  )
  .meta({ label: 'file, or list of files', wanted: WANTED.passFiles });

const vehicleClass = (colour: string) =>
  line().optional().describe(`The class of vehicles with a ${colour} plate.`).meta({
    label: 'class of the sheet',
    wanted: WANTED.vehicleClass,
  });

/** The colours of plates that a class can be named for. */
export const CLASS_COLOURS = ['blue', 'yellow', 'white', 'black', 'green', 'yellowGreen'] as const;
export type ClassColour = (typeof CLASS_COLOURS)[number];

/** The classes of vehicles by their plates' colours. */
const classes = z.strictObject({
  blue: vehicleClass('blue'),
  yellow: vehicleClass('yellow'),
  white: vehicleClass('white'),
  black: vehicleClass('black'),
  green: vehicleClass('green'),
  yellowGreen: vehicleClass('yellow and green'),
});

const amount = z.union([z.number(), z.string()]).meta({
  wanted: WANTED.amount,
});

const whenLineDown = z
  .union([z.enum(['hold', 'operator']), z.strictObject({ letOutUpTo: amount })])
  .transform((rule, context): LineRule => {
    if (typeof rule === 'string') return { type: rule };
    const upTo = readAmount(String(rule.letOutUpTo));
    if (upTo !== undefined && upTo > 0) return { type: 'letOut', upTo };
    context.addIssue({ code: 'custom', path: ['letOutUpTo'] });
    return z.NEVER;
  })
  .prefault('hold')
  .describe(
    'What an exit does with a vehicle that owes something while payments cannot reach the gate: `hold` it as ever, hold it ' +
      'and tell the `operator`, or let it out if it owes no more than so many yuan, and report that as uncollected.',
  )
  .meta({
    label: '`hold`, `operator`, `{ letOutUpTo: yuan }`',
    wanted: WANTED.lineRule,
  });

const lane = z.strictObject({
  id: id()
    .transform((text) => text as LaneId)
    .describe("The lane's name, its own within the park."),
  direction: z.enum(['in', 'out']).describe('Whether vehicles enter or leave here.'),
  readers: z
    .array(id().transform((text) => text as DeviceId))
    .min(1)
    .describe('The cameras and scanners of the lane, by the id of the device.')
    .meta({
      label: 'list of ids',
      wanted: WANTED.readers,
    }),
  barrier: z
    .strictObject({
      device: id()
        .transform((text) => text as DeviceId)
        .describe('The device whose output raises the arm.'),
      output: whole(0, 255).describe(
        "The output's number as the device counts: a camera's io from 0, a relay's from 1.",
      ),
    })
    .optional()
    .describe("The lane's arm; leave it out for a lane without one."),
  dedupeSeconds: whole(0, 3_600)
    .default(30)
    .describe('Readings of one vehicle within this many seconds are one passage.'),
  orderDeadlineSeconds: whole(1, 60)
    .default(5)
    .describe('An order to open that could not be sent within this many seconds is dropped: the car may have gone.'),
  whenLineDown,
});

function park(read: ReadSecret) {
  return z.strictObject({
    id: id()
      .transform((text) => text as ParkId)
      .describe("The car park's code: Mallcoo's `parkId`."),
    name: line().describe('What people call the car park.'),
    zone: z.string().refine(isZone).default('Asia/Shanghai').describe("The car park's time zone.").meta({
      wanted: WANTED.zone,
    }),
    tariff: z.string().describe('The price sheet: a key of `tariffs`.').meta({ label: 'key of tariffs' }),
    classes: classes
      .prefault({})
      .describe(
        'The classes of the price sheet by the colour of the plate; other vehicles pay the sheet itself. Where the camera ' +
          'tells no colour, a green plate is known by its form.',
      ),
    passes: passes.optional(),
    quoteMinutes: whole(0, 60).default(5).describe('How long a price that was shown is honoured, in minutes.'),
    waitingMinutes: whole(1, 1_440)
      .default(10)
      .describe('A vehicle held at an exit for longer is taken to have backed off, in minutes.'),
    lateNoticeMinutes: whole(0, 1_440)
      .default(30)
      .describe(
        "How long after the line came back payments may still be on their way, in minutes: the caller's retries. Exits do " +
          'as `whenLineDown` says so much longer.',
      ),
    mallcoo: z
      .strictObject({
        auth: z
          .discriminatedUnion('type', [
            z.strictObject({ type: z.literal('none').describe('How Mallcoo proves itself.') }),
            z.strictObject({
              type: z.literal('token'),
              token: secret(read, SHORTEST_TOKEN).describe(
                `The shared token, for \`type: token\`, ${SHORTEST_TOKEN} characters or more.`,
              ),
            }),
            z.strictObject({
              type: z.literal('sign'),
              appId: line().optional().describe('The `AppID` that callers send, for `type: sign`; any when left out.'),
              publicKey: line().describe('The `PublicKey` that callers send, for `type: sign`.'),
              privateKey: secret(read, SHORTEST_KEY).describe(
                `The key that signatures are made with, for \`type: sign\`, ${SHORTEST_KEY} characters or more.`,
              ),
              maxSkewSeconds: whole(1, 86_400)
                .default(300)
                .describe("How far a signature's `TimeStamp` and this clock may lie apart, in seconds."),
            }),
          ])
          .describe('How Mallcoo proves itself; `none` is for a tunnel that nobody else can reach.')
          .meta({
            secret: true,
            wanted: WANTED.auth,
          }),
        capDeduction: z
          .boolean()
          .default(false)
          .describe('Holds `deductionAmount` down to `unPayAmount` in answers; the standard does not.'),
        notices: notices(read).optional(),
      })
      .describe("What Mallcoo's calls for this car park need."),
    lanes: z.array(lane).min(1).describe('The ways in and out.').meta({ wanted: WANTED.lanes }),
  });
}

function device(read: ReadSecret) {
  return z.strictObject({
    id: id()
      .transform((text) => text as DeviceId)
      .describe("The device's name, its own within the file."),
    driver: z.string().describe('The model: one of the drivers below.').meta({ label: 'driver' }),
    username: line().optional().describe('The login that an MQTT device uses at the embedded broker.'),
    password: secret(read, 1).optional().describe('The password that an MQTT device uses at the embedded broker.'),
    port: folder().optional().describe("A serial device's port.").meta({
      label: 'path',
      wanted: WANTED.port,
    }),
    baudRate: whole(300, 4_000_000).optional().describe("A serial line's speed; the driver's own when left out."),
    options: z
      .record(z.string(), z.unknown())
      .prefault({})
      .describe("The driver's own options, listed below.")
      .meta({ label: 'options' }),
  });
}

/** The data folder where the file names none. */
export const STANDARD_DATA = '/var/lib/gatepost';

/** The schema of the file. What it yields is checked field by field; names that refer to others are not (see checks). */
export function configSchema(read: ReadSecret) {
  return z.strictObject({
    data: folder().default(STANDARD_DATA).describe('The folder of the journal and its snapshots.').meta({
      label: 'path',
      wanted: WANTED.data,
    }),
    log: log.prefault({}).describe('The log.'),
    mallcoo: mallcoo.prefault({}).describe("The server for Mallcoo's calls."),
    tunnel: tunnel.prefault({}).describe('The way from Mallcoo to the gate.'),
    internet: internet.prefault({}).describe('How the internet is told from a dead tunnel.'),
    local: local.prefault({}).describe('The server for this machine: health and the operator.'),
    mqtt: mqtt(read).prefault({}).describe('The broker that MQTT devices talk to.'),
    store: store.prefault({}).describe('What is kept on the disk.'),
    gateway: gateway.prefault({}).describe('The loop that everything passes through.'),
    tariffs: z
      .record(id(), tariff)
      .describe('The price sheets, each under a name of its own: files as tariffs.md describes them.')
      .meta({
        wanted: WANTED.tariffs,
      }),
    holidays: line()
      .optional()
      .describe('A file with further years of public holidays, as tariffs.md describes it.')
      .meta({
        label: 'file',
        wanted: WANTED.holidays,
      }),
    parks: z.array(park(read)).min(1).describe('The car parks.').meta({ wanted: WANTED.parks }),
    devices: z.array(device(read)).min(1).describe('The devices.').meta({ wanted: WANTED.devices }),
  });
}

/** The file's settings with defaults filled in, before names are resolved. */
export type Settings = z.output<ReturnType<typeof configSchema>>;
