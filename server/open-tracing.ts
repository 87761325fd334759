/** Starts the export of traces where the settings name a collector; elsewhere nothing is loaded. */
import type { Logger } from 'pino'
import { systemClock } from './platform/clock.ts'
import { resourceOf, type TracingSettings, tracesUrlOf } from './tracing-settings.ts'

export async function openTracing(
  settings: TracingSettings,
  log: Pick<Logger, 'warn' | 'info'>,
): Promise<AsyncDisposable> {
  const url = tracesUrlOf(settings)
  if (url === null) return { [Symbol.asyncDispose]: () => Promise.resolve() }
  const { startTracing } = await import('./platform/start-tracing.ts')
  const sampler = settings.OTEL_TRACES_SAMPLER
  log.info({ url, sampler }, 'traces are exported')
  return startTracing({
    url,
    headers: settings.OTEL_EXPORTER_OTLP_HEADERS,
    sampler,
    ratio: settings.OTEL_TRACES_SAMPLER_ARG,
    resource: resourceOf(settings),
    clock: systemClock,
    onLost: (err) => log.warn({ err, url }, 'traces are lost: the collector does not take them'),
  })
}
