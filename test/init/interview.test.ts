/** The interview as a technician meets it: what is asked, what is refused, how one goes back. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { DRIVERS } from '../../drivers/registry.ts';
import { formatErrors } from '../../src/config/errors.ts';
import type { Given } from '../../src/init/answers.ts';
import { hold, type Paper } from '../../src/init/hold.ts';
import { type Facts, siteInterview } from '../../src/init/interview.ts';
import type { Question } from '../../src/init/question.ts';
import { readAnswers } from '../../src/init/read-answers.ts';
import { DOCUMENTED, FACTS, OutOfReplies, type Scripted, scripted } from './paper.ts';

const DOCS = join(import.meta.dirname, '..', '..', 'docs');

function talk(paper: Paper, language: 'zh' | 'en' = 'en', facts: Facts = FACTS): Promise<Given> {
  return hold(() => siteInterview(facts), paper, language);
}

/** What the documented park answers, with some of the replies replaced by several. */
async function changed(...changes: readonly (readonly [at: number, replies: readonly string[]])[]) {
  const replies = DOCUMENTED.flatMap((reply, index) => changes.find(([at]) => at === index)?.[1] ?? [reply]);
  const paper: Scripted = scripted(replies);
  return { given: await talk(paper), shown: paper.shown() };
}

const PLAIN = await talk(scripted(DOCUMENTED));

function assertAccepted(given: Given): void {
  const context = { file: 'answers', env: {}, readFile: () => '', drivers: DRIVERS };
  const read = readAnswers(stringify(given), context);
  if (!read.ok) assert.fail(`${formatErrors(read.errors, 'en')}\n${stringify(given)}`);
}

for (const [language, name] of [['en', 'init.md'] as const, ['zh', 'init.zh-CN.md'] as const]) {
  test(`the walkthrough in docs/${name} is what is shown, letter by letter`, async () => {
    const paper = scripted(DOCUMENTED);
    await talk(paper, language);
    const page = readFileSync(join(DOCS, name), 'utf8');
    const [, block] = /```text\n([\s\S]*?)```/.exec(page) ?? [];
    const clean = (text: string): string => text.replaceAll(/ +$/gm, '').trim();
    assert.equal(clean(block ?? ''), clean(paper.shown()));
  });
}

test('what was found is offered, and devices are known again by serial number, or by socket where they look alike', () => {
  const [, out] = PLAIN.lanes;
  assert.deepEqual(out?.scanner?.port, { vendor: '1eab', product: '1d06', serial: 'ST2021A' });
  assert.deepEqual(PLAIN.relays, [{ id: 'relay-1', port: { place: 'pci-0000:00:14.0-usb-0:3:1.0-port0' } }]);
  assert.equal(PLAIN.park.zone, 'Asia/Shanghai', 'a machine in UTC has not been told its zone');
  assertAccepted(PLAIN);
});

