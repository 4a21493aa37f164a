/** `gatepost init` as a technician meets it: the real program on a real terminal. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { folder, gatepost } from '../daemon/support.ts';
import { need } from '../need.ts';
import { onTerminal } from './pty.ts';

test('on a terminal: questions, no echo of secrets, a site that is clean', async (t) => {
  if (!need(t, 'socat')) return;
  const dir = join(folder(t), 'site');
  const screen = onTerminal(t, ['init', '--dir', dir]);
  const secret = 'hush-hush-hush-hush';
  await screen.reply('(parkId)', 'P 001');
  await screen.reply('Write letters, digits');
  await screen.reply('(parkId)', 'P001');
  await screen.reply('Name of the car park', '?');
  await screen.reply('What people call it', '江湾');
  await screen.reply('Time zone', '<');
  await screen.reply('[江湾]', '江湾商场');
  await screen.reply('Time zone', 'Asia/Shanghai');
  await screen.reply('How many ways in [1]');
  await screen.reply('How many ways out [1]', '0');
  await screen.reply('Name of lane in-1 [in-1]');
  await screen.reply('Choose [1]');
  await screen.reply('serial number', '320dc55b');
  await screen.reply('ticket scanner');
  await screen.reply('Choose [1]');
  await screen.reply('which output');
  await screen.reply('The cameras connect to');
  await screen.reply('and the port', '127.0.0.1:1883');
  await screen.reply('Password of cam-in-1', `${secret}1`);
  await screen.reply('Price sheet');
  await screen.reply('Free minutes', '30');
  await screen.reply('Price of an hour', '6');
  await screen.reply('(- for none) [60]');
  await screen.reply('Minutes to leave in');
  await screen.reply('How Mallcoo proves itself');
  await screen.reply('Token (Enter', `${secret}2`);
  await screen.reply('Tell Mallcoo');
  await screen.reply('Public address');
  await screen.reply('Far server');
  await screen.sees('What you answered');
  assert.ok(!existsSync(dir), 'nothing is written before the last word');
  await screen.reply('Change which?');
  assert.equal(await screen.code(), 0, screen.shown());
  assert.ok(!screen.shown().includes(secret), 'a secret was echoed');
  assert.match(screen.shown(), /gatepost\.yaml is fine: 1 park\(s\), 1 lane\(s\), 1 device\(s\)/);
  assert.equal(readFileSync(join(dir, 'credentials', 'cam-in-1'), 'utf8'), `${secret}1\n`);
  assert.equal(readFileSync(join(dir, 'credentials', 'mallcoo-token'), 'utf8'), `${secret}2\n`);
  assert.match(
    readFileSync(join(dir, 'standard.yaml'), 'utf8'),
    /^free: 30 min .*\nprice: 6 per hour .*\ncap: 60 per/m,
  );
});

test('Ctrl-C and Ctrl-D leave nothing behind', async (t) => {
  if (!need(t, 'socat')) return;
  for (const key of ['\x03', '\x04']) {
    const home = folder(t);
    const screen = onTerminal(t, ['init', '--dir', join(home, 'site')]);
    await screen.reply('(parkId)', 'P001');
    await screen.sees('Name of the car park');
    screen.type(key);
    await screen.sees('nothing was written');
    assert.equal(await screen.code(), 1);
    assert.deepEqual(readdirSync(home), []);
  }
});

test('what is pasted ahead of its question answers it, and a secret in it is not shown', async (t) => {
  if (!need(t, 'socat')) return;
  const screen = onTerminal(t, ['init', '--dir', join(folder(t), 'site'), '--dry-run']);
  await screen.sees('(parkId)');
  const lane = ['', '', 'SN1', '', '', ''];
  const pasted = ['P001', 'Pasted', '', '1', '0', ...lane, '', '127.0.0.1:1883', 'hush-hush-hush', 'no such sheet'];
  screen.type(pasted.map((line) => `${line}\r`).join(''));
  await screen.sees('Write one of the numbers');
  await screen.sees('Choose [1]');
  assert.match(screen.shown(), /Name of the car park: Pasted/);
  assert.ok(!screen.shown().includes('hush-hush'), 'a pasted secret was echoed');
});

test('answers can be kept for the next gate, without secrets, and make the same site there', async (t) => {
  if (!need(t, 'socat')) return;
  const home = folder(t);
  const kept = join(home, 'kept.yaml');
  const screen = onTerminal(t, ['init', '--dir', join(home, 'one'), '--print-answers', '>', kept]);
  const prompts = [
    '(parkId)',
    'Name of the',
    'Time zone',
    'ways in',
    'ways out',
    'Name of lane',
    'Camera of',
    'serial number',
  ];
  const replies = ['P001', '示例', 'Asia/Shanghai', '1', '0', '', '', 'SN1'];
  for (const [index, prompt] of prompts.entries()) await screen.reply(prompt, replies[index]);
  for (const prompt of ['scanner', 'raises the arm', 'which output', 'connect to']) await screen.reply(prompt);
  await screen.reply('and the port', '127.0.0.1:1883');
  for (const prompt of ['Password of', 'Price sheet', 'Free', 'Price of', 'Cap for', 'leave in'])
    await screen.reply(prompt);
  await screen.reply('proves itself');
  await screen.reply('Token', 'hush-hush-hush-hush');
  for (const prompt of ['Tell Mallcoo', 'Public address', 'Far server', 'Change which?']) await screen.reply(prompt);
  assert.equal(await screen.code(), 0, screen.shown());
  const text = readFileSync(kept, 'utf8');
  assert.doesNotMatch(text, /hush|password:/);
  const next = gatepost(t, ['init', '--dir', join(home, 'two'), '--answers', kept], {
    GATEPOST_MALLCOO_TOKEN: 'hush-hush-hush-hush',
  });
  assert.equal(await next.exited(), 0, next.output());
  for (const name of ['gatepost.yaml', 'standard.yaml', 'credentials/mallcoo-token']) {
    assert.equal(readFileSync(join(home, 'two', name), 'utf8'), readFileSync(join(home, 'one', name), 'utf8'));
  }
});
