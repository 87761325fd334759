/**
 * A system that is listened to at every end: a server as a process that logs all it can, a
 * collector of traces, a mailbox, and every answer that says no.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { createTRPCClient, httpLink } from '@trpc/client'
import { type MailSink, startMailSink } from '../../mail-sink/sink.ts'
import type { AppRouter } from '../../server/transport/routers/index.ts'
import { type Receiver, startReceiver } from '../eyes/otlp-receiver.ts'
import { openProcessSystem, type ProcessSystem } from '../kill/process-system.ts'
import { Closers } from '../support/closers.ts'
import { redisMissing } from '../support/redis.ts'
import { freshSettings, tokenFor } from '../support/sale-system.ts'

export type Cage = AsyncDisposable & {
  readonly system: ProcessSystem
  readonly letters: MailSink
  readonly collector: Receiver
  readonly secrets: Readonly<Record<string, string>>
  /** Every answer that was a refusal, and every answer to somebody else. */
  readonly heard: string[]
  /** Calls as whoever holds the token; what others are answered is all heard. */
  readonly as: (
    token: string | null,
    who?: 'self' | 'another',
    shown?: Readonly<Record<string, string>>,
  ) => Api
  readonly tokenOf: (name: string, standing?: object) => Promise<string>
}

export type Api = ReturnType<typeof createTRPCClient<AppRouter>>

export function openCage(): Promise<Cage> {
  const closers = new Closers()
  return closers.opening(async () => {
    const letters = closers.use(await startMailSink())
    const collector = closers.use(await startReceiver())
    const secret = () => `canary-secret-${randomBytes(24).toString('hex')}`
    const fresh = await freshSettings()
    const settings = {
      HOLD_TOKEN_SECRET: secret(),
      ACCOUNTS_SECRET: secret(),
      ACCOUNTS_DIRECTORY_SECRET: secret(),
      STRIPE_SECRET_KEY: `sk_test_canary${randomBytes(12).toString('hex')}`,
      STRIPE_WEBHOOK_SECRET: `whsec_canary${randomBytes(12).toString('hex')}`,
    }
    const mailPassword = secret()
    const secrets = {
      ...settings,
      ...privateParts(fresh),
      'the password of the mail server': mailPassword,
    }
    const system = closers.use(
      await openProcessSystem({
        book: redisMissing() === null ? 'redis' : 'sql',
        settings: {
          ...fresh,
          ...settings,
          LOG_LEVEL: 'debug',
          SMTP_URL: withPassword(letters.smtpUrl, mailPassword, 'frontrow'),
          MAIL_FROM: 'tickets@frontrow.test',
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
          RATE_LIMIT_PER_CALLER: '1000000',
          RATE_LIMIT_PER_ADDRESS: '1000000',
          RATE_LIMIT_PER_ORGANISATION: '1000000',
        },
      }),
    )
    const heard: string[] = []
    return {
      system,
      letters,
      collector,
      secrets,
      heard,
      as: (token, who = 'self', shown = {}) => apiOf(system.url, { token, who, shown, heard }),
      tokenOf: (name, standing = {}) => tokenFor(system.url, { name, ...standing }),
      [Symbol.asyncDispose]: () => closers.close(),
    }
  })
}

type Hearing = {
  readonly token: string | null
  readonly who: 'self' | 'another'
  readonly shown: Readonly<Record<string, string>>
  readonly heard: string[]
}

/** Where nobody asks for a password, one that is shown does no harm. */
function withPassword(url: string, password: string, user?: string): string {
  const shown = new URL(url)
  shown.password = password
  if (user !== undefined) shown.username = user
  return shown.href
}

/** Of each set of keys that signs, what must never be seen. */
function privateParts(settings: Readonly<Record<string, string>>): Record<string, string> {
  const names = ['ACCESS_SIGNING_KEYS', 'TICKET_KEYS', 'REGION_CALL_KEYS']
  return Object.fromEntries(
    names.map((name) => {
      const { keys } = JSON.parse(settings[name] ?? '') as { keys: { d: string }[] }
      return [`the private part of ${name}`, keys[0]?.d ?? '']
    }),
  )
}

function apiOf(url: string, { token, who, shown, heard }: Hearing) {
  const headers = { ...shown, ...(token === null ? {} : { authorization: `Bearer ${token}` }) }
  const listening: typeof fetch = async (address, init) => {
    const answer = await fetch(address, init)
    const text = await answer.clone().text()
    if (!answer.ok || who === 'another') {
      heard.push(`${answer.status} ${JSON.stringify([...answer.headers])} ${text}`)
    }
    return answer
  }
  return createTRPCClient<AppRouter>({
    links: [httpLink({ url: `${url}/trpc`, headers, fetch: listening as never })],
  })
}

export const newKey = () => randomUUID()
