import { join } from 'node:path';
import type { Contributions, Hooks, Platform } from '../directory/module.ts';
import { createLook } from '../platform/branding/branding.ts';
import { systemClock } from '../platform/clock.ts';
import { connect, type Database } from '../platform/db/connection.mongo.ts';
import { createEncryption } from '../platform/encryption.ts';
import { loadAssets, readAssets, type Assets } from '../platform/http/assets.ts';
import { createHeavyWork } from '../platform/heavy-work.ts';
import { createMetrics } from '../platform/http/metrics.ts';
import { createProxyWatch } from '../platform/http/proxy-watch.ts';
import { createLocales, type Locales } from '../platform/http/page-language.ts';
import { sharedViewModels } from '../platform/http/shared.views.ts';
import { createShowPage } from '../platform/http/show-page.ts';
import { createViews } from '../platform/http/views.ts';
import { createLanguages } from '../platform/i18n/languages.ts';
import { loadMessages } from '../platform/i18n/messages.ts';
import { newId as randomId } from '../platform/ids.ts';
import type { AppOptions } from './options.ts';

const root = join(import.meta.dirname, '..', '..');
const dependencies = join(root, 'node_modules');

const TABLER_CSS = join(dependencies, '@tabler', 'core', 'dist', 'css', 'tabler.min.css');
const WEBAUTHN_SCRIPT = join(dependencies, '@simplewebauthn', 'browser', 'dist', 'bundle', 'index.umd.min.js');

/** The platform, and what the server needs besides it. */
export interface Foundation {
  platform: Platform;
  database: Database;
  assets: Assets;
  locales: Locales;
}

/** What every module is created with: connected to the database, with the views loaded. */
export async function createPlatform(
  { config, uri, encryptionKeys, log, now = systemClock, newId = randomId }: AppOptions,
  { hooks, contributions }: { hooks: Hooks; contributions: Contributions },
): Promise<Foundation> {
  const folder = join(root, 'views');
  const look = await createLook(config);
  const assets = loadAssets([TABLER_CSS, WEBAUTHN_SCRIPT], [...readAssets(join(folder, 'assets')), ...look.files]);
  const languages = createLanguages(config.languages);
  const messages = loadMessages(folder, config.languages);
  const views = createViews({
    folder,
    assets,
    languages,
    messages,
    look,
    models: () => ({ ...sharedViewModels, ...contributions.viewModels }),
    issuer: config.issuer,
  });
  const locales = createLocales({ languages, issuer: config.issuer, now });
  const database = await connect(uri);
  const platform: Platform = {
    config,
    connection: database.connection,
    transact: database.transact,
    encryption: createEncryption(encryptionKeys),
    now,
    newId,
    log,
    metrics: createMetrics(),
    heavyWork: createHeavyWork(),
    proxyWatch: createProxyWatch({ issuer: config.issuer, trustedProxies: config.trustedProxies, log }),
    views,
    languages,
    messages,
    showPage: createShowPage({ views, locales }),
    hooks,
    contributions,
  };
  return { platform, database, assets, locales };
}
