/**
 * Ticket and code scanners that write what they read onto a serial line: the text, then CR, LF, both or nothing but
 * silence. Answers to Newland commands share the line and are skipped.
 */
import { assertNever, type Said } from '../../src/core/errors.ts';
import type { Credential } from '../../src/core/park/model.ts';
import { normalisePlate } from '../../src/core/plate.ts';
import { after, type Instant } from '../../src/core/time.ts';
import { type Discard, type Input, type Output, type SerialDriver, type Step, z } from '../contract.ts';

const CR = 0x0d;
const LF = 0x0a;
/** Newland: an answer starts with STX SOH `0000` and ends with `;` ETX. */
const ANSWER_START: readonly number[] = [0x02, 0x01, 0x30, 0x30, 0x30, 0x30];
const ANSWER_END: readonly number[] = [0x3b, 0x03];
/** An answer repeats its command, and a query's answer holds a setting or two; longer ones are noise, in bytes. */
const MAX_ANSWER = 512;
/** `]` and two characters that name the kind of code, put first by scanners that are set to (ISO/IEC 15424). */
const AIM_PREFIX = /^\][A-Za-z][0-9A-Za-z]/;
/** Control characters, halves of characters and the like: no code holds them. */
const UNPRINTABLE = /\p{C}/u;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

const options = z.strictObject({
  credential: z
    .enum(['ticket', 'plate'])
    .default('ticket')
    .describe('What the codes are: the barcode of a ticket, or a number plate written as a code.')
    .meta({ zh: '条码是什么：票的条码，或写成条码的车牌。' }),
  idleGapMs: z
    .int()
    .min(20)
    .max(1_000)
    .default(50)
    .describe('Silence that ends a code when the scanner sends no CR or LF, in ms (20 to 1000).')
    .meta({ zh: '扫码器不发 CR 或 LF 时，静默多久算一个条码结束，单位毫秒（20 到 1000）。' }),
  maxLength: z
    .int()
    .min(8)
    .max(1_024)
    .default(128)
    .describe('A longer code is thrown away up to its end, in bytes (8 to 1024).')
    .meta({ zh: '更长的条码整个丢弃，单位字节（8 到 1024）。' }),
  minLength: z
    .int()
    .min(1)
    .max(64)
    .default(4)
    .describe('A shorter code is noise, in characters (1 to 64).')
    .meta({ zh: '更短的条码算噪声，单位字符（1 到 64）。' }),
  repeatMs: z
    .int()
    .min(0)
    .max(60_000)
    .default(1_000)
    .describe('A code that the scanner keeps repeating is one reading; this much silence ends it, in ms (0 to 60000).')
    .meta({ zh: '扫码器反复发送的同一条码算一次读取；静默这么久才结束，单位毫秒（0 到 60000）。' }),
});

export type Options = z.output<typeof options>;

export interface State {
  /** `long`: a code that has grown too long. `answer`: the answer to a command. Both are only counted. */
  readonly mode: 'code' | 'long' | 'answer';
  /** The bytes of the code so far, at most `maxLength`; otherwise the last few, to see where it ends. */
  readonly held: readonly number[];
  /** The bytes since the code or answer began. */
  readonly length: number;
  /** When silence ends what is held; null when nothing is. */
  readonly idleAt: Instant | null;
  /** The last reading, and when it was last repeated. */
  readonly last: { readonly code: string; readonly at: Instant } | null;
}

function discarded(reason: Discard['reason'], detail: Said, bytes: number): Discard {
  return { type: 'discarded', reason, detail, bytes };
}

function endsWith(bytes: readonly number[], end: readonly number[]): boolean {
  return bytes.length >= end.length && end.every((byte, i) => bytes[bytes.length - end.length + i] === byte);
}

/** What a code names. @returns undefined when a plate was expected and the code is none. */
function credentialOf(code: string, kind: Options['credential']): Credential | undefined {
  if (kind === 'ticket') return { kind: 'ticket', barcode: code };
  const plate = normalisePlate(code);
  return plate === undefined ? undefined : { kind: 'plate', plate };
}

/** The text of a code, or why it is none. An empty one (the LF after a CR) is not worth a word. */
function readCode(bytes: readonly number[], minLength: number): string | Discard | undefined {
  let text: string;
  try {
    text = UTF8.decode(Uint8Array.from(bytes));
  } catch {
    return discarded('noise', { zh: '不是 UTF-8', en: 'not UTF-8' }, bytes.length);
  }
  const code = text.replace(AIM_PREFIX, '').trim();
  if (code === '') return undefined;
  if (UNPRINTABLE.test(code)) return discarded('noise', { zh: '含不可打印字符', en: 'not printable' }, bytes.length);
  if ([...code].length < minLength)
    return discarded(
      'noise',
      { zh: `不足 ${minLength} 个字符`, en: `shorter than ${minLength} characters` },
      bytes.length,
    );
  return code;
}

