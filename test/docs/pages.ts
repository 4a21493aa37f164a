/** What a page of the documentation consists of: headings, fenced blocks, code spans and links. */
import { posix } from 'node:path';

export interface Block {
  /** What stands behind the fence; empty for none. */
  readonly tag: string;
  readonly lines: readonly string[];
}

export interface Page {
  /** Their levels, in order. */
  readonly levels: readonly number[];
  /** Where links may lead to within it, as GitHub names them. */
  readonly anchors: ReadonlySet<string>;
  readonly blocks: readonly Block[];
  /** What stands between backticks outside blocks, in one line each. */
  readonly spans: readonly string[];
  /** The targets of links and pictures that stand in the same checkout. */
  readonly links: readonly string[];
}

const FENCE = /^ *```(.*)$/;

export function pageOf(text: string): Page {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: { readonly tag: string; readonly lines: string[] } | null = null;
  for (const line of text.split('\n')) {
    const fence = FENCE.exec(line);
    if (fence === null) {
      (open?.lines ?? prose).push(line);
    } else if (open === null) {
      open = { tag: (fence[1] ?? '').trim(), lines: [] };
    } else {
      blocks.push(open);
      open = null;
    }
  }
  const headings = prose.flatMap((line) => {
    const [, marks = '', words = ''] = /^(#{1,6}) (.*)$/.exec(line) ?? [];
    return marks === '' ? [] : [{ level: marks.length, words }];
  });
  const body = prose.join('\n');
  return {
    levels: headings.map(({ level }) => level),
    anchors: anchorsOf(headings.map(({ words }) => words)),
    blocks,
    spans: [...body.matchAll(/`([^`]+)`/g)].map((match) => (match[1] ?? '').replaceAll(/\s+/g, ' ')),
    links: linksOf(body),
  };
}

/** In lower case, without punctuation, a hyphen for each space; the second of a name has `-1` behind it. */
function anchorsOf(headings: readonly string[]): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const words of headings) {
    const shown = words.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').trim();
    const name = shown
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-');
    let anchor = name;
    for (let again = 1; anchors.has(anchor); again += 1) anchor = `${name}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}

const LINK = /(?:\]\(|(?:src|href)=")(?![a-z]+:)([^)"\s]+)/g;

function linksOf(body: string): readonly string[] {
  return [...body.replaceAll(/`[^`]+`/g, '`').matchAll(LINK)].map((match) => match[1] ?? '');
}

/** A link's file, from the checkout's root, and the anchor in it; empty for none. */
export function targetOf(page: string, link: string): { readonly file: string; readonly anchor: string } {
  const [path = '', anchor = ''] = decodeURIComponent(link).split('#');
  return { file: path === '' ? page : posix.join(posix.dirname(page), path), anchor };
}

const PROGRAMS =
  /^(?:gatepost|adduser|apt|cat|chown|cp|curl|dpkg|dpkg-deb|frpc|git|install|journalctl|ls|mkdir|mosquitto_pub|mosquitto_sub|mount|nc|node|npm|npx|openssl|rm|sha256sum|ssh|ssh-keygen|ssh-keyscan|systemctl|systemd-analyze|tail|tar|udevadm|useradd) \S/;

const HAN = /\p{Script=Han}/u;

/** What of a block is the same in every language. */
export interface Kept {
  /** Every line; null when some of the block is said in words, as a sample of what a program prints is. */
  readonly all: readonly string[] | null;
  readonly commands: readonly string[];
}

/** A block without its remarks and empty lines, as it must be in its twin in the other language, too. */
export function keptOf(block: Block, twin: Block): Kept {
  const words = wordsIn(block, twin) || wordsIn(twin, block);
  return {
    all: words ? null : withoutRemarks(block).map(sameInAll),
    commands: commandsIn(block).map(sameInAll),
  };
}

/** Whether it says something in Chinese that is not a name, which would be in the other as well. */
function wordsIn(block: Block, twin: Block): boolean {
  const known = new Set([...withoutRemarks(twin), ...commandsIn(block)]);
  return withoutRemarks(block).some((line) => HAN.test(line) && !known.has(line));
}

/** Where some lines have a prompt the others are what the commands print. */
function commandsIn(block: Block): readonly string[] {
  if (!['', 'sh', 'bash', 'console'].includes(block.tag)) return [];
  const lines = withoutRemarks(block);
  const prompted = lines.filter((line) => line.startsWith('$ '));
  if (prompted.length > 0) return prompted;
  return lines.filter((line) => PROGRAMS.test(line.replace(/^(?:sudo |[A-Z_]+=\S* )+/, '')));
}

/** A command that goes on in the next line is one. */
function withoutRemarks({ lines }: Block): readonly string[] {
  const whole = lines
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n');
  return whole.map((line) => line.replace(/(?:^|\s)\s*#(?:\s.*)?$/, '').trim()).filter((line) => line !== '');
}

/** Words that a person writes between quotes, such as a reason. */
const OWN_WORDS = /(["'])(?=[^"']*[\p{Script=Han} …])[\p{L} |…]+\1/gu;
/** What stands for something else: `FILE`, 文件. */
const PLACEHOLDER = /(?<![\w-])(?:(?!GET|POST)[A-Z]{2,}|\p{Script=Han}+)(?![\w-])/gu;

/** A command, an option or a file without what is said in the page's language. */
function sameInAll(text: string): string {
  return text.replaceAll(OWN_WORDS, '$1$1').replaceAll(PLACEHOLDER, '…');
}

const PATH = /^[~.]{0,2}\/\S|^[^.].*\.(?:conf|csv|deb|env|example|json|log|md|rules|service|toml|yaml)$/;

/** The commands, options and files that a page names in its sentences, each once. */
export function namedIn({ spans }: Page): readonly string[] {
  const told = spans.filter((span) => PROGRAMS.test(span) || /(?:^| )--?[a-z]/.test(span) || PATH.test(span));
  return [...new Set(told.map(sameInAll))].sort();
}
