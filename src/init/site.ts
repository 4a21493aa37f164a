/** From answers to what stands on the site: devices, their ports and logins, and the secrets that are kept in files. */
import type { DeviceId } from '../core/ids.ts';
import type { Answers, Port } from './answers.ts';
import { CREDENTIALS } from './places.ts';

/** A secret in a file of its own, which the configuration refers to by name. */
export interface Credential {
  readonly name: string;
  readonly text: string;
  /** `made`: by chance, here. `kept`: it was on the box before, and the devices know it. */
  readonly origin: 'given' | 'made' | 'kept';
}

export interface SiteDevice {
  readonly id: DeviceId;
  readonly driver: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** At the embedded broker, under the device's own id. Null for serial devices and at another broker. */
  readonly password: Credential | null;
  /** The path that the configuration names; null for what is on no serial line. */
  readonly port: string | null;
  readonly baudRate: number | null;
  /** How udev is to know it; null when the path is used as it is. */
  readonly udev: Exclude<Port, string> | null;
}

/** A site in full. */
export interface Site {
  readonly answers: Answers;
  readonly devices: readonly SiteDevice[];
  readonly credentials: readonly Credential[];
  /** Of Mallcoo's proof: the token or the key, when there is one. */
  readonly proof: Credential | null;
  readonly noticesKey: Credential | null;
  readonly brokerPassword: Credential | null;
}

/** Where secrets come from that nobody gave. */
export interface SecretSource {
  /** What the box has under that name already, or undefined. */
  kept(name: string): string | undefined;
  /** A new one that nobody can guess, easy to type into a camera's page. */
  make(): string;
}

/** Works the site out. */
export function siteOf(answers: Answers, secrets: SecretSource): Site {
  const credential = (name: string, given: string | undefined): Credential => {
    if (given !== undefined) return { name, text: given, origin: 'given' };
    const kept = secrets.kept(name);
    return kept === undefined ? { name, text: secrets.make(), origin: 'made' } : { name, text: kept, origin: 'kept' };
  };
  const { auth, notices } = answers.mallcoo;
  const proof =
    auth.type === 'token'
      ? credential('mallcoo-token', auth.token)
      : auth.type === 'sign'
        ? credential('mallcoo-key', auth.privateKey)
        : null;
  const noticesKey = notices === undefined ? null : credential('mallcoo-notices-key', notices.privateKey);
  const { password } = answers.mqtt;
  const brokerPassword = password === undefined ? null : credential('mqtt-password', password);
  const devices = [
    ...answers.lanes.flatMap((lane) => laneDevices(answers, lane, credential)),
    ...answers.relays.map((relay) => relayDevice(answers, relay)),
  ];
  const credentials = [proof, noticesKey, brokerPassword, ...devices.map((device) => device.password)];
  return {
    answers,
    devices,
    credentials: credentials.filter((found) => found !== null),
    proof,
    noticesKey,
    brokerPassword,
  };
}

function laneDevices(
  { mqtt }: Answers,
  { id, camera, scanner }: Answers['lanes'][number],
  credential: (name: string, given: string | undefined) => Credential,
): readonly SiteDevice[] {
  const devices: SiteDevice[] = [];
  if (camera !== undefined) {
    const { driver, options } = camera;
    const name = cameraId(id);
    const password = mqtt.broker === 'embedded' ? credential(name, camera.password) : null;
    devices.push({ id: name, driver, options, password, port: null, baudRate: null, udev: null });
  }
  if (scanner !== undefined) {
    const name = scannerId(id);
    const line = { baudRate: scanner.baudRate ?? null, ...plugged(name, scanner.port) };
    devices.push({ id: name, driver: 'serial-scanner', options: {}, password: null, ...line });
  }
  return devices;
}

function relayDevice({ lanes }: Answers, { id, port }: Answers['relays'][number]): SiteDevice {
  const outputs = lanes.flatMap(({ barrier }) => (barrier?.relay === id ? [barrier.output ?? 1] : []));
  const channels = [...new Set(outputs)].toSorted((a, b) => a - b);
  // What the driver takes for granted is not written.
  const options = channels.length === 1 && channels[0] === 1 ? {} : { channels };
  return { id, driver: 'lcus-relay', options, password: null, baudRate: null, ...plugged(id, port) };
}

function plugged(id: DeviceId, port: Port): Pick<SiteDevice, 'port' | 'udev'> {
  return typeof port === 'string' ? { port, udev: null } : { port: `/dev/gatepost/${id}`, udev: port };
}

export function cameraId(lane: string): DeviceId {
  return `cam-${lane}` as DeviceId;
}

export function scannerId(lane: string): DeviceId {
  return `scanner-${lane}` as DeviceId;
}

/** Where a credential's file stands, from the configuration's folder. */
export function credentialFile(name: string): string {
  return `${CREDENTIALS}/${name}`;
}
