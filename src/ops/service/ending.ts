/** How a run of the gate ended, as systemd tells it to what it starts afterwards. */
import type { Sentence } from '../../core/errors.ts';

/** `run` ends with it when the configuration cannot be used: EX_CONFIG, which systemd calls CONFIG. */
export const EXIT_CONFIG = 78;

export interface Ending {
  /** `exit-code`, `signal`, `core-dump`, `watchdog`, `timeout`, `oom-kill`, `protocol`, …; never `success`. */
  readonly result: string;
  /** `exited 1`, `killed ABRT`; empty when nothing was started. */
  readonly exit: string;
  /** Of that run: the journal is searched by it. */
  readonly invocation: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads it off the environment of an `ExecStopPost=` command, or of a unit that `OnFailure=` has started.
 * @returns null after an end that was asked for, `undefined` where systemd has told nothing.
 */
export function endingOf(env: Env): Ending | null | undefined {
  const prefix = env['MONITOR_SERVICE_RESULT'] === undefined ? '' : 'MONITOR_';
  const result = env[`${prefix}SERVICE_RESULT`];
  if (result === undefined || !/^[a-z-]{1,40}$/.test(result)) return undefined;
  if (result === 'success') return null;
  const exit = [env[`${prefix}EXIT_CODE`], env[`${prefix}EXIT_STATUS`]].filter(Boolean).join(' ');
  return { result, exit, invocation: env[`${prefix}INVOCATION_ID`] ?? '' };
}

/** Statuses from here on are systemd's own: it could not prepare the process. */
const FIRST_OF_SYSTEMD = 200;

/** What happened, for the technician. */
export function endingText({ result, exit }: Ending): Sentence {
  switch (result) {
    case 'watchdog':
      return {
        zh: '看门狗终止了程序：主循环停滞超过 WatchdogSec',
        en: 'the watchdog ended it: its loop stood still for longer than WatchdogSec',
      };
    case 'oom-kill':
      return { zh: '内存不足，被系统终止', en: 'the system ended it for want of memory' };
    case 'timeout':
      return { zh: '启动或停止超时', en: 'it took too long to start or to stop' };
    case 'protocol':
      return {
        zh: '没有向 systemd 报告就绪就结束了',
        en: 'it ended without having told systemd that it is up',
      };
    case 'signal':
    case 'core-dump':
      return { zh: `被信号终止（${exit}）`, en: `a signal ended it (${exit})` };
    case 'exit-code':
      return exitText(Number(exit.split(' ')[1]));
    default:
      return { zh: `systemd 报告：${result} ${exit}`.trim(), en: `systemd says: ${result} ${exit}`.trim() };
  }
}

function exitText(status: number): Sentence {
  if (status === EXIT_CONFIG) return { zh: '配置文件有误，无法运行', en: 'the configuration cannot be used' };
  if (status >= FIRST_OF_SYSTEMD)
    return {
      zh: `systemd 无法启动程序（退出码 ${status}）`,
      en: `systemd could not prepare it (exit status ${status})`,
    };
  return { zh: `程序出错退出（退出码 ${status}）`, en: `it ended with exit status ${status}` };
}
