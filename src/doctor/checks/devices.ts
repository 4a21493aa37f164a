/** Cameras, scanners and relays: whether the gate hears them. */
import type { DeviceConfig } from '../../config/load.ts';
import { REMEDIES } from '../../core/remedies.ts';
import { type Finding, fine, look, none, wrong } from '../finding.ts';
import { configured, type Fields, fieldsOf } from '../site.ts';

/** What a fault of a device says; such a fault is the device's line, and its own line under "faults". */
const OF_DEVICES = ['DEVICE_SILENT', 'DEVICE_OFFLINE', 'PORT_GONE'] as const;
type DeviceFault = (typeof OF_DEVICES)[number];

export const checkDevices = configured(async ({ gate, machine, drivers }, { devices }) => {
  if (!gate.running)
    return [
      none({
        zh: `${devices.length} 台设备：启动道闸程序后才能看到`,
        en: `${devices.length} device(s): start the gate to see`,
      }),
    ];
  const stats = fieldsOf(fieldsOf(gate.health['devices'])['devices']);
  const faults = faultsOf(gate.health);
  return devices.map((device) => {
    const fault = faults.get(device.id);
    const at = gate.heard.get(device.id) ?? null;
    const agoS = at === null ? null : Math.max(0, Math.round((machine.now() - at) / 1_000));
    if (fault !== undefined) return faulty(device, fault, agoS);
    // A device without a word of its own is heard when it has something to say: a relay never, a scanner at the first ticket.
    return heard(device, fieldsOf(stats[device.id]), agoS, drivers[device.driver]?.transport === 'mqtt');
  });
});

function faultsOf(health: Fields): ReadonlyMap<string, DeviceFault> {
  const raised = Array.isArray(health['faults']) ? health['faults'].map(fieldsOf) : [];
  return new Map(
    raised.flatMap(({ code, subject }) => {
      const known = OF_DEVICES.find((one) => one === code);
      return known === undefined ? [] : [[String(subject), known]];
    }),
  );
}

function faulty({ id }: DeviceConfig, fault: DeviceFault, agoS: number | null): Finding {
  const when = agoS === null ? { zh: '启动以来没有消息', en: 'not heard since the start' } : ago(agoS);
  return wrong({ zh: `${id}：${fault}，${when.zh}`, en: `${id}: ${fault}, ${when.en}` }, REMEDIES[fault]);
}

const ago = (seconds: number) => ({ zh: `${seconds} 秒前有消息`, en: `heard ${seconds} s ago` });

function heard({ id }: DeviceConfig, stats: Fields, agoS: number | null, talks: boolean): Finding {
  const readings = Number(stats['readings'] ?? 0);
  const orders = Number(stats['orders'] ?? 0);
  const counts = { zh: `识别 ${readings}，指令 ${orders}`, en: `${readings} readings, ${orders} orders` };
  if (agoS !== null) {
    const when = ago(agoS);
    return fine({ zh: `${id}：${when.zh}，${counts.zh}`, en: `${id}: ${when.en}; ${counts.en}` });
  }
  const nothing = {
    zh: `${id}：启动以来没有消息，${counts.zh}`,
    en: `${id}: nothing heard since the start; ${counts.en}`,
  };
  return talks ? look(nothing, REMEDIES.DEVICE_SILENT) : fine(nothing);
}
