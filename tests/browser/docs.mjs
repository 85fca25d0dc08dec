// The page /docs in a browser: it asks nobody else for anything, and its forms work.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

const { chromium } = createRequire(`${process.env.BROWSER_TOOLS}/`)('playwright-core');
const service = process.env.KV_SERVICE_URL;

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
async function opened() {
  const page = await browser.newPage();
  const wrong = [];
  await page.route('**', (route) => {
    const { origin } = new URL(route.request().url());
    if (origin === service) return route.continue();
    wrong.push(`request to ${origin}`);
    return route.abort();
  });
  page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) wrong.push(`${message.type()}: ${message.text()}`);
  });
  await page.goto(`${service}/docs`, { waitUntil: 'networkidle' });
  return { page, wrong };
}

async function sent(page, operation, fields, body) {
  const section = page.locator(`#${operation}`);
  await section.locator('summary').click();
  for (const [name, value] of Object.entries(fields)) await section.locator(`input[name="${name}"]`).fill(value);
  if (body) await section.locator('textarea').fill(JSON.stringify(body));
  await section.getByRole('button', { name: 'Send' }).click();
  const answer = section.locator('pre');
  await answer.filter({ hasText: /^\d{3} / }).waitFor();
  return answer.textContent();
}

test('every operation of the document has a section', async () => {
  const { page, wrong } = await opened();
  const api = await (await fetch(`${service}/openapi.json`)).json();
  const operations = Object.values(api.paths).flatMap((item) => Object.values(item)).map((one) => one.operationId);
  const ids = await page.locator('main details').evaluateAll((all) => all.map((one) => one.id));
  assert.deepEqual(ids.sort(), operations.filter(Boolean).sort());
  assert.deepEqual(wrong, []);
});

test('a form sends what it says and shows the answer', async () => {
  const { page, wrong } = await opened();
  const document = { key: 'from a/browser', value: { spaced: ' é ' } };
  const stored = await sent(page, 'putKey', { key: document.key, 'KV-TTL': '1h' }, document);
  assert.match(stored, /^201 Created\n/);
  assert.match(stored, /^kv-ttl: 3600$/m);
  const found = await sent(page, 'getKey', { key: document.key });
  assert.match(found, /^200 OK\n/);
  assert.match(found, /"value":\{"spaced":" é "\}/);
  const listed = await sent(page, 'listKeys', { prefix: 'from a/' });
  assert.match(listed, /"keys":\["from a\/browser"\]/);
  assert.deepEqual(wrong, []);
});

test('a script that somebody stored does not run', async () => {
  const { page, wrong } = await opened();
  const value = '<img src=x onerror="document.title=1"><script>document.title=1</script>';
  await sent(page, 'putKey', { key: 'script' }, { key: 'script', value });
  assert.match(await sent(page, 'getKey', { key: 'script' }), /onerror/);
  assert.equal(await page.title(), 'kv-service');
  assert.deepEqual(wrong, []);
});
