/** `gatepost restore`: checks a backup, and puts it back: all of it or nothing. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { evolve } from '../core/park/evolve.ts';
import { type Said, SaidError } from '../core/sentence.ts';
import {
  beside,
  discard,
  extract,
  hold,
  own,
  type Place,
  type Recoverable,
  recoverDry,
  swap,
} from '../store/backup/put-back.ts';
import { BackupRefused } from '../store/backup/refused.ts';
import { diskTrouble, errorCode } from '../store/files.ts';
import { type Asked, type Plan, planOf, refuseFull, refuseToOverwrite } from './restore-plan.ts';
import { gatepostOwner, settleSite, stageSite } from './restore-site.ts';
import { aheadText, doneText, dryText } from './restore-text.ts';
import { readArgs, say, type Terminal, UsageError } from './terminal.ts';

const HELP = {
  zh: `用法：gatepost restore 备份文件 [--data 文件夹] [--config 文件夹] [选项]

先校验整个备份，再恢复：账本先写到旁边并试着读一遍，全部无误才换上。道闸在运行时拒绝执行。

  --data 文件夹     账本放到这里；默认是备份里写的那个（通常 /var/lib/gatepost）
  --config 文件夹   配置放到这里；默认 /etc/gatepost
  --keep-config     已有的配置文件保持不动，只补缺少的
  --force           已有账本或不同的配置时也恢复；旧的改名为 ….before-日期-时间，不会删除
  --dry-run         只校验，并说明会做什么

只写这两个文件夹。其他位置的文件放到配置文件夹下的 from-backup，请自行拷贝。
两台电脑绝不能用同一份账本同时运行：旧电脑必须先停下并不再启动。
退出码 0：已恢复（或可以恢复）；1：没有，什么都没改；2：命令写错。
`,
  en: `usage: gatepost restore FILE [--data FOLDER] [--config FOLDER] [options]

Checks the whole backup first. Then the books are written beside, read as a start would read them, and only then put in
place. It is refused while a gate runs on them.

  --data FOLDER     where the books go; default the one that the backup names (/var/lib/gatepost, mostly)
  --config FOLDER   where the configuration goes; default /etc/gatepost
  --keep-config     configuration files that are there stay as they are, and only missing ones come
  --force           also where there are books, or other configuration files: they are renamed to ….before-DATE-TIME,
                    never removed
  --dry-run         only checks, and says what it would do

It writes to these two folders only. Files from elsewhere go to "from-backup" in the configuration's folder, for you to copy.
Two machines must never run with the same books: the old one has to be stopped first, for good.
Exit code 0: put back (or it could be); 1: it was not, and nothing was changed; 2: called wrongly.
`,
};

const OPTIONS = {
  help: { type: 'boolean', short: 'h', default: false },
  data: { type: 'string' },
  config: { type: 'string', default: '/etc/gatepost' },
  'keep-config': { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
} as const;

/** @throws UsageError when it was called wrongly. */
export async function restoreCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  if (values.help) {
    terminal.out(say(terminal, HELP));
    return 0;
  }
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0)
    throw new UsageError({ zh: '请写一个备份文件', en: 'name one backup file' });
  const asked = {
    file,
    data: values.data ?? null,
    config: values.config,
    keepConfig: values['keep-config'],
    force: values.force,
  };
  try {
    return await restore(asked, values['dry-run'], terminal);
  } catch (error) {
    terminal.err(`gatepost restore: ${say(terminal, failureOf(error, file))}\n`);
    return 1;
  }
}

function failureOf(error: unknown, file: string): Said {
  if (error instanceof SaidError) return error.said;
  if (errorCode(error) === 'ENOENT' && error instanceof Error && 'path' in error && error.path === file)
    return { zh: `${file}：没有这个文件`, en: `${file}: there is no such file` };
  if (errorCode(error) === undefined) throw error;
  return diskTrouble(error);
}

async function restore(asked: Asked, dry: boolean, terminal: Terminal): Promise<number> {
  const plan = await planOf(asked);
  const lock = await hold(plan.data, plan.found);
  try {
    refuseToOverwrite(plan, asked);
    await refuseFull(plan);
    if (dry) {
      terminal.out(`${dryText(plan, terminal)}\n`);
      return 0;
    }
    const recovered = await putBack(plan);
    terminal.out(`${doneText(plan, recovered, terminal)}\n\n${aheadText(plan, terminal)}\n`);
    return 0;
  } finally {
    await lock.release();
  }
}

/** Everything is written beside and read back, before the first thing is renamed. */
async function putBack(plan: Plan): Promise<Recoverable> {
  const { file, checked, data, found, site, stamp } = plan;
  const staged = beside(data, `restoring-${stamp}`);
  for (const folder of [dirname(data), site.folder]) await mkdir(folder, { recursive: true });
  await discard(staged);
  try {
    await mkdir(staged, { mode: 0o700 });
    const place = stageSite(site);
    const again = await extract(file, (name, mode): Place | null => {
      if (name.startsWith('data/')) return { path: `${staged}/${name.slice('data/'.length)}`, mode: 0o640 };
      return place(name, mode);
    });
    if (again.manifest.seq !== checked.manifest.seq || again.files.length !== checked.files.length)
      throw new BackupRefused({
        zh: `${file} 在恢复过程中变了；没有改动任何东西，请再试一次`,
        en: `${file} changed while it was read: nothing was changed; try again`,
      });
    const recovered = await recoverDry(staged, checked.manifest.seq, evolve);
    await own(staged, await gatepostOwner('gatepost'));
    await swap(staged, data, found, beside(data, `before-${stamp}`));
    await settleSite(site);
    return recovered;
  } finally {
    await discard(staged);
    await discard(site.staged);
  }
}
