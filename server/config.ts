/**
 * The environment, read once. Every name is listed in docs/configuration.md; a fault stops the
 * start and names each variable that is missing or wrong. Secrets may come from `NAME_FILE`.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { ConfigError } from './platform/config-fault.ts'
import { regionCodePattern } from './platform/ids.ts'
import { limits } from './platform/limits.ts'
import type { Region } from './platform/regions.ts'

const port = z.coerce.number().int().min(0).max(65_535)
const flag = z.enum(['0', '1']).transform((value) => value === '1')
const url = (...protocols: string[]) =>
  z.url().refine((value) => protocols.some((name) => value.startsWith(`${name}:`)), {
    error: `must begin with ${protocols.join(': or ')}:`,
  })

const regionPair = new RegExp(`^([a-z][a-z0-9-]{0,62})=(${regionCodePattern})$`)
const regions = z.string().transform((text, context): readonly Region[] => {
  const pairs = text.split(',').map((part) => regionPair.exec(part.trim()))
  const parsed = pairs.map((match) => ({ name: match?.[1] ?? '', code: match?.[2] ?? '' }))
  const distinct = (values: string[]) => new Set(values).size === values.length
  const valid =
    pairs.every((match) => match !== null) &&
    distinct(parsed.map((region) => region.name)) &&
    distinct(parsed.map((region) => region.code))
  if (!valid) {
    context.addIssue(
      'must be distinct pairs name=code, for example us-east1=use1,europe-west1=euw1',
    )
  }
  return parsed
})

const keySet = z.string().transform((text, context) => {
  const shape = z.object({
    keys: z.array(z.looseObject({ kid: z.string(), kty: z.string() })).min(1),
  })
  try {
    return shape.parse(JSON.parse(text))
  } catch {
    context.addIssue('must be a JSON Web Key Set with at least one key')
    return z.NEVER
  }
})

const shape = z.object({
  REGION: z.string(),
  REGIONS: regions,
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(4000),
  METRICS_PORT: port.default(9464),
  PUBLIC_URL: z.url().optional(),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  DATABASE_URL: url('postgres', 'postgresql'),
  DATABASE_POOL_MAX: z.coerce.number().int().min(1).max(500).default(10),
  REDIS_URL: url('redis', 'rediss').optional(),
  STRIPE_SECRET_KEY: z.string().min(8),
  STRIPE_WEBHOOK_SECRET: z.string().min(8),
  STRIPE_API_URL: url('http', 'https').optional(),
  STRIPE_TIMEOUT_MS: z.coerce.number().int().min(100).max(limits.stripeTimeoutMs).optional(),
  /** Private keys, newest first: the first signs, all are published. */
  TICKET_KEYS: keySet,
  /** Public keys of the issuer whose access tokens are taken. */
  ACCESS_KEYS: keySet,
  ACCESS_ISSUER: z.string().min(1),
  HOLD_TOKEN_SECRET: z.string().min(32),
  /** Private keys of the built-in issuer: development only. */
  DEVELOPMENT_ISSUER_KEYS: keySet.optional(),
  /** How long `/readyz` says "draining" before connections are closed: the balancer's check period. */
  DRAIN_DELAY_MS: z.coerce.number().int().min(0).max(60_000).default(0),
  MIGRATE: flag.default(true),
  STATEMENT_LOG: z.string().optional(),
})

/** Every variable that is read, for the documentation's sake. */
export const settingNames: readonly string[] = Object.keys(shape.shape)

export type Config = Readonly<z.output<typeof shape>>

/** @throws ConfigError with one line for each fault */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const { values, faults } = withFiles(environment)
  const parsed = shape.safeParse(values)
  if (!parsed.success) {
    faults.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${reason(issue)}`))
  } else if (!parsed.data.REGIONS.some((region) => region.name === parsed.data.REGION)) {
    faults.push('REGION: must be one of REGIONS')
  }
  if (!parsed.success || faults.length > 0) {
    throw new ConfigError(`The settings are not complete:\n  ${faults.join('\n  ')}`)
  }
  return Object.freeze(parsed.data)
}

function reason(issue: z.core.$ZodIssue): string {
  const missing = issue.code === 'invalid_type' && issue.message.includes('undefined')
  return missing ? 'is missing' : issue.message
}

/** `NAME_FILE` stands for a file that holds the value of NAME. An empty value is none. */
function withFiles(environment: Readonly<Record<string, string | undefined>>) {
  const values: Record<string, string> = {}
  const faults: string[] = []
  for (const name of Object.keys(shape.shape)) {
    const file = environment[`${name}_FILE`]
    const direct = environment[name]
    if (direct) values[name] = direct
    else if (file) {
      try {
        values[name] = readFileSync(file, 'utf8').trim()
      } catch {
        faults.push(`${name}_FILE: cannot be read`)
      }
    }
  }
  return { values, faults }
}
