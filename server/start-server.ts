/** Wires one regional server from its settings. Nothing here decides; it only connects. */
import type { Logger } from 'pino'
import { migrate } from '../migrations/migrate.ts'
import type { Authorities } from './application/authorities.ts'
import { grantStanding, type StandingToGrant } from './application/grant-standing.ts'
import type { Services } from './application/services.ts'
import type { Config } from './config.ts'
import { openAuditWitness } from './open-audit-witness.ts'
import { openElsewhere } from './open-elsewhere.ts'
import { openServices } from './open-services.ts'
import { openTracing } from './open-tracing.ts'
import { systemClock } from './platform/clock.ts'
import { LogLines } from './platform/log-lines.ts'
import { openLogger } from './platform/logger.ts'
import { startTelemetry } from './platform/telemetry.ts'
import { startWorkers } from './start-workers.ts'
import { accessKeys, developmentKeys, regionCallsOf, tokenVerifier } from './token-parts.ts'
import { resourceOf } from './tracing-settings.ts'
import { type HttpOptions, httpServer } from './transport/http-server.ts'

const standardOutput = 1

export type RunningServer = {
  readonly url: string
  readonly metricsUrl: string
  readonly log: Logger
  /** Who sells for which home region, as far as this server knows. */
  readonly authorities: Authorities
  /** Stops taking calls, finishes those in flight, then closes everything. */
  readonly stop: () => Promise<void>
}

/**
 * @param bounds of connections; those of limits.ts unless told
 * @throws ConfigError, or the error of what could not be reached
 */
export async function startServer(
  config: Config,
  bounds?: HttpOptions['bounds'],
): Promise<RunningServer> {
  const lines = new LogLines(standardOutput)
  const log = openLogger({ level: config.LOG_LEVEL, region: config.REGION, to: lines })
  lines.onBack((loss) => log.warn(loss, 'the log took no lines for a while: they are lost'))
  const tokens = tokenVerifier(config, log)
  let regionsNowMs = systemClock.nowMs
  const regionCalls = regionCallsOf(config, () => regionsNowMs())
  if (config.MIGRATE) {
    const { DATABASE_URL: url, REGIONS: regions } = config
    await migrate({ url, regions, log: (line) => log.info(line) })
  }
  const tracing = await openTracing(config, log)
  const telemetry = await startTelemetry({
    host: config.HOST,
    port: config.METRICS_PORT,
    resource: resourceOf(config),
  })
  lines.onLost((count) => telemetry.count('frontrow.log.lost_lines', {}, count))
  let accepting = true
  const opened = await openServices(config, { log, telemetry, draining: () => !accepting })
  const { services } = opened
  regionsNowMs = opened.regionsNowMs
  const witness = await openAuditWitness(config, { services, count: telemetry.count })
  const workers = startWorkers(services, opened.authority, witness)
  opened.onNudge(() => workers.nudge())

  const elsewhere = await openElsewhere(config, { services, telemetry })
  const app = await httpServer({
    services,
    log,
    elsewhere: elsewhere?.calls ?? null,
    isClockOff: opened.isClockOff,
    accessKeys: { keys: accessKeys(config) },
    proofs: {
      tokens,
      keys: services.apiKeys,
      regionCalls,
    },
    readiness: { accepting: () => accepting, ...opened.readiness },
    webhook: {
      verify: opened.verifyWebhook,
      settleSoon: workers.settleSoon,
    },
    developmentIssuer: await developmentIssuer(config, services),
    web: {
      trustedProxies: config.TRUSTED_PROXIES,
      corsOrigins: config.CORS_ORIGINS,
      isHttpsOnly: config.PUBLIC_URL?.startsWith('https:') === true,
    },
    ...(bounds === undefined ? {} : { bounds }),
  })
  const url = await app.listen({ host: config.HOST, port: config.PORT })
  log.info({ url, holdBook: services.holdBook.kind }, 'ready to sell')
  const stop = async () => {
    accepting = false
    await systemClock.wait(config.DRAIN_DELAY_MS)
    await app.close()
    elsewhere?.links.close()
    await workers[Symbol.asyncDispose]()
    await opened[Symbol.asyncDispose]()
    await telemetry[Symbol.asyncDispose]()
    await tracing[Symbol.asyncDispose]()
    lines[Symbol.dispose]()
  }
  const metricsUrl = `http://${config.HOST}:${telemetry.port}/metrics`
  return { url, metricsUrl, log, authorities: services.authorities, stop }
}

async function developmentIssuer(config: Config, services: Services) {
  const keys = await developmentKeys(config)
  if (keys === null) return null
  return {
    ...keys,
    nowMs: systemClock.nowMs,
    grant: (person: string, standing: StandingToGrant) => grantStanding(services, person, standing),
  }
}
