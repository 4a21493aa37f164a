/** `gatepost reload`: the gate that runs reads its configuration again, and what came of it is told here. */
import type { Sentence } from '../core/errors.ts';
import { fill } from '../core/sentence.ts';
import { printable } from '../ops/log.ts';
import { askGate, namedGate, startHint } from './gate.ts';
import { isConfiguration } from './journal-source.ts';
import { meaningless, readArgs, say, type Terminal } from './terminal.ts';

const HELP: Sentence = {
  zh: `用法：gatepost reload [WHERE]

让正在运行的网关重新读取它的配置文件，并说明有什么变化。价格表、停车场用哪张价格表、车型和节假日立即生效；
其他设置的改动会逐项列出，重启后才生效。文件有错误时什么都不变，并列出每个错误。
已经报给车主的价格和已经付的钱不受影响。"systemctl reload gatepost"（SIGHUP）做同样的事，结果写在日志里。
WHERE 是配置文件（.yaml，会先检查），或网关的本机地址；不写则为 http://127.0.0.1:8081。
返回 0：已重新加载；1：有错误，原配置不变；2：网关没有回答。
`,
  en: `usage: gatepost reload [WHERE]

The gate that runs reads its configuration file again, and says what has changed. Price sheets, which park has which,
classes of vehicles and public holidays are in force at once; every other difference is named, and needs a restart. A file
with mistakes changes nothing, and every mistake is told. What was quoted or paid before stays as it was.
"systemctl reload gatepost" (SIGHUP) does the same; the log says what came of it.
WHERE is the configuration file (.yaml), which is checked first, or the gate's local address; http://127.0.0.1:8081 when
left out.
Returns 0 when it is done, 1 when there are mistakes and nothing has changed, 2 when the gate does not answer.
`,
};

const REFUSED = 1;
const NO_ANSWER = 2;

/** @throws UsageError when it was called wrongly. */
export async function reloadCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, { help: { type: 'boolean', short: 'h' } });
  if (values.help) {
    terminal.out(say(terminal, HELP));
    return 0;
  }
  const [where, ...more] = positionals;
  if (more.length > 0) throw meaningless(more);
  const gate = await namedGate(where, terminal);
  if (!gate) return REFUSED;
  const told = await askGate(gate.url, '/reload', {});
  if (told.type === 'answered' && told.status === 200) return tell(told.fields, terminal);
  if (told.type === 'answered' && told.fields['error'] === 'RELOAD_REFUSED') {
    for (const mistake of listOf(told.fields['mistakes']))
      terminal.err(`${printable(say(terminal, mistake as Sentence))}\n`);
    const text = { zh: '有错误，什么都没有变', en: 'nothing has changed' };
    terminal.err(`gatepost reload: ${say(terminal, text)}\n`);
    return REFUSED;
  }
  const file = where !== undefined && isConfiguration(where) ? where : null;
  const reason = told.type === 'answered' ? `${gate.url}: HTTP ${told.status}` : told.reason;
  const silent = { zh: '{reason}；{hint}', en: '{reason}; {hint}' };
  terminal.err(`gatepost reload: ${say(terminal, fill(silent, { reason, hint: startHint(file) }))}\n`);
  return NO_ANSWER;
}

function tell({ changes, restart }: Readonly<Record<string, unknown>>, terminal: Terminal): number {
  const done = listOf(changes).map((change) => say(terminal, change as Sentence));
  const nothing: Sentence = { zh: '已重新读取，没有变化', en: 'read again: nothing changed' };
  for (const text of done.length > 0 ? done : [say(terminal, nothing)]) terminal.out(`${printable(text)}\n`);
  for (const path of listOf(restart).map((one) => printable(String(one)))) {
    const text = { zh: `${path} 已改，需重启网关才能生效`, en: `${path} has changed: it needs a restart` };
    terminal.out(`${say(terminal, text)}\n`);
  }
  return 0;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
