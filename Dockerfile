# The dependencies, with what building them needs; none of it reaches the final image.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# What npm links as the command `cohort`, so that `npx cohort` has nothing to install when another user runs it.
COPY src/cli/package.json src/cli/cohort.ts ./src/cli/
# TypeScript is what npm adds for i18next, for which it is optional.
RUN npm ci --omit=dev --ignore-scripts && rm -r node_modules/typescript && npm cache clean --force

FROM node:24-bookworm-slim
# glibc keeps what each of Node's threads has freed; with two arenas in place of one for each thread, that is 10 MB less.
ENV MALLOC_ARENA_MAX=2
ENV NODE_ENV=production COHORT_HOST=0.0.0.0 COHORT_PORT=3000 COHORT_DATA_DIR=/data
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY config ./config
COPY views ./views
COPY src ./src
# Not volumes. The data are in MongoDB; a start without MONGODB_URI needs the folder to come as far as saying so.
RUN mkdir /data /app/.cache && chown node:node /data /app/.cache
USER node
# All code is compiled here, as the user who runs it, so that no start takes the time for it, also where the file system is read-only.
# The start ends by itself, because there is no database.
ENV COHORT_CACHE_DIR=/app/.cache
RUN COHORT_DATA_DIR=/tmp/unused node src/main.js 2>&1 | grep 'set MONGODB_URI' && rm -rf /tmp/unused
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.COHORT_PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/main.js"]
