/**
 * Who decides whether a trace is exported. `parentbased_…` believes a caller that says so;
 * `traceidratio` keeps the caller's trace but decides itself, as becomes a door to strangers.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export const samplerNames = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

export type SamplerName = (typeof samplerNames)[number]
