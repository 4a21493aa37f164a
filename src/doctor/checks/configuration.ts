/** The configuration as `gatepost check` sees it, who may read it, and whether secrets are kept to themselves. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../../config/load.ts';
import type { Sentence } from '../../core/errors.ts';
import { fill } from '../../core/sentence.ts';
import { type Finding, fine, look, none, same, wrong } from '../finding.ts';
import type { Site } from '../site.ts';
import { mayUse } from '../users.ts';

/** More mistakes than these are for `gatepost check`. */
const SHOWN = 3;
const FOR_OTHERS = 0o007;
const FOR_ANYBODY_ELSE = 0o077;

export async function checkConfiguration(site: Site): Promise<readonly Finding[]> {
  const { file, config } = site;
  if (!config) return broken(site);
  const lanes = config.parks.reduce((sum, { lanes }) => sum + lanes.length, 0);
  const counts = [config.parks.length, lanes, config.devices.length];
  const usable = fine({
    zh: `${file} 可用：${counts[0]} 个停车场，${counts[1]} 条车道，${counts[2]} 台设备`,
    en: `${file} is fine: ${counts[0]} park(s), ${counts[1]} lane(s), ${counts[2]} device(s)`,
  });
  return [usable, ...oddities(site, config), ...(await readable(site)), ...(await secrets(site))];
}

async function broken(site: Site): Promise<readonly Finding[]> {
  const { file, mistakes, machine } = site;
  if (machine.uid !== 0 && (await namesIn(credentialsFolder(file))) === 'hidden')
    return [
      look(
        {
          zh: `密钥只有 root 能读，${file} 无法完整读取`,
          en: `only root can read the secrets, and without them not ${file}`,
        },
        same(`sudo gatepost doctor ${file}`),
      ),
    ];
  const rest = mistakes.length - SHOWN;
  const check = `gatepost check ${file}`;
  return mistakes.slice(0, SHOWN).map((mistake, index) =>
    wrong(mistake, {
      zh: rest > 0 && index === SHOWN - 1 ? `还有 ${rest} 处错误：${check}` : check,
      en: rest > 0 && index === SHOWN - 1 ? `and ${rest} more: ${check}` : check,
    }),
  );
}

const ODDITIES: Sentence = {
  zh: '{n} 处需要留意，第一处：{place}：{message}',
  en: '{n} oddities; the first: {place}: {message}',
};

function oddities({ file }: Site, { warnings }: Config): readonly Finding[] {
  const [first] = warnings;
  if (!first) return [];
  return [
    look(
      fill(ODDITIES, {
        n: String(warnings.length),
        place: `${first.file}:${first.line} ${first.path}`,
        message: first.message,
      }),
      same(`gatepost check ${file}`),
    ),
  ];
}

/** What the service reads by itself; secrets in the credentials' folder systemd reads for it. */
async function readable({ file, parts, user }: Site): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  const folder = credentialsFolder(file);
  for (const path of new Set([file, ...parts].map((part) => resolve(part)))) {
    if (path.startsWith(`${folder}/`)) continue;
    const access = await mayUse(path, user, 'read');
    if (access.type !== 'denied') continue;
    const isFolder = access.at !== path;
    const fix = isFolder ? `chmod a+x ${access.at}` : `chgrp ${user.name} ${path} && chmod g+r ${path}`;
    found.push(
      wrong({ zh: `用户 ${user.name} 读不到 ${path}`, en: `the user ${user.name} cannot read ${path}` }, same(fix)),
    );
  }
  return found;
}

const credentialsFolder = (file: string): string => join(dirname(resolve(file)), 'credentials');

async function namesIn(folder: string): Promise<readonly string[] | 'missing' | 'hidden'> {
  return readdir(folder).catch((error: unknown) =>
    error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'missing' : 'hidden',
  );
}

async function secrets({ file, parts }: Site): Promise<readonly Finding[]> {
  const folder = credentialsFolder(file);
  const names = await namesIn(folder);
  if (names === 'missing') return [];
  if (names === 'hidden') return [none({ zh: `${folder} 只有 root 能查看`, en: `${folder} can be seen by root only` })];
  const files = new Set([
    ...names.map((name) => join(folder, name)),
    ...parts.filter(isSecret).map((part) => resolve(part)),
  ]);
  const open: string[] = [];
  const shared: string[] = [];
  for (const path of [folder, ...files]) {
    const { mode } = await stat(path);
    if ((mode & FOR_OTHERS) !== 0) open.push(path);
    else if ((mode & FOR_ANYBODY_ELSE) !== 0) shared.push(path);
  }
  const close = (paths: readonly string[]) => same(`chmod go= ${paths.join(' ')}`);
  const list = (paths: readonly string[]): string => paths.join(', ');
  const found: Finding[] = [];
  if (open.length > 0)
    found.push(
      wrong({ zh: `任何人都能读取：${list(open)}`, en: `anybody on this machine may read ${list(open)}` }, close(open)),
    );
  if (shared.length > 0)
    found.push(look({ zh: `同组用户能读取：${list(shared)}`, en: `a group may read ${list(shared)}` }, close(shared)));
  if (found.length > 0) return found;
  return [
    fine({ zh: `${files.size} 个密钥文件只有主人能读`, en: `${files.size} secret(s), readable for their owner only` }),
  ];
}

/** Sheets and tables have endings of their own. */
function isSecret(path: string): boolean {
  return !/\.(ya?ml|csv|txt|json)$/i.test(path);
}
