/** What belongs to a configuration file: what it names, also where it could not be used as it is. */

import { configSchema, STANDARD_DATA } from './schema.ts';
import { type ReadSecret, SHORTEST_KEY, SHORTEST_TOKEN } from './schema-parts.ts';
import type { SecretReference } from './secrets.ts';
import { readSource, valueAt } from './source.ts';

export interface SiteFiles {
  /** The data folder. */
  readonly data: string;
  readonly parks: readonly string[];
  /** Price sheets, holidays and passes, as they are named: beside the file, or from / on. */
  readonly named: readonly string[];
  /** Every secret, each once; a text is one that stands in the file in clear. */
  readonly secrets: readonly SecretReference[];
  /** Of the devices with a port of their own. */
  readonly ports: readonly { readonly device: string; readonly port: string }[];
  /** Where servers listen: the setting, and the address as it is written. */
  readonly listens: readonly { readonly setting: string; readonly address: string }[];
}

/** Reads no file but the text it is given, and never throws. */
export function siteFiles(text: string): SiteFiles {
  const root = readSource(text).value;
  const secrets = new Map<string, SecretReference>();
  const read: ReadSecret = (reference) => {
    secrets.set(JSON.stringify(reference), reference);
    return { text: '-'.repeat(Math.max(SHORTEST_KEY, SHORTEST_TOKEN)) };
  };
  // Only for what it meets on its way.
  configSchema(read).safeParse(root);
  const parks = listAt(root, 'parks');
  const tariffs = valueAt(root, ['tariffs']);
  const sheets = typeof tariffs === 'object' && tariffs !== null ? Object.values(tariffs) : [];
  const named = [sheets, valueAt(root, ['holidays']), parks.map((park) => valueAt(park, ['passes']))].flat(2);
  const data = valueAt(root, ['data']);
  return {
    data: typeof data === 'string' ? data : STANDARD_DATA,
    parks: texts(parks.map((park) => valueAt(park, ['id']))),
    named: [...new Set(texts(named))],
    secrets: [...secrets.values()],
    ports: listAt(root, 'devices').flatMap((device) => {
      const [name, port] = [valueAt(device, ['id']), valueAt(device, ['port'])];
      return typeof name === 'string' && typeof port === 'string' ? [{ device: name, port }] : [];
    }),
    listens: ['mallcoo', 'local', 'mqtt'].flatMap((server) => {
      const address = valueAt(root, [server, 'listen']);
      return typeof address === 'string' ? [{ setting: `${server}.listen`, address }] : [];
    }),
  };
}

function listAt(root: unknown, key: string): readonly unknown[] {
  const found = valueAt(root, [key]);
  return Array.isArray(found) ? found : [];
}

function texts(values: readonly unknown[]): readonly string[] {
  return values.filter((value) => typeof value === 'string');
}
