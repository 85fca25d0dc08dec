// The page of `tck serve` in a browser: it asks nobody else for anything, and shows what it finds.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { isAccessible, opened } from './browser.mjs';

const started = [];
after(() => started.forEach((one) => one()));

// `tck serve` for the service at this URL.
async function testClient(url) {
  const child = spawn(process.env.TCK, ['serve', '--host', '127.0.0.1', '--port', '0'], {
    env: { ...process.env, KV_SERVICE_URL: url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(() => child.kill());
  for await (const line of createInterface(child.stdout)) return line.split(' ').at(-1);
  throw new Error('tck serve does not start');
}

// A service that stores nothing, and answers with a script.
async function forgetful() {
  const server = createServer((request, answer) => {
    const status = request.method === 'PUT' ? 201 : 200;
    const key = decodeURIComponent(request.url.split('/').at(-1));
    const script = '<img src=x onerror="document.title=1"><script>document.title=1</script>';
    answer.writeHead(request.url.startsWith('/.well-known/') ? 404 : status, { 'Content-Type': 'application/json' });
    answer.end(request.url === '/health' ? '{"status":"healthy"}' : JSON.stringify({ key, value: script }));
  });
  started.push(() => server.close());
  await new Promise((resume) => server.listen(0, '127.0.0.1', resume));
  return `http://127.0.0.1:${server.address().port}`;
}

// Begins a run of this contract alone.
async function begin(page, contract) {
  for (const box of await page.getByRole('checkbox').all()) {
    await box.setChecked((await box.inputValue()) === contract);
  }
  await page.getByRole('button', { name: 'Run contracts' }).click();
}

const ended = (page) => page.getByRole('link', { name: 'The report as JSON' }).waitFor({ timeout: 120_000 });

test('both workflows run at a click', async () => {
  const { page, wrong } = await opened(await testClient(process.env.KV_SERVICE_URL));
  assert.equal(await page.locator('#service').textContent(), process.env.KV_SERVICE_URL);
  assert.equal(await page.locator('#health').textContent(), 'healthy');
  for (const name of ['deletion', 'overwrite']) {
    await page.getByRole('button', { name: `Run ${name}` }).click();
    const answer = await page.locator(`#${name} pre`).textContent();
    const details = { steps_executed: 4, all_assertions_passed: true };
    assert.deepEqual(JSON.parse(answer), { success: true, test_name: `test_${name}`, details });
    assert.match(await page.locator(`#${name} p`).textContent(), /^✓ 4 steps/);
  }
  assert.deepEqual(wrong, []);
});

test('a run shows how far it is, and its verdict', async () => {
  const url = await testClient(process.env.KV_SERVICE_URL);
  const { page, wrong } = await opened(url);
  // It waits for entries to expire, so there is something to see.
  await begin(page, 'cache');
  await page.waitForFunction(() => {
    const { value, max } = document.getElementById('progress');
    return value > 0 && value < max;
  });
  assert.equal(await page.locator('#verdict').textContent(), 'running');
  await ended(page);
  assert.equal(await page.locator('#verdict').textContent(), 'conformant');
  const link = page.getByRole('link', { name: 'The report as JSON' });
  const report = await (await fetch(new URL(await link.getAttribute('href'), url))).json();
  const listed = await page.locator('#clauses li code').allTextContents();
  assert.deepEqual(listed.map((name) => `cache::${name}`), report.clauses.map((clause) => clause.id));
  const row = page.locator('#runs tbody tr');
  assert.match(await row.textContent(), /conformant\d+ of \d+cache$/);
  // The address names the run.
  await page.reload();
  await ended(page);
  assert.deepEqual(wrong, []);
});

test('a violation is told, and is no part of the page', async () => {
  const { page, wrong } = await opened(await testClient(await forgetful()));
  for (const [name, step] of [['deletion', 'retrieve'], ['overwrite', 'retrieve_original']]) {
    await page.getByRole('button', { name: `Run ${name}` }).click();
    await page.locator(`#${name} p`, { hasText: `✗ ${step}: expected ` }).waitFor();
  }
  await begin(page, 'kv_store');
  await ended(page);
  assert.equal(await page.locator('#verdict').textContent(), 'not conformant');
  const clause = page.locator('#clauses > details[open] > ul > li', { hasText: 'violation set_and_get_value' });
  assert.match(await clause.textContent(), /expected .*observed .*onerror.*tck explain kv_store::set_and_get_value/s);
  assert.equal(await page.title(), 'tck serve');
  assert.deepEqual(wrong, []);
});

test('a service that is down is named', async () => {
  const nobody = 'http://127.0.0.1:1';
  const { page } = await opened(await testClient(nobody));
  assert.match(await page.locator('#health').textContent(), /^unavailable/);
  assert.match(await page.getByRole('alert').textContent(), /unavailable/);
  await page.getByRole('button', { name: 'Run deletion' }).click();
  await page.locator('#deletion', { hasText: '✗ connection: unavailable' }).waitFor();
});

test('it is used with the keyboard alone', async () => {
  const { page } = await opened(await testClient(process.env.KV_SERVICE_URL));
  const press = async (times, key) => {
    for (; times > 0; times--) await page.keyboard.press(key);
  };
  await press(1, 'Tab');
  await press(1, 'Enter');
  await page.locator('#deletion', { hasText: '✓' }).waitFor();
  const boxes = await page.getByRole('checkbox').count();
  // Past the other workflow and the first box, each other box is cleared.
  await press(2, 'Tab');
  for (let box = 1; box < boxes; box++) {
    await press(1, 'Tab');
    await press(1, 'Space');
  }
  await press(1, 'Tab');
  await press(1, 'Enter');
  await ended(page);
  assert.match(await page.locator('#runs tbody tr').textContent(), /kv_store$/);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'run-title');
});

for (const colorScheme of ['light', 'dark']) {
  test(`everybody can use it, in ${colorScheme} colours`, async () => {
    const { page } = await opened(await testClient(await forgetful()), { colorScheme, viewport: { width: 360, height: 800 } });
    await page.getByRole('button', { name: 'Run deletion' }).click();
    await begin(page, 'kv_store');
    await ended(page);
    await page.locator('#clauses summary').first().waitFor();
    await isAccessible(page);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wider <= 0, 'it does not fit on a small screen');
  });
}
