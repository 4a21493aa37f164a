/** `gatepost journal`: what happened at the gates, from the journal itself; whether it is whole; what it folds into. */
import type { Sentence } from '../core/errors.ts';
import { saidBy } from '../core/sentence.ts';
import { StoreError } from '../store/files.ts';
import { listCommand } from './journal-list.ts';
import { repairCommand } from './journal-repair.ts';
import { replayCommand } from './journal-replay.ts';
import { EVENT_TYPES } from './journal-text.ts';
import { verifyCommand } from './journal-verify.ts';
import { say, type Terminal } from './terminal.ts';

const HELP: Sentence = {
  zh: `用法：gatepost journal WHERE [选项]          发生过什么，每个事件一行
      gatepost journal verify DATA            每个字节是否与写入时一样；不作任何改动
      gatepost journal repair DATA [--yes]    网关启动时会修复什么；加 --yes 则执行
      gatepost journal replay WHERE [选项]    由日志账本推算出的状态

WHERE 是数据文件夹、配置文件（.yaml）、日志账本的文件，或 - 表示管道。
只读取，不加锁，网关运行时也可使用。

  --plate P       这辆车（或这张票）的事件，从进场到离场；后来更正过车牌的也算
  --visit V       这一次停车的事件（猫酷的 feeId）
  --since TIME    从这一刻起："2026-11-22 10:00"、"2026-11-22"，或 30m、2h、3d 表示多久以前
  --until TIME    到这一刻之前
  --type T,…      只看这些：${EVENT_TYPES.slice(0, 6).join('、')}、
                  ${EVENT_TYPES.slice(6).join('、')}
  --lane L        只看这个车道
  --limit N       只看最后 N 行
  --json          日志账本中的原样记录，每行一条；"journal replay" 可以再读入
  --follow        网关写入时继续显示，直到 Ctrl-C
  --zone ZONE     所显示和所给时间的时区：默认为配置文件的，或 Asia/Shanghai
  --language L    en 或 zh；默认按系统
`,
  en: `usage: gatepost journal WHERE [options]          what happened, one line per event
       gatepost journal verify DATA              whether every byte is as it was written; changes nothing
       gatepost journal repair DATA [--yes]      what a start of the gate would repair; with --yes it is done
       gatepost journal replay WHERE [options]   the state that the journal folds into

WHERE is a data folder, a configuration file (.yaml), a file of the journal, or - for a pipe.
It only reads, takes no lock, and may be used while the gate runs.

  --plate P       events of this vehicle (or ticket), from entry to exit, also under a plate corrected later
  --visit V       events of this visit (Mallcoo's feeId)
  --since TIME    from here on: "2026-11-22 10:00", "2026-11-22", or 30m, 2h, 3d for so long ago
  --until TIME    before this moment
  --type T,…      only these: ${EVENT_TYPES.slice(0, 6).join(', ')},
                  ${EVENT_TYPES.slice(6).join(', ')}
  --lane L        only this lane
  --limit N       only the last N lines
  --json          the records as they are in the journal, one per line; "journal replay" reads them again
  --follow        go on as the gate writes, until Ctrl-C
  --zone ZONE     of the times shown and given: default the configuration's, or Asia/Shanghai
  --language L    en or zh; default that of the system
`,
};

/**
 * Runs `gatepost journal …`.
 * @param args what follows `journal`.
 * @returns 0 done, 1 it could not be read, or is damaged.
 * @throws UsageError when it was called wrongly.
 */
export async function journalCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const [word, ...rest] = args;
  if (args.includes('--help') || args.includes('-h')) {
    terminal.out(say(terminal, HELP));
    return 0;
  }
  try {
    if (word === 'verify') return await verifyCommand(rest, terminal);
    if (word === 'repair') return await repairCommand(rest, terminal);
    if (word === 'replay') return await replayCommand(rest, terminal);
    return await listCommand(args, terminal);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    terminal.err(`gatepost journal: ${say(terminal, saidBy(error))}\n`);
    return 1;
  }
}
