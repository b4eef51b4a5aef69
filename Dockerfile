# syntax=docker/dockerfile:1
# The image of every service of a cluster: `amiss SERVICE`. The embedded store (chdb, 546 MB) is left out: a cluster
# has ClickHouse. There is no build step, the services are run as they are written.

FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Optional packages hold the native parts of lmdb, snappy and lz4, so only what a cluster does not use is taken out:
# the embedded store, and the Node that a clone without one would use.
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --ignore-scripts \
    && rm -rf node_modules/chdb node_modules/@chdb node_modules/node-linux-* node_modules/.bin/node

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production \
    AMISS_DATA=/var/lib/amiss \
    AMISS_LISTEN=127.0.0.1:8470
RUN install --directory --owner=1000 --group=1000 --mode=0700 /var/lib/amiss
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json LICENSE* ./
COPY shared shared
COPY services services
USER 1000:1000
VOLUME /var/lib/amiss
EXPOSE 8470
STOPSIGNAL SIGTERM
# Asked on loopback, where a probe needs no token. NODE_EXTRA_CA_CERTS names the authority where TLS is on.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["node", "-e", "fetch(`${process.env.AMISS_HTTP_TLS_CERT_FILE ? 'https' : 'http'}://localhost:${process.env.AMISS_LISTEN.split(':').at(-1)}/readyz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "services/cli.ts"]
CMD ["--help"]
