/** Servers of two regions on one database, with a real mailbox: accounts as strangers meet them. */
import { createHmac, randomUUID } from 'node:crypto'
import { createTRPCClient, httpLink } from '@trpc/client'
import { type MailSink, startMailSink } from '../../mail-sink/sink.ts'
import { findFreePort } from '../../regions/local/free-port.ts'
import { type Config, readConfig } from '../../server/config.ts'
import { startServer } from '../../server/start-server.ts'
import type { AppRouter } from '../../server/transport/routers/index.ts'
import { createTestDatabase } from '../support/database.ts'
import { apiAt, freshSettings, openFixtures, region, type Sql } from '../support/sale-system.ts'

export const otherRegion = 'europe-west1'
export const password = 'a bicycle made of rain'

export type AccountsApi = ReturnType<typeof apiAt>

export type AccountsSystem = AsyncDisposable & {
  readonly config: Config
  readonly url: string
  readonly databaseUrl: string
  readonly mail: MailSink
  readonly sql: Sql
  /** Nobody, at the server of the first region, and at that of the other. */
  readonly nobody: AccountsApi
  readonly elsewhere: AccountsApi
  readonly as: (accessToken: string, where?: 'here' | 'elsewhere') => AccountsApi
}

export async function openAccounts(
  settings: Readonly<Record<string, string>> = {},
): Promise<AccountsSystem> {
  const database = await createTestDatabase()
  const mail = await startMailSink()
  const shared = {
    ...(await freshSettings()),
    DATABASE_URL: database.url,
    STRIPE_API_URL: 'http://127.0.0.1:9',
    SMTP_URL: mail.smtpUrl,
    MAIL_FROM: 'Tickets <tickets@example.org>',
    ...settings,
  }
  const config = readConfig(shared)
  const first = await startServer(config)
  const second = await startServer(
    readConfig({
      ...shared,
      REGION: otherRegion,
      PORT: String(await findFreePort()),
      METRICS_PORT: String(await findFreePort()),
    }),
  )
  const pool = openFixtures(database.url)
  return {
    config,
    url: first.url,
    databaseUrl: database.url,
    mail,
    sql: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await pool.query<Row>(text, [...values])).rows,
    nobody: nobodyAt(first.url),
    elsewhere: nobodyAt(second.url),
    as: (token, where = 'here') => apiAt(where === 'here' ? first.url : second.url, token),
    [Symbol.asyncDispose]: async () => {
      await pool.end()
      await second.stop()
      await first.stop()
      await mail.close()
      await database[Symbol.asyncDispose]()
    },
  }
}

function nobodyAt(url: string) {
  return createTRPCClient<AppRouter>({ links: [httpLink({ url: `${url}/trpc` })] })
}

export const newKey = () => randomUUID()
export const newEmail = (who = 'fan') => `${who}.${randomUUID().slice(0, 8)}@example.org`

/** The code of the next letter to this address. */
export async function codeFor({ mail }: AccountsSystem, to: string, template: string) {
  const { code } = await mail.next({ to, template, timeoutMs: 10_000 })
  if (code === null) throw new Error(`no code in the letter ${template}`)
  return code
}

export type Member = {
  readonly email: string
  readonly api: AccountsApi
  readonly tokens: { accessToken: string; refreshToken: string }
}

/** Signed up, proven and signed in. */
export async function newMember(
  system: AccountsSystem,
  wish: { readonly email?: string; readonly homeRegion?: string } = {},
): Promise<Member> {
  const email = wish.email ?? newEmail()
  const home = wish.homeRegion ?? region
  await system.nobody.accounts.signUp.mutate({ email, password, name: 'Fan', homeRegion: home })
  const code = await codeFor(system, email, 'verify-email')
  await system.nobody.accounts.verifyEmail.mutate({ email, code, password })
  return { email, ...(await signedIn(system, email)) }
}

export async function signedIn(system: AccountsSystem, email: string, secret = password) {
  const answer = await system.nobody.accounts.signIn.mutate({
    email,
    password: secret,
    key: newKey(),
  })
  if (answer.kind !== 'signed-in') throw new Error('a second factor was not expected')
  return { tokens: answer, api: system.as(answer.accessToken) }
}

/** What an authenticator shows (RFC 6238), from the address that it was given. */
export function authenticatorCode(uri: string, atMs = Date.now()): string {
  const secret = new URL(uri).searchParams.get('secret') ?? ''
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / 30_000)))
  const digest = createHmac('sha1', fromBase32(secret)).update(counter).digest()
  const offset = (digest.at(-1) ?? 0) & 0x0f
  const number = digest.readUInt32BE(offset) & 0x7fffffff
  return String(number % 1_000_000).padStart(6, '0')
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function fromBase32(text: string): Buffer {
  const bits = Array.from(text.replace(/=+$/, ''))
    .map((letter) => base32.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  const bytes = bits.match(/.{8}/g) ?? []
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)))
}
