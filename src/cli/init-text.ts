/** What `gatepost init` tells when it is done. */
import { join } from 'node:path';
import type { Language } from '../core/errors.ts';
import { CONFIG_FILE, RULES_DIR, RULES_FILE, STANDARD_DIR } from '../init/places.ts';
import { credentialsDir, type PlannedFile } from '../init/plan.ts';
import type { Site } from '../init/site.ts';
import type { Owner } from './init-write.ts';

/** What would be written. Secrets are not shown: made up ones would be others the next time. */
export function dryText(files: readonly PlannedFile[], language: Language): string {
  const hidden = { zh: '（密钥，不显示）', en: '(a secret, not shown)' }[language];
  return files.map(({ path, text, kind }) => `── ${path}\n${kind === 'secret' ? `${hidden}\n` : text}\n`).join('');
}

/** Whose the files are, where that is not what the service needs. */
export function ownersText(dir: string, { root, group }: Owner, language: Language): string {
  if (root && group !== null) return '';
  if (root) {
    return {
      zh: '还没有 gatepost 组（软件包会建立它）：设置文件所有人可读，密钥只有 root 可读。\n',
      en: 'There is no group gatepost yet (the package makes it): everybody can read the settings, only root the secrets.\n',
    }[language];
  }
  return {
    zh: `不是 root：文件属于您。服务读的是 ${STANDARD_DIR}；要让它用 ${dir}，请用 root 复制过去。\n`,
    en: `Not root: the files are yours. The service reads ${STANDARD_DIR}; to let it use these, copy ${dir} there as root.\n`,
  }[language];
}

/** The logins that are to be typed into the cameras, and the token for Mallcoo. Shown this once. */
export function loginsText(site: Site, dir: string, language: Language): string {
  const { listen } = site.answers.mqtt;
  const cameras = site.devices.flatMap(({ id, password }) => {
    if (password === null) return [];
    const shown = {
      made: password.text,
      kept: { zh: '（沿用旧的）', en: '(as before)' }[language],
      given: { zh: '（您给的）', en: '(as you gave it)' }[language],
    }[password.origin];
    return [`  ${id.padEnd(16)} ${shown}\n`];
  });
  const token = site.proof?.origin === 'made' ? site.proof.text : null;
  const parts: string[] = [];
  if (cameras.length > 0) {
    const head = {
      zh: `\n请在每台相机的 MQTT 页面填写：服务器 ${listen ?? ''}，用户名和密码：\n`,
      en: `\nSet this in each camera's MQTT page: broker ${listen ?? ''}, user name and password:\n`,
    };
    parts.push(head[language], ...cameras);
  }
  if (token !== null) {
    parts.push({ zh: `\n交给猫酷的 token：${token}\n`, en: `\nThe token for Mallcoo: ${token}\n` }[language]);
  }
  if (parts.length > 0) {
    const where = credentialsDir(dir);
    parts.push(
      {
        zh: `只显示这一次；它们存在 ${where}，只有 root 能读。\n\n`,
        en: `They are shown this once, and kept in ${where}, which only its owner can read.\n\n`,
      }[language],
    );
  }
  return parts.join('');
}

/** What is left to do. */
export function nextSteps(site: Site, files: readonly PlannedFile[], dir: string, language: Language): string {
  const rules = files.find(({ kind }) => kind === 'rules')?.path;
  const steps: string[] = [];
  if (rules !== undefined) {
    if (!rules.startsWith(RULES_DIR)) steps.push(`cp ${rules} ${join(RULES_DIR, RULES_FILE)}`);
    steps.push('udevadm control --reload && udevadm trigger --subsystem-match=tty');
  }
  steps.push(dir === STANDARD_DIR ? 'systemctl enable --now gatepost' : `gatepost run ${join(dir, CONFIG_FILE)}`);
  steps.push('gatepost doctor');
  if (site.answers.tunnel.ssh !== undefined) steps.push('systemctl enable --now gatepost-tunnel');
  const head = { zh: '\n接下来：\n', en: '\nNext:\n' }[language];
  const tunnel = {
    zh: '  隧道还需要密钥：/usr/share/doc/gatepost/tunnel.zh-CN.md 第 5、6 步\n',
    en: '  The tunnel needs its key first: /usr/share/doc/gatepost/tunnel.md, steps 5 and 6\n',
  }[language];
  return `${head}${steps.map((step) => `  ${step}\n`).join('')}${site.answers.tunnel.ssh === undefined ? '' : tunnel}`;
}
