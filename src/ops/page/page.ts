/** The status page: one document that needs nothing else, kept up to date from `/healthz` by its script. */
import { createHash } from 'node:crypto';
import type { Language } from '../../core/errors.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';
import { wordsOf } from './words.ts';

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Our own script and style by their content, and nothing else whatever a text may hold; it asks only this listener. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    `default-src 'none'; script-src ${hash(SCRIPT)}; style-src ${hash(STYLE)}; connect-src 'self'; img-src data:; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

const SECTIONS = ['faults', 'parks', 'figures', 'outbox', 'notices', 'reach', 'devices', 'archive', 'about'];

/**
 * The page.
 * @param version the gate's: a page of another one is loaded anew.
 */
export function statusPage(language: Language, version: string): Response {
  return new Response(pageText(language, version), { headers: HEADERS });
}

function pageText(language: Language, version: string): string {
  const words = wordsOf(language);
  // Within a script element only "<" could end it early.
  const data = JSON.stringify({ ...words, language, version }).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${words.title}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
<header id="head"><a href="?lang=${language === 'zh' ? 'en' : 'zh'}">${words.other}</a><strong>${words.title}</strong><span id="state" role="status">${words.asking}</span></header>
<p id="lost" role="alert" hidden></p>
<main id="now">
<noscript><p><a href="healthz">/healthz</a></p></noscript>
${SECTIONS.map((id) => `<section id="${id}" hidden></section>`).join('\n')}
</main>
<script type="application/json" id="words">${data}</script>
<script>${SCRIPT}</script>
</html>
`;
}