/** The state while one step works on it. */
interface Work {
  mode: State['mode'];
  held: number[];
  length: number;
  last: State['last'];
  readonly out: Output[];
}

function clear(work: Work): void {
  work.mode = 'code';
  work.held = [];
  work.length = 0;
}

/** Ends what is held, because of a CR or LF, of silence, or of an answer that begins. */
function end(work: Work, now: Instant, options: Options): void {
  const { mode, held, length } = work;
  clear(work);
  if (length === 0) return;
  switch (mode) {
    case 'long':
      work.out.push(
        discarded(
          'tooLong',
          { zh: `条码超过 ${options.maxLength} 字节`, en: `a code of more than ${options.maxLength} bytes` },
          length,
        ),
      );
      return;
    case 'answer':
      work.out.push(
        discarded('noise', { zh: '指令的应答，缺少结尾', en: 'the answer to a command, without its end' }, length),
      );
      return;
    case 'code': {
      const code = readCode(held, options.minLength);
      if (typeof code === 'string') takeCode(work, code, length, now, options);
      else if (code) work.out.push(code);
      return;
    }
    default:
      assertNever(mode);
  }
}

function takeCode(work: Work, code: string, length: number, now: Instant, options: Options): void {
  const credential = credentialOf(code, options.credential);
  if (!credential) {
    work.out.push(discarded('noise', { zh: '不是车牌', en: 'not a plate' }, length));
    return;
  }
  const { last } = work;
  work.last = { code, at: now };
  // `now >= last.at`: a clock that was set back must not make a new reading look like a repeat for an hour.
  if (last?.code === code && now >= last.at && now - last.at < options.repeatMs) return;
  const reading = { credential, colour: 'unknown', confidence: null, identity: null, recordedAt: null } as const;
  work.out.push({ type: 'reading', reading });
}

function takeByte(work: Work, byte: number, now: Instant, options: Options): void {
  if (work.mode !== 'answer' && (byte === CR || byte === LF)) {
    end(work, now, options);
    return;
  }
  work.held.push(byte);
  work.length += 1;
  if (work.mode === 'answer') {
    if (endsWith(work.held, ANSWER_END)) clear(work);
    else if (work.length > MAX_ANSWER) work.mode = 'long';
    work.held.splice(0, work.held.length - ANSWER_END.length);
    return;
  }
  // Watched also behind a code that never ended, which is then judged without the answer.
  if (endsWith(work.held, ANSWER_START)) {
    work.held.splice(-ANSWER_START.length);
    work.length -= ANSWER_START.length;
    end(work, now, options);
    work.mode = 'answer';
    work.length = ANSWER_START.length;
    return;
  }
  if (work.length > options.maxLength) work.mode = 'long';
  if (work.mode === 'long') work.held.splice(0, work.held.length - ANSWER_START.length);
}

function take(work: Work, input: Input, idle: boolean, now: Instant, options: Options): void {
  switch (input.type) {
    case 'bytes':
      if (idle) end(work, now, options);
      for (const byte of input.bytes) takeByte(work, byte, now, options);
      return;
    case 'tick':
      if (idle) end(work, now, options);
      return;
    case 'link':
    case 'stop':
      // Half a code is worse than none: it may be another ticket's number.
      if (work.length > 0)
        work.out.push(discarded('noise', { zh: '条码中途断开', en: 'cut off in the middle of a code' }, work.length));
      clear(work);
      return;
    case 'order':
      work.out.push({
        type: 'ack',
        order: input.order.id,
        outcome: 'refused',
        detail: { zh: '扫码器不控制道闸', en: 'a scanner drives no barrier' },
      });
      return;
    case 'message':
      return;
    default:
      assertNever(input);
  }
}

function step(state: State, input: Input, now: Instant, options: Options): Step<State> {
  const { mode, length, last } = state;
  const work: Work = { mode, held: [...state.held], length, last, out: [] };
  take(work, input, state.idleAt !== null && now >= state.idleAt, now, options);
  const heard = input.type === 'bytes' && input.bytes.length > 0;
  const gapEnds = after(now, options.idleGapMs);
  // The earlier of the two, should the clock have been set back.
  const idleAt = heard || state.idleAt === null || state.idleAt > gapEnds ? gapEnds : state.idleAt;
  const next: State = {
    mode: work.mode,
    held: work.held,
    length: work.length,
    idleAt: work.length > 0 ? idleAt : null,
    last: work.last,
  };
  return { state: next, out: work.out, wakeAt: next.idleAt };
}

export const serialScanner: SerialDriver<Options, State> = {
  model: 'serial-scanner',
  title: 'Code scanner on a serial line',
  transport: 'serial',
  roles: ['scanner'],
  options,
  line: { baudRate: 9_600 },
  init: () => ({ mode: 'code', held: [], length: 0, idleAt: null, last: null }),
  step,
};
