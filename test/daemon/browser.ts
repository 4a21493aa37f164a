/** A real browser on a phone's width, for the pages that a person opens. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import type { TestContext } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { PATIENCE_MS } from './support.ts';

const PHONE = { width: 390, height: 844 };

export interface Phone {
  readonly page: Page;
  /** What went wrong in the browser, and what it asked of anyone else. */
  readonly troubles: readonly string[];
}

/** Opens a page. @param url the site's address, without a slash at its end. */
export async function phone(t: TestContext, url: string): Promise<Phone> {
  const executablePath = execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();
  const args = ['--headless=new', '--no-sandbox', '--disable-gpu'];
  const browser: Browser = await chromium.launch({ executablePath, args });
  t.after(() => browser.close());
  const page = await browser.newPage({ viewport: PHONE, deviceScaleFactor: 1.5, locale: 'zh-CN' });
  page.setDefaultTimeout(PATIENCE_MS);
  const troubles: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text());
  });
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) troubles.push(`asked ${request.url()}`);
  });
  await page.goto(url);
  return { page, troubles };
}

export async function fitsThePhone(page: Page): Promise<void> {
  assert.equal(await page.evaluate('document.documentElement.scrollWidth'), PHONE.width, 'no scrolling to the side');
}
