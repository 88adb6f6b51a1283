import { join } from 'node:path';
import type { Context, Middleware } from 'koa';
import type { Registry } from 'prom-client';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../platform/clock.ts';
import type { FindTouches } from '../platform/impact.ts';
import { newId } from '../platform/ids.ts';
import type { Database } from '../platform/db/connection.mongo.ts';
import { createApi, type Edge } from '../platform/http/api.ts';
import { loadAssets, readAssets } from '../platform/http/assets.ts';
import type { Calls } from '../platform/http/calls.ts';
import type { Endpoint } from '../platform/http/endpoint.ts';
import { requestLog, type Log } from '../platform/http/log.ts';
import { redactPath } from '../platform/http/redaction.ts';
import { createLanguages } from '../platform/i18n/languages.ts';
import { languagePage } from '../platform/i18n/language.pages.ts';
import { createLook } from '../platform/branding/branding.ts';
import { loadMessages } from '../platform/i18n/messages.ts';
import { createMetrics } from '../platform/http/metrics.ts';
import { operations } from '../platform/http/operations.ts';
import { answerOwnHostsOnly } from '../platform/http/own-hosts.ts';
import { createPages } from '../platform/http/pages.ts';
import { securityHeaders } from '../platform/http/security-headers.ts';
import { createHttp } from '../platform/http/server.ts';
import { createShowPage } from '../platform/http/show-page.ts';
import { createViews } from '../platform/http/views.ts';
import { createLocales } from '../platform/http/page-language.ts';
import { createTasks } from '../platform/tasks/tasks.ts';
import { createLeases } from '../platform/leases/leases.mongo.ts';
import type { Problem, Module } from '../module.ts';
import { viewModels } from './view-models.ts';

const root = join(import.meta.dirname, '..', '..');

/** What the modules receive, and what the middleware is made of, independent of the modules. */
export type Fittings = ReturnType<typeof createFittings>;

export function createFittings({ config, now }: { config: Config; now: Clock }) {
  const folder = join(root, 'views');
  const modules = join(root, 'node_modules');
  const tabler = join(modules, '@tabler', 'core', 'dist', 'css', 'tabler.min.css');
  const webauthn = join(modules, '@simplewebauthn', 'browser', 'dist', 'bundle', 'index.umd.min.js');
  const look = createLook(config);
  const assets = loadAssets([tabler, webauthn], [...readAssets(join(folder, 'assets')), ...look.files]);
  const languages = createLanguages(config.languages);
  const messages = loadMessages(folder, config.languages);
  const views = createViews({ folder, assets, languages, messages, look, models: viewModels, issuer: config.issuer });
  const locales = createLocales({ languages, origin: config.issuer, now });
  const showPage = createShowPage({ views, locales });
  return { assets, views, languages, messages, locales, showPage, metrics: createMetrics() };
}

export interface PlumbingOptions extends Fittings {
  config: Config;
  database: Database;
  modules: Module[];
  endpoints: Endpoint[];
  document: object;
  calls: Calls;
  edge: Edge;
  /** Handles requests that no module and no endpoint handles. */
  protocol: Middleware[];
  now: Clock;
  log: Log;
  /** Given this process's metrics, how to collect those of all processes that share the port. */
  collectMetrics?: ((registry: Registry) => () => Promise<string>) | undefined;
  isDatabaseLost?: (() => boolean | Promise<boolean>) | undefined;
}

/** Connects the modules' contributions to HTTP and to the clock, and starts and stops all of it. */
export function connectModules(options: PlumbingOptions) {
  const { config, database, modules, endpoints, document, calls, edge, protocol, log, assets, metrics } = options;
  const { languages, locales, showPage } = options;
  const { issuer } = config;
  const tasks = createTasks({
    tasks: modules.flatMap((module) => module.tasks ?? []),
    leases: createLeases(database.connection),
    holder: newId(),
    log,
  });
  const onDefect = (error: unknown, ctx: Context) =>
    log.error(
      { err: error, request_id: ctx.state['requestId'] as string, path: redactPath(ctx.path) },
      'unhandled error in request',
    );
  const pages = [
    languagePage({ languages, locales, origin: issuer }),
    ...modules.flatMap((module) => module.pages ?? []),
  ];
  let stopping = false;

  const http = createHttp({
    trustedProxies: config.trustedProxies,
    origin: issuer,
    log,
    middleware: [
      requestLog(log),
      metrics.observe,
      securityHeaders({ https: issuer.startsWith('https:') }),
      answerOwnHostsOnly({ issuer, host: config.host, showPage }),
      operations({
        checkDatabase: database.ping,
        isDatabaseLost: options.isDatabaseLost ?? (() => false),
        metrics: options.collectMetrics?.(metrics.registry) ?? (() => metrics.registry.metrics()),
        metricsToken: config.metricsToken,
        isStopping: () => stopping,
      }),
      assets.serve,
      ...createPages({ pages, showPage, locales, origin: issuer, onDefect }),
      ...createApi({ endpoints, document, calls, edge, onDefect }),
      ...protocol,
    ],
  });

  /** Makes collections and indexes, and starts what every module keeps running. */
  async function start({ withTasks = true } = {}): Promise<void> {
    await database.prepare();
    for (const module of modules) await module.start?.();
    if (withTasks) tasks.start();
  }

  /** Lets requests in flight finish, then stops what runs in the background and closes the database. */
  async function stop(): Promise<void> {
    stopping = true;
    await http.close(config.shutdownSeconds * 1000);
    await tasks.stop();
    for (const module of modules) await module.stop?.();
    await database.close();
  }

  return { http, start, stop };
}

/** What one module asks of all others goes through the list, so that new modules need not be named. */
export function askAll(modules: Module[]) {
  const findTouches: FindTouches = async (thing) => {
    const touches = await Promise.all(modules.map(async (module) => (await module.touches?.(thing)) ?? []));
    return touches.flat();
  };
  return {
    findTouches,
    async findProblems(): Promise<Problem[]> {
      const found = await Promise.all(modules.map(async (module) => (await module.problems?.()) ?? []));
      return found.flat().filter(({ count }) => count > 0);
    },
    async removeBelongings(userId: string) {
      for (const module of modules) await module.removePerson?.(userId);
    },
    async signOut(userIds: string[]) {
      for (const module of modules) await module.signOutPeople?.(userIds);
    },
  };
}

/** Every scope of the admin API with its sentence. */
export function scopesOf(modules: Module[]): Record<string, string> {
  return Object.assign({}, ...modules.map((module) => module.scopes ?? {})) as Record<string, string>;
}
