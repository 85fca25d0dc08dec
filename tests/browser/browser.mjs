// A browser for the tests of a file, and pages in it that are watched.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before } from 'node:test';

const require = createRequire(`${process.env.BROWSER_TOOLS}/`);
const { chromium } = require('playwright-core');
const axe = require('axe-core');

let browser;
before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    // Its sandbox is not for root, as whom it runs where tests run in containers.
    chromiumSandbox: process.getuid() !== 0,
  });
});
after(() => browser?.close());

// A page, and everything that it asked for elsewhere or complained about.
export async function opened(url, options) {
  const page = await browser.newPage(options);
  const wrong = [];
  await page.route('**', (route) => {
    const { origin } = new URL(route.request().url());
    if (origin === new URL(url).origin) return route.continue();
    wrong.push(`request to ${origin}`);
    return route.abort();
  });
  page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) wrong.push(`${message.type()}: ${message.text()}`);
  });
  await page.goto(url, { waitUntil: 'networkidle' });
  return { page, wrong };
}

// What axe knows of WCAG: names, roles, contrast and more, as the page stands.
export async function isAccessible(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html)}`), []);
}
