import type { Context } from 'koa';
import type { Module } from '../directory/module.ts';
import { theOne } from './contributions.ts';
import { HEAVY_AT_ONCE } from '../platform/heavy-work.ts';
import { newId } from '../platform/ids.ts';
import { basePathOf, isHttps } from '../platform/issuer.ts';
import { answerBelowBasePath } from '../platform/http/base-path.ts';
import { serveDocuments, type PublicDocuments } from '../platform/http/documents.ts';
import { answerOwnSegments } from '../platform/http/fallback.ts';
import { limitHeads } from '../platform/http/head-limits.ts';
import { requestLog, requestNotes, type NoteRequest } from '../platform/http/log.ts';
import { operations } from '../platform/http/operations.ts';
import { answerOwnHostsOnly, ownHosts } from '../platform/http/own-hosts.ts';
import { createPages, showErrorPages } from '../platform/http/pages.ts';
import { answerPrepared } from '../platform/http/prepared.ts';
import { redactPath } from '../platform/http/redaction.ts';
import { headersOfEveryAnswer, securityHeaders } from '../platform/http/security-headers.ts';
import { takeTurns } from '../platform/http/turns.ts';
import { refuseOtherUrls } from '../platform/http/utf8-urls.ts';
import { changesOf } from '../platform/db/change-feed.mongo.ts';
import { createChangeStream } from '../platform/db/change-stream.mongo.ts';
import { writeDeferred } from '../platform/db/deferred-writes.mongo.ts';
import { createHttp } from '../platform/http/server.ts';
import { languagePage } from '../platform/i18n/language.pages.ts';
import { createLeases } from '../platform/leases/leases.mongo.ts';
import { createTasks } from '../platform/tasks/tasks.ts';
import type { AppOptions } from './options.ts';
import type { Foundation } from './platform.ts';

/** The HTTP server and the clock of what the modules contribute; starts and stops all of it. */
export function createServer(
  { platform, database, assets, locales }: Foundation,
  modules: Module[],
  options: Pick<AppOptions, 'collectMetrics' | 'isDatabaseLost' | 'changeSource' | 'changeRelay'>,
) {
  const { collectMetrics, isDatabaseLost = () => false, changeSource, changeRelay } = options;
  const { config, connection, heavyWork, log, metrics, languages, showPage, contributions } = platform;
  const { issuer } = config;
  const tasks = createTasks({
    tasks: contributions.tasks,
    leases: createLeases(connection),
    holder: newId(),
    log,
  });
  const onDefect = (error: unknown, ctx: Context) =>
    log.error(
      { err: error, request_id: ctx.state['requestId'] as string, path: redactPath(ctx.path) },
      'unhandled error in request',
    );
  const pages = [languagePage({ languages, locales, issuer }), ...contributions.pages];
  const common = headersOfEveryAnswer({ https: isHttps(issuer) });
  const headers = securityHeaders(common);
  const write = requestNotes(log);
  const note: NoteRequest = (request) => {
    metrics.record(request);
    write(request);
  };
  const isOwnHost = ownHosts({ issuer, host: config.host });
  const documents = Object.assign({}, ...modules.map((module) => module.documents)) as PublicDocuments;
  const fallback = theOne(modules, 'fallback')();
  let stopping = false;

  const http = createHttp({
    trustedProxies: config.trustedProxies,
    issuer,
    log,
    answerFirst: answerPrepared({
      documents,
      base: basePathOf(issuer),
      headers: common,
      isOwnHost,
      note,
    }),
    showUnreadable: (ctx, { status, code }) =>
      headers(ctx, () => showPage(ctx, { view: 'error', model: { status, code, returnTo: undefined }, status })),
    middleware: [
      requestLog(note),
      platform.proxyWatch.middleware,
      headers,
      answerOwnHostsOnly(isOwnHost, { showPage }),
      answerBelowBasePath({ issuer, showPage }),
      operations({
        checkDatabase: database.ping,
        isDatabaseLost,
        metrics: collectMetrics?.(metrics.registry) ?? (() => metrics.registry.metrics()),
        metricsToken: config.metricsToken,
        isStopping: () => stopping,
      }),
      refuseOtherUrls({ showPage }),
      assets.serve,
      // The look of the page that says so must load in the same browser.
      limitHeads({ showPage }),
      serveDocuments(documents),
      showErrorPages({ showPage, onDefect }),
      takeTurns({
        atOnce: HEAVY_AT_ONCE,
        isBusy: () => heavyWork.running() > 0,
        // Where the provider takes up the request of the application again, after the pages.
        isEnd: ({ path }) => path.startsWith('/auth/'),
      }),
      answerOwnSegments(fallback),
      createPages({ pages, showPage, locales, issuer }),
      ...modules.flatMap((module) => module.routes?.(onDefect) ?? []),
      ...fallback.middleware,
    ],
  });

  /** Makes collections and indexes, and starts what every module keeps running. */
  async function start({ withTasks = true } = {}): Promise<void> {
    await database.prepare();
    for (const module of modules) await module.start?.();
    const source = changeSource?.() ?? createChangeStream(database, log);
    await changesOf(connection).start({ source, relay: changeRelay });
    if (withTasks) tasks.start();
  }

  /** Lets requests in flight finish, then stops what runs in the background and closes the database. */
  async function stop(): Promise<void> {
    stopping = true;
    await http.close(config.shutdownSeconds * 1000);
    await tasks.stop();
    for (const module of modules) await module.stop?.();
    await writeDeferred(connection);
    await changesOf(connection).stop();
    await database.close();
  }

  return { http, start, stop };
}
