import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp, type TestApp } from '../../support/app.ts';

// Drawn by hand: two squares. The script in it must never run.
const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 32"><rect width="28" height="28" x="2" y="2" fill="#c0392b"/><rect width="28" height="28" x="34" y="2" fill="#2c3e50"/><script>document.documentElement.setAttribute("data-ran", "yes")</script></svg>';

/** Runs `work` on an app with a name, logo, accent color, styles and links of its own. */
export async function withBranding(accent: string, work: (test: TestApp) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cohort-branding-'));
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const test = await startApp({
    settings: {
      COHORT_SELF_REGISTRATION: 'open',
      COHORT_TERMS_URL: 'https://example.com/terms',
      COHORT_BRAND_NAME: 'Nordwind <Air>',
      COHORT_LOGO: file('logo.svg', LOGO),
      COHORT_ACCENT_COLOR: accent,
      COHORT_CUSTOM_CSS: file('own.css', '.brand { letter-spacing: 3px; }'),
      COHORT_PRIVACY_URL: 'https://example.com/privacy',
      COHORT_SUPPORT_URL: 'mailto:help@example.com',
    },
  });
  try {
    await work(test);
  } finally {
    await test.tearDown();
  }
}
