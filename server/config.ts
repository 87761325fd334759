/**
 * The environment, read once. Every name is listed in docs/configuration.md; a fault stops the
 * start and names each variable that is missing or wrong. Secrets may come from `NAME_FILE`.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { relationFaults } from './config-relations.ts'
import { senderOf } from './domain/mail-address.ts'
import { isNetwork } from './platform/address-block.ts'
import { ConfigError } from './platform/config-fault.ts'
import { regionCodePattern } from './platform/ids.ts'
import { limits } from './platform/limits.ts'
import { type Region, regionNamePattern } from './platform/regions.ts'
import type { Topology } from './platform/topology.ts'
import { topologySettings } from './topology-settings.ts'
import { tracingSettings } from './tracing-settings.ts'

const port = z.coerce.number().int().min(0).max(65_535)
const flag = z.enum(['0', '1']).transform((value) => value === '1')
const url = (...protocols: string[]) =>
  z.url({ abort: true }).refine((value) => protocols.some((name) => value.startsWith(`${name}:`)), {
    error: `must begin with ${protocols.join(': or ')}:`,
  })

const regionPair = new RegExp(`^(${regionNamePattern})=(${regionCodePattern})$`)
/** `us-east1=use1,europe-west1=euw1` */
export const regionPairs = z.string().transform((text, context): readonly Region[] => {
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

const keysShape = z.object({
  keys: z.array(z.looseObject({ kid: z.string(), kty: z.string() })).min(1),
})
const hasDistinctKids = ({ keys }: z.output<typeof keysShape>) =>
  new Set(keys.map(({ kid }) => kid)).size === keys.length

const keySet = z.string().transform((text, context) => {
  try {
    const set = keysShape.parse(JSON.parse(text))
    if (hasDistinctKids(set)) return set
    context.addIssue('must not have two keys of one kid')
  } catch {
    context.addIssue('must be a JSON Web Key Set with at least one key')
  }
  return z.NEVER
})

/** Public key sets by region: `{"us-east1":{"keys":[…]},…}`. */
export const keySetsByRegion = z.string().transform((text, context) => {
  try {
    const sets = z.record(z.string(), keysShape).parse(JSON.parse(text))
    const named = new Map(Object.entries(sets))
    const isPublic = ({ keys }: z.output<typeof keysShape>) => keys.every((key) => !('d' in key))
    if (![...named.values()].every(hasDistinctKids)) {
      context.addIssue('must not have two keys of one kid for a region')
    } else if ([...named.values()].every(isPublic)) return named
    else context.addIssue('must hold public keys only; a private one was shown: replace that key')
  } catch {
    context.addIssue('must be JSON of the form {"region name": JSON Web Key Set, …}')
  }
  return z.NEVER
})

/** What an outside issuer may sign with: never a shared secret, never nothing. */
const outsideAlgorithms = z.string().transform((text, context) => {
  const named = z
    .array(z.enum(['RS256', 'PS256', 'ES256', 'EdDSA']))
    .safeParse(text.split(',').map((part) => part.trim()))
  if (!named.success) context.addIssue('must be of RS256, PS256, ES256, EdDSA')
  // Both names of one algorithm (RFC 8037, RFC 9864).
  return named.data?.flatMap((name) => (name === 'EdDSA' ? [name, 'Ed25519'] : [name])) ?? []
})

/** Tokens are only as good as the way to the issuer's keys. */
const issuerUrl = url('https', 'http').refine(
  (value) => {
    const { protocol, hostname } = new URL(value)
    return protocol === 'https:' || ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)
  },
  { error: 'must begin with https: (http: is for an issuer on this machine)' },
)

/** What it may say is one server and one account; nodemailer would take much more from a URL. */
const smtpUrl = url('smtp', 'smtps').refine(
  (value) => {
    const { hostname, pathname, search, hash } = new URL(value)
    return hostname !== '' && ['', '/'].includes(pathname) && search === '' && hash === ''
  },
  { error: 'must be like smtps://user:password@mail.example.org:465 and no more' },
)

const mailSender = z.string().transform((text, context) => {
  const sender = senderOf(text)
  if (sender !== null) return sender
  context.addIssue('must be an address, or like Frontrow <tickets@example.org>')
  return z.NEVER
})

const callsAMinute = z.coerce.number().int().min(10).max(100_000_000)

const listed = (text: string) =>
  text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]))

const networks = z
  .string()
  .transform(listed)
  .refine((all) => all.every(isNetwork), {
    error: 'must be addresses and networks, like 10.0.0.0/8,2001:db8::1',
  })

/** Exactly what browsers send: scheme, host and port, and no more. */
const origins = z
  .string()
  .transform(listed)
  .refine((all) => all.every((each) => /^https?:/.test(each) && isOrigin(each)), {
    error: 'must be origins, like https://shop.example.org',
  })
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text
}

