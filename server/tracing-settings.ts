/**
 * Settings of traces, by OpenTelemetry's own names, so that what operators set for other programs
 * serves here too. Without an address to export to there are no traces.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
import { z } from 'zod'
import { type SamplerName, samplerNames } from './platform/samplers.ts'

const address = z.url({ protocol: /^https?$/ })

/** `name=value,…`, percent-encoded: the form of W3C baggage. */
const pairs = z.string().transform((text, context): Readonly<Record<string, string>> => {
  const parts = text.split(',').filter((part) => part.trim() !== '')
  const found = parts.map((part) => /^\s*([^=\s]+)\s*=(.*)$/.exec(part))
  try {
    return Object.fromEntries(
      found.map((match) => [
        decodeURIComponent(match?.[1] ?? '%'),
        decodeURIComponent(match?.[2]?.trim() ?? ''),
      ]),
    )
  } catch {
    context.addIssue('must be pairs name=value, separated by commas, percent-encoded')
    return z.NEVER
  }
})

export const tracingSettings = {
  OTEL_SDK_DISABLED: z
    .string()
    .transform((text) => text.toLowerCase() === 'true')
    .default(false),
  OTEL_EXPORTER_OTLP_ENDPOINT: address.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: address.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: pairs.default({}),
  OTEL_TRACES_SAMPLER: z.enum(samplerNames).default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_RESOURCE_ATTRIBUTES: pairs.default({}),
} as const

export type TracingSettings = {
  readonly REGION: string
  readonly OTEL_SDK_DISABLED: boolean
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined
  readonly OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?: string | undefined
  readonly OTEL_EXPORTER_OTLP_HEADERS: Readonly<Record<string, string>>
  readonly OTEL_TRACES_SAMPLER: SamplerName
  readonly OTEL_TRACES_SAMPLER_ARG: number
  readonly OTEL_SERVICE_NAME?: string | undefined
  readonly OTEL_RESOURCE_ATTRIBUTES: Readonly<Record<string, string>>
}

/** Whose traces and metrics these are. What is set says it; the name set by itself comes first. */
export function resourceOf(settings: TracingSettings): Readonly<Record<string, string>> {
  const { REGION, OTEL_SERVICE_NAME: name, OTEL_RESOURCE_ATTRIBUTES: more } = settings
  return {
    'service.name': 'frontrow',
    'cloud.region': REGION,
    ...more,
    ...(name === undefined ? {} : { 'service.name': name }),
  }
}

/** Where spans are sent, or null: nowhere, and none are made. */
export function tracesUrlOf(settings: TracingSettings): string | null {
  if (settings.OTEL_SDK_DISABLED) return null
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own, OTEL_EXPORTER_OTLP_ENDPOINT: base } = settings
  if (own !== undefined) return own
  return base === undefined ? null : `${base.replace(/\/$/, '')}/v1/traces`
}