describe('a reply that cannot be', () => {
  const BAD: readonly (readonly [at: number, bad: string, message: RegExp])[] = [
    [0, 'P 001', /Write letters, digits/],
    [0, '', /Write letters, digits/],
    [1, '', /Write 1 to 100 characters/],
    [2, 'Mars/Base', /no such time zone/],
    [3, '99', /from 0 to 16/],
    [6, '7', /one of the numbers/],
    [7, '沪A', /not possible/],
    [8, 'perhaps', /Write y or n/],
    [11, 'in-1', /lane of that name/],
    [13, '320dc55b-d6d6c442', /another lane's camera/],
    [16, 'fast', /from 300 to 4000000/],
    [19, '17', /from 1 to 16/],
    [20, 'never', /hold, operator, or an amount/],
    [20, '1.234', /hold, operator, or an amount/],
    [22, '127.0.0.1:8080', /Gatepost itself listens/],
    [22, 'gate', /an address of this machine/],
    [27, '0', /yuan above 0/],
    [28, '4', /less than one hour/],
    [31, 'short', /16 characters or more/],
    [33, 'http://park.example.com', /https address/],
    [33, 'https://park.example.com/a b', /https address/],
    [34, 'far server', /a name or an IP address/],
  ];
  for (const [at, bad, message] of BAD) {
    test(`"${bad}" is asked again at once, with what to write`, async () => {
      const { given, shown } = await changed([at, [bad, DOCUMENTED[at] ?? '']]);
      assert.match(shown, message);
      assert.deepEqual(given, PLAIN);
    });
  }
});

test('both lanes without a lane, and none at all, are no car park', async () => {
  const { shown } = await changed([3, ['0']], [4, ['0', '1']], ...[5, 6, 7, 8, 9, 10].map((at) => [at, []] as const));
  assert.match(shown, /from 1 to 16/);
});

test('? explains every question, in both languages, and changes nothing', async () => {
  for (const language of ['en', 'zh'] as const) {
    const paper = scripted(
      DOCUMENTED.slice(0, -1)
        .flatMap((reply) => ['?', reply])
        .concat(''),
    );
    assert.deepEqual(await talk(paper, language), PLAIN);
    const explained = paper
      .shown()
      .split('\n')
      .filter((line) => /^ {4}\S/.test(line));
    assert.ok(explained.length >= DOCUMENTED.length - 1);
  }
});

test('< goes back as often as one likes, and what was answered stands in the brackets', async () => {
  const { given, shown } = await changed([1, ['Wrong', '<', '<', '', '示例广场停车场']]);
  assert.deepEqual(given, PLAIN);
  assert.match(shown, /\(parkId\) \[P001\]: /);
  assert.match(shown, /Name of the car park \[Wrong\]: /);
  const first = await changed([0, ['<', 'P001']]);
  assert.match(first.shown, /no question before/);
});

test('at the end anything is changed by its number, and only what hangs on it is asked again', async () => {
  const last = DOCUMENTED.length - 1;
  const zone = await changed([last, ['3', 'Asia/Urumqi', '']]);
  assert.deepEqual(zone.given, { ...PLAIN, park: { ...PLAIN.park, zone: 'Asia/Urumqi' } });
  const named = await changed([last, ['6', 'north', '']]);
  assert.equal(named.given.lanes[0]?.id, 'north');
  // The board's place was given to the exit's scanner: the scanner's is no longer free for the board.
  const moved = await changed([last, ['16', '/dev/ttyUSB0', '/dev/ttyUSB1', '99', '']]);
  assert.deepEqual(moved.given.lanes[1]?.scanner?.port, { place: 'pci-0000:00:14.0-usb-0:3:1.0-port0' });
  assert.deepEqual(moved.given.relays?.[0]?.port, { place: 'pci-0000:00:14.0-usb-0:4:1.0-port0' });
  assert.match(moved.shown, /There is no such number/);
});

test('what is secret is never shown again, neither in the summary nor in brackets', async () => {
  const secret = 'hush-hush-hush-hush';
  const { given, shown } = await changed([31, [secret]], [DOCUMENTED.length - 1, ['32', '<', '', secret, '']]);
  assert.ok(!shown.includes(secret));
  assert.deepEqual(given.mallcoo.auth, { type: 'token', token: secret });
});

test('a sheet that exists is looked at, and its classes are asked for', async () => {
  const replies = ['2', 'nowhere.yaml', '/media/usb/mall.yaml', '5'];
  const { given, shown } = await changed([25, replies], ...[26, 27, 28, 29].map((at) => [at, []] as const));
  assert.deepEqual(given.tariff, { file: '/media/usb/mall.yaml', classes: { green: 'new energy' } });
  assert.match(shown, /It cannot be read/);
});

test('every text is there in Chinese, the drivers of cameras and what they ask for, too', () => {
  const han = /\p{Script=Han}/u;
  const names = Object.keys(DRIVERS).filter((name) => /mqtt/.test(name));
  for (const name of names) {
    const questions: Question<unknown>[] = [];
    const interview = siteInterview({ ...FACTS, addresses: [], ports: [] });
    const replies = new Map([
      ['lanes[0].camera', name],
      ['lanes[0].barrier', 'none'],
      ['out', '0'],
      ['mallcoo.auth', 'sign'],
      ['mallcoo.notices', 'y'],
      ['tunnel.ssh.host', '203.0.113.7'],
    ]);
    const typed = ['P001', '192.168.1.10:1883', 'https://a.example/b', 'key-key-key-key-key', ''];
    for (let step = interview.next(); !step.done; ) {
      const question = step.value;
      questions.push(question);
      const guess = replies.get(question.key) ?? question.fallback;
      const reply = [guess, ...typed].find((text) => text !== undefined && 'value' in question.read(text));
      step = interview.next(reply ?? assert.fail(`nothing is taken by ${question.key}`));
    }
    assert.ok(questions.length > 25, `${questions.length} questions`);
    for (const { key, part, text, help } of questions) {
      for (const sentence of [part, text, help]) {
        assert.match(sentence.zh, han, key);
        assert.doesNotMatch(sentence.en, han, key);
      }
    }
  }
});

const POOL = [
  ...[
    '',
    '',
    '',
    '',
    '1',
    '2',
    '3',
    '4',
    'y',
    'n',
    '20',
    '0',
    '-',
    '<',
    '?',
    'x y',
    'in-1',
    'lane',
    'sn1',
    'sn2',
    'sn3',
    'sn4',
  ],
  ...['https://a.example/b/', 'mqtt://10.0.0.9', 'key-key-key-key-key', '10.0.0.1:1883', '/dev/ttyS1', '/dev/ttyS2'],
  ...['/media/usb/mall.yaml', '沪A', '1.5', '203.0.113.7', '99'],
];

test('whatever is typed, what comes out is answers that the file takes', async () => {
  let done = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...POOL), { minLength: 700, maxLength: 700 }), async (replies) => {
      try {
        assertAccepted(await talk(scripted(replies)));
        done += 1;
      } catch (error) {
        if (!(error instanceof OutOfReplies)) throw error;
      }
    }),
    { numRuns: 40 },
  );
  assert.ok(done > 10, `only ${done} of 40 came to an end`);
});
