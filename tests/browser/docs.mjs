// The page /docs in a browser: it asks nobody else for anything, and its forms work.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAccessible, opened } from './browser.mjs';

const service = process.env.KV_SERVICE_URL;
const docs = `${service}/docs`;

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
  const { page, wrong } = await opened(docs);
  const api = await (await fetch(`${service}/openapi.json`)).json();
  const operations = Object.values(api.paths).flatMap((item) => Object.values(item)).map((one) => one.operationId);
  const ids = await page.locator('main details').evaluateAll((all) => all.map((one) => one.id));
  assert.deepEqual(ids.sort(), operations.filter(Boolean).sort());
  assert.deepEqual(wrong, []);
});

test('a form sends what it says and shows the answer', async () => {
  const { page, wrong } = await opened(docs);
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
  const { page, wrong } = await opened(docs);
  const value = '<img src=x onerror="document.title=1"><script>document.title=1</script>';
  await sent(page, 'putKey', { key: 'script' }, { key: 'script', value });
  assert.match(await sent(page, 'getKey', { key: 'script' }), /onerror/);
  assert.equal(await page.title(), 'kv-service');
  assert.deepEqual(wrong, []);
});

for (const colorScheme of ['light', 'dark']) {
  test(`everybody can use it, in ${colorScheme} colours`, async () => {
    const { page } = await opened(docs, { colorScheme });
    await sent(page, 'getKey', { key: 'absent' });
    await isAccessible(page);
  });
}
