/** What systemd calls when a run of the gate has ended: it writes down why. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import { formatLocal, zoneOf } from '../core/time.ts';
import { endingOf, endingText } from '../ops/service/ending.ts';
import { recordFailure } from '../ops/service/failures.ts';
import { serviceFolder, takeLastWords } from './last-words.ts';
import { readArgs, say, startFailure, type Terminal, UsageError } from './terminal.ts';

const HELP = {
  zh: `用法：gatepost record-failure [--down]

由 systemd 在道闸程序结束后调用（gatepost.service 的 ExecStopPost=）：如果是异常结束，把原因写入
/var/log/gatepost/failures，最多保留 20 份。--down：systemd 不会再启动它（OnFailure=）。
`,
  en: `usage: gatepost record-failure [--down]

systemd calls this when the gate has ended (ExecStopPost= of gatepost.service): if it ended badly, why is written to
/var/log/gatepost/failures, of which 20 are kept. --down: systemd does not start it again (OnFailure=).
`,
};

const LOGS = '/var/log/gatepost';
/** So much of the log's end goes into the record. */
const TAIL = { bytes: 16_384, lines: 30 };

/** Where the records are. */
export function failuresFolder(env: NodeJS.ProcessEnv): string {
  return join(serviceFolder(env['LOGS_DIRECTORY']) ?? LOGS, 'failures');
}

export async function recordFailureCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, {
    help: { type: 'boolean', short: 'h' },
    down: { type: 'boolean' },
  });
  if (values.help) {
    terminal.out(say(terminal, HELP));
    return 0;
  }
  const ending = endingOf(process.env);
  if (ending === undefined || positionals.length > 0)
    throw new UsageError({
      zh: '此命令由 systemd 调用（没有 SERVICE_RESULT）；记录在 /var/log/gatepost/failures',
      en: 'systemd calls this (there is no SERVICE_RESULT); the records are in /var/log/gatepost/failures',
    });
  if (ending === null) return 0;
  const zone = zoneOf(Intl.DateTimeFormat().resolvedOptions().timeZone);
  try {
    const file = await recordFailure(failuresFolder(process.env), {
      ending,
      at: formatLocal(systemClock.now(), zone),
      lastWords: takeLastWords(serviceFolder(process.env['RUNTIME_DIRECTORY'])),
      log: await tail(join(serviceFolder(process.env['LOGS_DIRECTORY']) ?? LOGS, 'gatepost.log')),
      down: values.down ?? false,
    });
    terminal.err(`gatepost: ${say(terminal, endingText(ending))}: ${file}\n`);
    return 0;
  } catch (error) {
    terminal.err(`gatepost: ${say(terminal, endingText(ending))}; ${say(terminal, startFailure(error))}\n`);
    return 1;
  }
}

/** The log's last lines; empty when there is none to read. */
async function tail(file: string): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const start = Math.max(size - TAIL.bytes, 0);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(TAIL.bytes), 0, TAIL.bytes, start);
      const lines = buffer.subarray(0, bytesRead).toString('utf8').trimEnd().split('\n');
      // The first may be the end of one.
      return lines
        .slice(start > 0 ? 1 : 0)
        .slice(-TAIL.lines)
        .join('\n');
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}