const shape = z.object({
  REGION: z.string(),
  REGIONS: regionPairs,
  /** Path of the topology's file; without it this server is alone. */
  TOPOLOGY: z.string().optional(),
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(4000),
  METRICS_PORT: port.default(9464),
  PUBLIC_URL: z.url().optional(),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  DATABASE_URL: url('postgres', 'postgresql'),
  DATABASE_POOL_MAX: z.coerce.number().int().min(2).max(500).default(10),
  /** Of these, for reads that may be old; a third unless told. */
  DATABASE_STALE_POOL_MAX: z.coerce.number().int().min(1).max(500).optional(),
  DATABASE_STALE_URL: url('postgres', 'postgresql').optional(),
  REDIS_URL: url('redis', 'rediss').optional(),
  STRIPE_SECRET_KEY: z.string().min(8),
  STRIPE_WEBHOOK_SECRET: z.string().min(8),
  STRIPE_API_URL: url('http', 'https').optional(),
  STRIPE_TIMEOUT_MS: z.coerce.number().int().min(100).max(limits.stripeTimeoutMs).optional(),
  /** Where letters go, and who sends them: both or neither. */
  SMTP_URL: smtpUrl.optional(),
  MAIL_FROM: mailSender.optional(),
  /** Private keys, newest first: the first signs, all are published. */
  TICKET_KEYS: keySet,
  /** Private keys of our own access tokens, newest first; or only public ones of them; or OIDC. */
  ACCESS_SIGNING_KEYS: keySet.optional(),
  ACCESS_KEYS: keySet.optional(),
  ACCESS_ISSUER: z.string().min(1).optional(),
  OIDC_ISSUER: issuerUrl.optional(),
  OIDC_AUDIENCE: z.string().min(1).optional(),
  OIDC_ALGORITHMS: outsideAlgorithms.prefault('RS256,ES256,EdDSA,PS256'),
  /** Private keys of this region's calls to others, and the public ones of all regions. */
  REGION_CALL_KEYS: keySet.optional(),
  REGION_CALL_PUBLIC_KEYS: keySetsByRegion.optional(),
  HOLD_TOKEN_SECRET: z.string().min(32),
  /** Of accounts, in all regions alike: what is signed and encrypted; where addresses are found. */
  ACCOUNTS_SECRET: z.string().min(32).optional(),
  ACCOUNTS_DIRECTORY_SECRET: z.string().min(32).optional(),
  /** Private keys of the built-in issuer: development only. */
  DEVELOPMENT_ISSUER_KEYS: keySet.optional(),
  /** How long `/readyz` says "draining" before connections are closed: the balancer's check period. */
  DRAIN_DELAY_MS: z.coerce.number().int().min(0).max(60_000).default(0),
  MIGRATE: flag.default(true),
  STATEMENT_LOG: z.string().optional(),
  /** Calls a minute. */
  RATE_LIMIT_PER_CALLER: callsAMinute.default(limits.ratePerCaller),
  RATE_LIMIT_PER_ADDRESS: callsAMinute.default(limits.ratePerAddress),
  RATE_LIMIT_PER_ORGANISATION: callsAMinute.default(limits.ratePerOrganisation),
  TRUSTED_PROXIES: networks.prefault(''),
  CORS_ORIGINS: origins.prefault(''),
  ...tracingSettings,
})

/** Every variable that is read, for the documentation's sake. */
export const settingNames: readonly string[] = Object.keys(shape.shape)

export type Config = Readonly<z.output<typeof shape>> & {
  /** Null: a server alone, which forwards nothing and follows nobody. */
  readonly topology: Topology | null
}

/** @throws ConfigError with one line for each fault */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const { values, faults } = withFiles(environment)
  const fromFile = topologySettings(values)
  faults.push(...fromFile.faults)
  const { topology, settings } = fromFile
  const parsed = shape.safeParse({ ...settings, ...values })
  if (!parsed.success) {
    const { issues } = parsed.error
    // What a faulty topology would have said is not missing beside it.
    const told = new Set(fromFile.faults.length > 0 ? ['REGIONS', 'DATABASE_URL'] : [])
    const untold = issues.filter(
      (issue) => !told.has(String(issue.path[0])) || isSet(issue, values),
    )
    faults.push(...untold.map((issue) => `${issue.path.join('.')}: ${reason(issue)}`))
  } else {
    faults.push(...relationFaults({ ...parsed.data, topology }))
  }
  if (!parsed.success || faults.length > 0) {
    throw new ConfigError(`The settings are not complete:\n  ${faults.join('\n  ')}`)
  }
  return Object.freeze({ ...parsed.data, topology })
}

function isSet({ path }: z.core.$ZodIssue, values: Readonly<Record<string, string>>): boolean {
  return String(path[0]) in values
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
