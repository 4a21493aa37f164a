/** A table's bytes as text: UTF-8, or what Excel in China writes by itself. */
import type { Sentence } from '../../core/errors.ts';

export type Decoded = { readonly text: string } | { readonly message: Sentence; readonly fix: Sentence };

/** Far more than the passes of any car park. */
const MOST_BYTES = 32 * 1_024 * 1_024;

const SAVE_AS: Sentence = {
  zh: '请在 Excel 或 WPS 里另存为“CSV UTF-8（逗号分隔）”。',
  en: 'Save it in Excel as "CSV UTF-8 (comma delimited)".',
};

const begins = (bytes: Uint8Array, ...signature: readonly number[]): boolean =>
  signature.every((byte, index) => bytes[index] === byte);

/**
 * UTF-8 with or without its mark; else GB 18030, of which GBK and GB 2312 are parts. A text in one of those with more than
 * a few Chinese characters is no UTF-8, so the two are told apart for certain by trying.
 */
export function decodeTable(bytes: Uint8Array): Decoded {
  if (bytes.length > MOST_BYTES) {
    return {
      message: { zh: '超过 32 MiB', en: 'is larger than 32 MiB' },
      fix: { zh: '这不像是月卡表，请检查文件。', en: 'That is no list of passes: look whether it is the right file.' },
    };
  }
  if (begins(bytes, 0x50, 0x4b, 3, 4) || begins(bytes, 0xd0, 0xcf, 0x11, 0xe0))
    return { message: { zh: '是 Excel 工作簿，不是 CSV', en: 'is an Excel workbook, not CSV' }, fix: SAVE_AS };
  if (!begins(bytes, 0xff, 0xfe) && !begins(bytes, 0xfe, 0xff)) {
    for (const encoding of ['utf-8', 'gb18030']) {
      const text = decodeAs(encoding, bytes);
      if (text !== undefined && !text.includes('\0')) return { text };
    }
  }
  return { message: { zh: '既不是 UTF-8 也不是 GBK 编码', en: 'is neither UTF-8 nor GBK' }, fix: SAVE_AS };
}

/** Undefined when the bytes are none, or where this Node knows no such encoding. */
function decodeAs(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return undefined;
    throw error;
  }
}
