import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { BrowserServer } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
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
  const candidates = folders.flatMap((folder) =>
    ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)),
  );
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
