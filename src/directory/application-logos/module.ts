/**
 * Owns the logos of applications: fetched from where applications say, checked, stored, and served from our own origin, so that
 * pages load nothing from elsewhere.
 * Must not touch: the applications themselves, and pages that show a logo.
 */
import type { Module, Platform } from '../module.ts';
import { serveImages } from '../../platform/http/images.ts';
import { createSsrfSafeFetch, mayCallPrivateNetworks } from '../../platform/ssrf-safe-fetch.ts';
import type { Applications } from '../applications/applications.ts';
import { createApplicationLogos, LOGOS, type ApplicationLogos } from './application-logos.ts';
import { createApplicationLogoStore } from './application-logos.mongo.ts';

export function createApplicationLogosModule(
  { config, connection, now, log }: Platform,
  { applications }: { applications: Pick<Applications, 'withLogos'> },
): { service: ApplicationLogos; module: Module } {
  const logos = createApplicationLogos({
    store: createApplicationLogoStore(connection),
    withLogos: applications.withLogos,
    fetch: createSsrfSafeFetch({ allowPrivate: mayCallPrivateNetworks(config) }),
    now,
    log,
  });
  return {
    service: logos,
    module: {
      name: 'application-logos',
      tasks: [{ name: 'refresh-logos', everySeconds: 10, run: logos.refresh }],
      routes: () => [serveImages({ prefix: LOGOS, imageAt: logos.imageAt })],
      async onDelete({ kind, id }) {
        if (kind === 'application') await logos.remove(id);
      },
    },
  };
}
