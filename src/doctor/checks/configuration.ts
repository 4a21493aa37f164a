/** The configuration as `gatepost check` sees it, who may read it, and whether secrets are kept to themselves. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../../config/load.ts';
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

function broken({ file, mistakes, machine }: Site): readonly Finding[] {
  const rest = mistakes.length - SHOWN;
  const sudo = machine.uid === 0 ? '' : 'sudo ';
  const check = `${sudo}gatepost check ${file}`;
  return mistakes.slice(0, SHOWN).map((mistake, index) =>
    wrong(mistake, {
      zh: rest > 0 && index === SHOWN - 1 ? `还有 ${rest} 处错误：${check}` : check,
      en: rest > 0 && index === SHOWN - 1 ? `and ${rest} more: ${check}` : check,
    }),
  );
}

function oddities({ file }: Site, { warnings }: Config): readonly Finding[] {
  const [first] = warnings;
  if (!first) return [];
  const text = `${first.file}:${first.line} ${first.path}: ${first.message}`;
  return [
    look(
      { zh: `${warnings.length} 处需要留意，第一处：${text}`, en: `${warnings.length} oddities; the first: ${text}` },
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

async function secrets({ file, parts }: Site): Promise<readonly Finding[]> {
  const folder = credentialsFolder(file);
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT') return [];
    return [none({ zh: `${folder} 只有 root 能查看`, en: `${folder} can be seen by root only` })];
  }
  const found: Finding[] = [];
  for (const path of [folder, ...names.map((name) => join(folder, name)), ...parts.filter((part) => isSecret(part))]) {
    const { mode } = await stat(path);
    const right = path === folder ? '700' : '600';
    const digits = (mode & 0o777).toString(8);
    const advice = same(`chmod ${right} ${path}`);
    if ((mode & FOR_OTHERS) !== 0)
      found.push(
        wrong(
          { zh: `任何人都能读取 ${path}（${digits}）`, en: `anybody on this machine may read ${path} (${digits})` },
          advice,
        ),
      );
    else if ((mode & FOR_ANYBODY_ELSE) !== 0)
      found.push(
        look({ zh: `同组用户能读取 ${path}（${digits}）`, en: `a group may read ${path} (${digits})` }, advice),
      );
  }
  if (found.length > 0) return found;
  return [
    fine({
      zh: `${names.length} 个密钥文件只有主人能读`,
      en: `${names.length} secret(s), readable for their owner only`,
    }),
  ];
}

/** Sheets and tables have endings of their own. */
function isSecret(path: string): boolean {
  return !/\.(ya?ml|csv|txt|json)$/i.test(path);
}
