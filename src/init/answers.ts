/** The answers from which `gatepost init` makes a site: the schema of the answers file, and what the interview yields. */
import { z } from 'zod';
import { configSchema } from '../config/schema.ts';
import {
  headerText,
  id,
  line,
  type ReadSecret,
  SHORTEST_KEY,
  SHORTEST_TOKEN,
  secret,
  whole,
} from '../config/schema-parts.ts';
import { readAmount } from '../config/tariff/values.ts';
import { pointFrom } from '../config/values.ts';
import type { DeviceId, LaneId } from '../core/ids.ts';
import type { Fen } from '../core/money.ts';

/** The configuration's own schema, for the values that are the same there. No secret is read through it. */
const CONFIG = configSchema(() => ({ text: '' })).shape;
const PARK = CONFIG.parks.element.shape;
const LANE = PARK.lanes.element.shape;
const DEVICE = CONFIG.devices.element.shape;

/** Devices are named after their lane (`scanner-…`), so that a lane's name must leave room. */
const LONGEST_LANE = 48;

const laneId = id()
  .max(LONGEST_LANE)
  .transform((text) => text as LaneId)
  .describe("The lane's name, its own within the park.")
  .meta({ label: 'id', wanted: `letters, digits, "-", "_" and ".", ${LONGEST_LANE} at most, for example in-1` });

const HEX4 = /^[0-9a-f]{4}$/;

