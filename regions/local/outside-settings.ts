/**
 * What the environment offers instead of a part of our own: a database, a Redis, Stripe, a mail
 * server. Each one stands alone. Values may come from NAME or from the file that NAME_FILE names, as in the server.
 */
import { readFileSync } from 'node:fs'
import { StartError } from './start-error.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export type OutsideSettings = {
  readonly databaseUrl: string | null
  readonly redisUrl: string | null
  /** Stripe's real API, or whatever STRIPE_API_URL names. */
  readonly stripe: boolean
  /** A mail server, so that letters really go out. */
  readonly smtp: boolean
  /** Who sends the letters is said, wherever they go. */
  readonly mailFrom: boolean
}

const stripeNames = ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET', 'STRIPE_API_URL'] as const

/** @throws StartError when the settings of a part are incomplete. */
export function readOutsideSettings(environment: Environment): OutsideSettings {
  const given = (name: string) => settingOf(environment, name)
  const stripe = given('STRIPE_SECRET_KEY') !== null
  const orphan = stripeNames.find((name) => !stripe && given(name) !== null)
  if (orphan !== undefined) {
    throw new StartError(
      `${orphan} is set, but STRIPE_SECRET_KEY is not: set both, or neither to pay at the simulator.`,
    )
  }
  if (stripe && given('STRIPE_WEBHOOK_SECRET') === null) {
    throw new StartError(
      'STRIPE_SECRET_KEY is set, so STRIPE_WEBHOOK_SECRET must be too: it is the signing secret of the webhook endpoint in the Stripe dashboard, or what `stripe listen` prints.',
    )
  }
  const mail = { smtp: given('SMTP_URL') !== null, mailFrom: given('MAIL_FROM') !== null }
  if (mail.smtp && !mail.mailFrom) {
    throw new StartError(
      'SMTP_URL is set, so MAIL_FROM must be too: who sends the letters, like Frontrow <tickets@example.org>.',
    )
  }
  return { databaseUrl: given('DATABASE_URL'), redisUrl: given('REDIS_URL'), stripe, ...mail }
}

/** An empty value is none. */
function settingOf(environment: Environment, name: string): string | null {
  const direct = environment[name]
  if (direct) return direct
  const file = environment[`${name}_FILE`]
  if (!file) return null
  try {
    return readFileSync(file, 'utf8').trim() || null
  } catch (cause) {
    throw new StartError(`${name}_FILE names ${file}, which can't be read.`, { cause })
  }
}
