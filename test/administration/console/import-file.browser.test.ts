import { describeInBrowser } from '../../support/browser.ts';
import { startConsole, type ConsoleBrowser } from '../../support/console-browser.ts';
import { until } from '../../support/process.ts';

const CSV = 'username;first_name\na@example.com;Jürgen\n';

describeInBrowser('a file that is chosen for an import', () => {
  let on: ConsoleBrowser;
  beforeAll(async () => {
    on = await startConsole();
  });
  afterAll(() => on.stop());

  it('is read in its encoding, or refused before a letter is lost', async () => {
    const { page, complaints, close } = await on.enter({ path: '/console/jobs/import' });
    const choose = (buffer: Buffer) => page.setInputFiles('#file', { name: 'users.csv', mimeType: 'text/csv', buffer });
    const isRefused = () => page.isVisible('[data-unreadable]');
    await choose(Buffer.from(CSV, 'latin1'));
    await page.waitForSelector('[data-unreadable]:not([hidden])');
    expect([await page.inputValue('#rows'), await isRefused()]).toEqual(['', true]);
    for (const bytes of [Buffer.from(`\uFEFF${CSV}`), Buffer.from(`\uFEFF${CSV}`, 'utf16le'), Buffer.from(CSV)]) {
      await page.fill('#rows', '');
      await choose(bytes);
      await until(async () => (await page.inputValue('#rows')) !== '');
      expect([await page.inputValue('#rows'), await isRefused()]).toEqual([CSV, false]);
    }
    expect(complaints).toEqual([]);
    await close();
  });
});