/** Where a serial device is plugged in. */
const port = z
  .union([
    z.string().regex(/^\/dev\/[A-Za-z0-9._:/+@-]{1,200}$/),
    z.strictObject({
      vendor: z.string().regex(HEX4),
      product: z.string().regex(HEX4),
      serial: z.string().regex(/^[A-Za-z0-9#+.:=@_-]{1,64}$/),
    }),
    z.strictObject({ place: z.string().regex(/^[A-Za-z0-9.:,@+_-]{1,200}$/) }),
  ])
  .describe(
    'Where a serial device is plugged in: a path, or what udev is to know it by: the vendor, product and serial number of its USB ' +
      'chip, or the place of its socket, as it is named in /dev/serial/by-path. By either it gets the name /dev/gatepost/<device>.',
  )
  .meta({
    label: 'port',
    wanted:
      'a path such as /dev/ttyS0, or { vendor: "1eab", product: "1d06", serial: "AB12" }, or { place: "pci-0000:00:14.0-usb-0:3:1.0-port0" }',
  });

/** An amount in yuan above 0, as 分. */
const amount = z
  .union([z.number(), z.string()])
  .transform((value, context): Fen => {
    const read = readAmount(String(value));
    if (read !== undefined && read > 0) return read;
    context.addIssue({ code: 'custom' });
    return z.NEVER;
  })
  .meta({ label: 'yuan', wanted: 'an amount in yuan above 0, with two decimals at most, for example 5.00' });

function lane(read: ReadSecret) {
  return z.strictObject({
    id: laneId,
    direction: LANE.direction,
    camera: z
      .strictObject({
        driver: DEVICE.driver,
        options: DEVICE.options,
        password: secret(read, 1)
          .optional()
          .describe('The password of its login at the embedded broker; made up when left out, and shown once.'),
      })
      .optional()
      .describe("The lane's camera, an MQTT device; its name is cam-<lane>."),
    scanner: z
      .strictObject({ port, baudRate: DEVICE.baudRate })
      .optional()
      .describe("The lane's ticket scanner; its name is scanner-<lane>."),
    barrier: z
      .strictObject({
        camera: whole(0, 255).optional().describe("The camera's own output that raises the arm, from 0."),
        relay: id()
          .transform((text) => text as DeviceId)
          .optional()
          .describe('The relay board that raises the arm: one of `relays`.'),
        output: whole(1, 16).optional().describe('The relay on the board, from 1.'),
      })
      .optional()
      .describe('What raises the arm: the camera or a relay; leave it out for a lane without one.'),
    whenLineDown: LANE.whenLineDown,
  });
}

const relay = z.strictObject({
  id: id()
    .transform((text) => text as DeviceId)
    .describe("The board's name."),
  port,
});

function mqtt(read: ReadSecret) {
  return z.strictObject({
    broker: CONFIG.mqtt.unwrap().shape.broker,
    listen: z
      .string()
      .refine((text) => pointFrom(text) !== undefined)
      .optional()
      .describe('Where the embedded broker waits for the cameras: an address of this machine that they can reach.')
      .meta({ label: 'address:port', wanted: 'an address of this machine and a port, for example 192.168.1.10:1883' }),
    username: CONFIG.mqtt.unwrap().shape.username,
    password: secret(read, 1).optional().describe("Gatepost's password at another broker."),
  });
}

const tariff = z
  .strictObject({
    file: line().optional().describe('A price sheet that exists; it is copied beside the configuration.'),
    classes: PARK.classes,
    freeMinutes: whole(0, 1_440)
      .optional()
      .describe('A stay of up to so many minutes costs nothing; 15 when left out.'),
    perHour: amount.optional().describe('What a begun hour costs, in yuan.'),
    dayCap: amount.optional().describe('The most that 24 hours cost, in yuan; no bound when left out.'),
    leaveMinutes: whole(1, 120).optional().describe('The time to leave in, once it is paid; 15 minutes when left out.'),
  })
  .describe(
    'The prices: `file`, a sheet that you have, or `perHour` and the others, from which a simple one is written.',
  );

function mallcoo(read: ReadSecret) {
  const key = () => secret(read, SHORTEST_KEY);
  return z.strictObject({
    auth: z
      .discriminatedUnion('type', [
        z.strictObject({ type: z.literal('none').describe('How Mallcoo proves itself.') }),
        z.strictObject({
          type: z.literal('token'),
          token: secret(read, SHORTEST_TOKEN)
            .optional()
            .describe('The shared token; made up when left out, and shown once.'),
        }),
        z.strictObject({
          type: z.literal('sign'),
          appId: line().optional().describe('The `AppID` that callers send.'),
          publicKey: line().describe('The `PublicKey` that callers send.'),
          privateKey: key().describe('The key that signatures are made with.'),
        }),
      ])
      .describe('How Mallcoo proves itself.')
      .meta({ secret: true, wanted: '{ type: none }, or { type: token }, or { type: sign, … }' }),
    notices: z
      .strictObject({
        appId: headerText().describe('The `AppID` that Mallcoo gave the site.'),
        publicKey: headerText().describe('The `PublicKey` that Mallcoo gave the site.'),
        privateKey: key().describe('The key that notices are signed with.'),
      })
      .optional()
      .describe('Tells Mallcoo of each car that enters; nothing is told when left out.'),
  });
}

const ssh = z.strictObject({
  host: z
    .string()
    .regex(/^[A-Za-z0-9:][A-Za-z0-9.:-]{0,252}$/)
    .describe('The far server: a name or an IP address.')
    .meta({ label: 'host', wanted: 'a name or an IP address, for example 203.0.113.7' }),
  user: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9._-]{0,31}$/)
    .default('gatepost')
    .describe('The user there that may do nothing but forward the port.')
    .meta({ label: 'user', wanted: 'the name of a user, for example gatepost' }),
  port: whole(1, 65_535).default(22).describe("The ssh server's port there."),
  farPort: whole(1, 65_535).default(18_080).describe("The port on the far server's loopback that leads to the gate."),
});

/** The schema of the answers file. @param read where secrets come from, as for the configuration. */
export function answersSchema(read: ReadSecret) {
  return z.strictObject({
    park: z.strictObject({ id: PARK.id, name: PARK.name, zone: PARK.zone }).describe('The car park.'),
    lanes: z.array(lane(read)).min(1).describe('The ways in and out.').meta({ wanted: 'a list of one or more lanes' }),
    relays: z.array(relay).prefault([]).describe('The relay boards that raise arms.'),
    mqtt: mqtt(read).prefault({}).describe('The broker that the cameras talk to.'),
    tariff,
    mallcoo: mallcoo(read).describe("What Mallcoo's calls need."),
    tunnel: z
      .strictObject({
        publicUrl: CONFIG.tunnel.unwrap().shape.publicUrl,
        ssh: ssh.optional().describe('The tunnel by ssh; its settings are written to tunnel.env.'),
      })
      .prefault({})
      .describe('The way from Mallcoo to the gate.'),
  });
}

/** Answers that fit the schema, complete; secrets are in clear. */
export type Answers = z.output<ReturnType<typeof answersSchema>>;
/** Answers as a person writes them. */
export type Given = z.input<ReturnType<typeof answersSchema>>;
export type LaneAnswers = Answers['lanes'][number];
export type Port = z.output<typeof port>;
export type GivenPort = z.input<typeof port>;
