import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { BrowserServer } from 'playwright-core';

/** The first that a machine has. Debian's shell without a user interface opens a page in a quarter of the time. */
const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];

/** The pages of the address bar, which cost as much as the pages under test in every context, where nobody sees them. */
const ADDRESS_BAR = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup'];

/** Playwright's own list, as far as it matters here: a second --disable-features replaces the first. */
const BY_PLAYWRIGHT = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
];

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--disable-features=${[...ADDRESS_BAR, ...BY_PLAYWRIGHT].join()}`,
];

/** Starts a Chromium that several processes can open pages in; undefined on a machine without one. */
export async function startChromium(): Promise<BrowserServer | undefined> {
  const executablePath = chromiumPath();
  if (!executablePath) return undefined;
  const { chromium } = await import('playwright-core');
  return chromium.launchServer({ executablePath, args: FLAGS, host: '127.0.0.1' });
}

/** Where Debian and others put Chromium. */
function chromiumPath(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(':');
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
