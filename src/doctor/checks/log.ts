/** The log's files: whether they can be written, what they take, what room there is. */
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Sentence } from '../../core/errors.ts';
import { olderFiles } from '../../ops/log-file.ts';
import { type Finding, fine, look, none, same, sizeText, wrong } from '../finding.ts';
import { roomOf } from '../mounts.ts';
import { configured } from '../site.ts';
import { mayUse } from '../users.ts';

const MIB = 1_048_576;

export const checkLog = configured(async ({ user }, { log }) => {
  if (!log.file)
    return [none({ zh: '没有日志文件，只写到 systemd 的日志', en: "no file: the log goes to systemd's journal only" })];
  const { path, maxMiB, keep } = log.file;
  const folder = dirname(path);
  const access = await mayUse(folder, user, 'use');
  const make = same(`install -d -o ${user.name} -m 750 ${folder}`);
  switch (access.type) {
    case 'missing':
      return [await missing(folder, make)];
    case 'hidden':
      return [none({ zh: `无权查看 ${folder}，请用 sudo`, en: `${folder} cannot be seen by this user; use sudo` })];
    case 'denied':
      return [
        wrong(
          { zh: `用户 ${user.name} 不能写入 ${access.at}`, en: `the user ${user.name} cannot write to ${access.at}` },
          same(`chown ${user.name}: ${folder}`),
        ),
      ];
    case 'allowed':
      return [
        ...(await fileFinding(path, user.name, await mayUse(path, user, 'write'))),
        await room(path, folder, (keep + 1) * maxMiB * MIB),
      ];
  }
});

/** The gate makes the folder when only that is missing. */
async function missing(folder: string, make: Sentence): Promise<Finding> {
  const above = await stat(dirname(folder)).catch(() => null);
  if (above === null) return wrong({ zh: `没有目录 ${folder}`, en: `there is no folder ${folder}` }, make);
  return look(
    { zh: `日志目录 ${folder} 还不存在，首次启动时创建`, en: `${folder} does not exist yet; the first start makes it` },
    make,
  );
}

async function fileFinding(
  path: string,
  name: string,
  access: Awaited<ReturnType<typeof mayUse>>,
): Promise<readonly Finding[]> {
  if (access.type !== 'denied') return [];
  return [
    wrong(
      { zh: `用户 ${name} 不能写入 ${path}`, en: `the user ${name} cannot write to ${path}` },
      same(`chown ${name}: ${path}*`),
    ),
  ];
}

/** @param most bytes that all files together may take. */
async function room(path: string, folder: string, most: number): Promise<Finding> {
  const { free } = await roomOf(folder);
  const files = [path, ...(await olderFiles(path)).map((older) => older.path)];
  const sizes = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  const taken = sizes.reduce((sum, size) => sum + size, 0);
  const what = {
    zh: `${folder}：日志 ${sizeText(taken)}（上限 ${sizeText(most)}），剩余空间 ${sizeText(free)}`,
    en: `${folder}: ${sizeText(taken)} of logs (${sizeText(most)} at most), ${sizeText(free)} free`,
  };
  if (free >= most - taken) return fine(what);
  return look(what, {
    zh: '腾出空间，或减小配置中的 log.file.maxMiB、keep',
    en: 'make room, or lower log.file.maxMiB or keep in the configuration',
  });
}
