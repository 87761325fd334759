/** OpenTelemetry's own settings, as other programs read them. */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { resourceOf, tracesUrlOf, tracingSettings } from './tracing-settings.ts'

const shape = z.object({ REGION: z.string(), ...tracingSettings })
const read = (settings: Readonly<Record<string, string>> = {}) =>
  shape.parse({ REGION: 'us-east1', ...settings })

describe('where spans go', () => {
  it.each([
    [{}, null],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, 'http://c:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/otlp/' }, 'http://c:4318/otlp/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c/mine' }, 'https://c/mine'],
    [
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318',
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c/mine',
      },
      'https://c/mine',
    ],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_SDK_DISABLED: 'True' }, null],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_SDK_DISABLED: 'no' },
      'http://c:4318/v1/traces',
    ],
  ])('%j: %s', (settings, url) => {
    expect(tracesUrlOf(read(settings))).toBe(url)
  })
})

describe('pairs', () => {
  it('are percent-encoded; a name that is set by itself wins', () => {
    const settings = read({
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=other, team=box%20office,empty=,cloud.region=moon,',
      OTEL_SERVICE_NAME: 'tickets',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20a%3Db',
    })
    expect(resourceOf(settings)).toEqual({
      'service.name': 'tickets',
      'cloud.region': 'moon',
      team: 'box office',
      empty: '',
    })
    expect(settings.OTEL_EXPORTER_OTLP_HEADERS).toEqual({ authorization: 'Bearer a=b' })
  })

  it('may give the service its name', () => {
    const settings = read({ OTEL_RESOURCE_ATTRIBUTES: 'service.name=other' })
    expect(resourceOf(settings)['service.name']).toBe('other')
    expect(resourceOf(read())['service.name']).toBe('frontrow')
  })

  it.each(['team', '=x', 'a=%zz'])('are refused when broken: %s', (text) => {
    const parsed = shape.safeParse({ REGION: 'x', OTEL_RESOURCE_ATTRIBUTES: text })
    expect(parsed.error?.issues[0]?.message).toBe(
      'must be pairs name=value, separated by commas, percent-encoded',
    )
  })
})

describe('the sampler', () => {
  it('is one of OpenTelemetry’s, with a ratio', () => {
    expect(read().OTEL_TRACES_SAMPLER).toBe('parentbased_always_on')
    const settings = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' }
    expect(read(settings)).toMatchObject({ OTEL_TRACES_SAMPLER_ARG: 0.01 })
    expect(() => read({ OTEL_TRACES_SAMPLER: 'sometimes' })).toThrow()
    expect(() => read({ OTEL_TRACES_SAMPLER_ARG: '2' })).toThrow()
  })
})
