/** The configuration of the notices to Mallcoo (1.4): a part of the one schema. */
import { z } from 'zod';
import { headerText, line, type ReadSecret, SHORTEST_KEY, secret, whole } from './schema-parts.ts';
import { isWebUrl } from './values.ts';

const url = () =>
  z
    .string()
    .refine(isWebUrl)
    .meta({ label: 'URL', wanted: { zh: 'URL，例如 https://host/path', en: 'a URL, for example https://host/path' } });

const field = (name: string) =>
  line()
    .default(name)
    .describe(`The field that takes ${FIELDS[name]}.`)
    .meta({ label: 'name', wanted: { zh: `字段名，例如 ${name}`, en: `the name of a field, for example ${name}` } });

const FIELDS: Readonly<Record<string, string>> = {
  ParkCode: "the car park's code",
  PlateNo: 'the plate',
  OutTime: 'the local time of the departure',
  TradeID: "the visit's id, which is the `feeId` of the calls",
};

/** The exit notice: the standard has none, so that its address and its fields are the site's. */
const exit = z
  .strictObject({
    url: url().describe('Where departures are told.'),
    fields: z
      .strictObject({
        parkCode: field('ParkCode'),
        plateNo: field('PlateNo'),
        outTime: field('OutTime'),
        tradeId: field('TradeID'),
      })
      .prefault({})
      .describe('The names of its fields.'),
  })
  .optional()
  .describe(
    'Tells Mallcoo of each car that leaves, too; the standard knows no such notice, so it is off when left out.',
  );

/** What the notices of one park need. */
export function notices(read: ReadSecret) {
  return z
    .strictObject({
      url: url()
        .default('https://openapi10.mallcoo.cn/Parking/V1/EnterInfoNotify/')
        .describe('Where entries are told.'),
      parkCode: line().optional().describe("The car park's code at Mallcoo; the park's `id` when left out."),
      appId: headerText().describe('The `AppID` that Mallcoo gave the site.'),
      publicKey: headerText().describe('The `PublicKey` that Mallcoo gave the site.'),
      privateKey: secret(read, SHORTEST_KEY).describe('The key that notices are signed with.'),
      plateEncoding: z
        .enum(['raw', 'url'])
        .default('raw')
        .describe('How the plate is written: as it is, or URL-encoded, as some receivers want it.'),
      unplated: line().default('无牌车').describe('What `PlateNo` says of a car that came in with a ticket.'),
      timeoutSeconds: whole(1, 120).default(10).describe('How long an answer is waited for, in seconds.'),
      perSecond: whole(1, 1_000)
        .default(5)
        .describe('Notices sent in a second at most, so that the backlog of an outage does not flood the receiver.'),
      giveUpDays: whole(1, 90)
        .default(7)
        .describe('A notice that could not be told for so long goes to the dead letters, in days.'),
      exit,
    })
    .describe('Tells Mallcoo of each car that enters (1.4); nothing is told when left out.');
}
