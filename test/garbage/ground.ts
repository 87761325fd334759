/**
 * The system that garbage is thrown at: a server as a process with a small heap, a database, Redis
 * and the Stripe simulator, with things in it that belong to somebody, and callers of every kind.
 */
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import type { JWK } from 'jose'
import { type MailSink, startMailSink } from '../../mail-sink/sink.ts'
import { type Fan, openProcessSystem, type ProcessSystem } from '../kill/process-system.ts'
import { buyUntilAnswered } from '../kill/purchase.ts'
import { Closers } from '../support/closers.ts'
import { eventually } from '../support/eventually.ts'
import { redisMissing } from '../support/redis.ts'
import { apiAt, freshSettings, refusalOf, region, tokenFor } from '../support/sale-system.ts'
import { idsOfNothing } from './breakers.ts'
import type { Known } from './valid-input.ts'

export const callerNames = [
  'nobody',
  'stranger',
  'member',
  'organiser',
  'admin',
  'admin with a reason',
  'machine',
] as const
export type CallerName = (typeof callerNames)[number]

/** A walk whose server keeps what it was sent does not fit into these. */
const heapMegabytes = 256
export const residentMegabytesMax = 640

export type Ground = AsyncDisposable & {
  readonly system: ProcessSystem
  readonly settings: Readonly<Record<string, string>>
  readonly known: Known
  /** The organisation of the organiser who calls; everything else belongs to others. */
  readonly ownOrganisation: string
  readonly event: string
  /** What the organiser could make, with their headers. */
  readonly goodVenue: object
  /** Private keys: of access tokens, and of a region that may call this one. */
  readonly accessKey: JWK
  readonly regionKey: JWK
  /** Shown twice already, so that its device has ended. */
  readonly spentRefreshToken: string
  readonly headersOf: (caller: CallerName) => Readonly<Record<string, string>>
  /** Access tokens live for minutes: anew before each block. */
  readonly renew: () => Promise<void>
  /** Something good that must work at any time. */
  readonly stillSells: () => Promise<void>
  /** Warnings and errors of the server: garbage is no reason for one. */
  readonly logged: () => readonly string[]
  readonly residentMegabytes: () => Promise<number>
}

export const otherRegion = 'europe-west1'

export function openGround(): Promise<Ground> {
  const closers = new Closers()
  return closers.opening(() => open(closers))
}

async function open(closers: Closers): Promise<Ground> {
  const regionKey = { ...newKey(), kid: 'other', alg: 'EdDSA' }
  const { d: _, ...regionPublicKey } = regionKey
  const letters = closers.use(await startMailSink())
  const settings: Readonly<Record<string, string>> = {
    ...(await freshSettings()),
    ...unlimited,
    SMTP_URL: letters.smtpUrl,
    MAIL_FROM: 'tickets@frontrow.test',
    LOG_LEVEL: 'warn',
    NODE_OPTIONS: `--max-old-space-size=${heapMegabytes}`,
    REGION_CALL_KEYS: JSON.stringify({ keys: [{ ...newKey(), kid: 'own' }] }),
    REGION_CALL_PUBLIC_KEYS: JSON.stringify({ [otherRegion]: { keys: [regionPublicKey] } }),
  }
  const book = redisMissing() === null ? 'redis' : 'sql'
  const system = closers.use(await openProcessSystem({ book, settings }))
  const things = await fill(system)
  const member = await openMember(system.url, letters)
  const spentRefreshToken = await spendRefreshToken(system.url)
  const tokens = await openTokens(system.url, { ...things, member })
  await tokens.renew()
  return {
    system,
    settings,
    ...things,
    accessKey: keyIn(settings['DEVELOPMENT_ISSUER_KEYS']),
    regionKey,
    spentRefreshToken,
    headersOf: tokens.headersOf,
    renew: tokens.renew,
    // A long walk outlives any token.
    stillSells: async () => stillSells(system, await system.fan('bea'), things.event),
    // That a spent token was shown must be said: it was, before the walk and in it.
    logged: () =>
      logLines(system.lives.server.output()).filter((line) => !line.includes(shownTwice)),
    residentMegabytes: () => residentMegabytes(system.lives.server.metricsUrl),
    [Symbol.asyncDispose]: () => closers.close(),
  }
}

function newKey(): JWK {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as JWK
}

function keyIn(set: string | undefined): JWK {
  const { keys } = JSON.parse(set ?? '{"keys":[]}') as { keys: JWK[] }
  if (keys[0] === undefined) throw new Error('the settings hold no key')
  return keys[0]
}

/** One caller makes all these calls; how many one may make is tested elsewhere. */
const unlimited = {
  RATE_LIMIT_PER_CALLER: '1000000',
  RATE_LIMIT_PER_ADDRESS: '1000000',
  RATE_LIMIT_PER_ORGANISATION: '1000000',
}

const memberEmail = 'member@example.test'
const memberPassword = 'a bicycle made of rain'

/** Somebody with an account. @returns an access token, at first and each time that it is asked */
async function openMember(url: string, letters: MailSink): Promise<() => Promise<string | null>> {
  const { accounts } = apiAt(url, 'none')
  const account = { email: memberEmail, password: memberPassword }
  await accounts.signUp.mutate({ ...account, name: 'Member' })
  const { code } = await letters.next({ to: memberEmail, timeoutMs: 20_000 })
  await accounts.verifyEmail.mutate({ ...account, code: code ?? '' })
  return async () => {
    try {
      const answer = await accounts.signIn.mutate({ ...account, key: randomUUID() })
      return answer.kind === 'signed-in' ? answer.accessToken : null
    } catch {
      // The walk has changed the password, or switched a second factor on.
      return null
    }
  }
}

const shownTwice = '"a refresh token was shown twice: its device is ended"'

async function spendRefreshToken(url: string): Promise<string> {
  const { accounts } = apiAt(url, 'none')
  const account = { email: memberEmail, password: memberPassword }
  const answer = await accounts.signIn.mutate({ ...account, key: randomUUID() })
  if (answer.kind !== 'signed-in') throw new Error('no second factor was asked for')
  const { refreshToken } = answer
  await accounts.refresh.mutate({ refreshToken, key: randomUUID() })
  const again = accounts.refresh.mutate({ refreshToken, key: randomUUID() })
  const code = await refusalOf(again).then((refused) => refused.code)
  if (code !== 'SESSION_ENDED') throw new Error(`a spent token was answered with ${code}`)
  return refreshToken
}

type TokenHolders = {
  readonly ownOrganisation: string
  readonly member: () => Promise<string | null>
}

async function openTokens(url: string, { ownOrganisation, member }: TokenHolders) {
  const tokens = (name: string, standing = {}) => tokenFor(url, { name, ...standing })
  await tokens('omar', { roles: { [ownOrganisation]: 'owner' } })
  const omar = apiAt(url, await tokens('omar'))
  const { text: machineKey } = await omar.admin.keys.create.mutate({
    organisation: ownOrganisation,
    key: randomUUID(),
    name: 'a program',
    scopes: ['catalogue:read'],
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  })
  let headers: Partial<Record<CallerName, Record<string, string> | undefined>> = {}
  const renew = async () => {
    const bearer = async (name: string) => ({ authorization: `Bearer ${await tokens(name)}` })
    const admin = await bearer('root')
    const memberToken = await member()
    headers = {
      member: memberToken === null ? headers.member : { authorization: `Bearer ${memberToken}` },
      nobody: {},
      stranger: await bearer('stranger'),
      organiser: await bearer('omar'),
      admin,
      machine: { authorization: `Bearer ${machineKey}` },
      'admin with a reason': { ...admin, 'x-acting-reason': 'the box office asked: ticket 4711' },
    }
  }
  return { renew, headersOf: (caller: CallerName) => headers[caller] ?? {} }
}

/** Two organisations, an event on sale and a draft; a fan with a paid order, a pending one, a hold. */
async function fill(system: ProcessSystem) {
  const event = await system.newEvent()
  const bea = await system.fan('bea', 'patient')
  const paid = await buyUntilAnswered(system, bea, wish(event, [0, 1]))
  const pending = await start(bea, event, [2, 3])
  const held = await hold(bea, event, [4, 5])
  const root = apiAt(system.url, await tokenFor(system.url, { name: 'root', admin: true }))
  const own = await root.admin.organisations.create.mutate({ key: randomUUID(), name: 'Own Ltd' })
  // What is read lazily is in its place before anything is compared.
  await bea.client.events.availability.query({ event })
  await settled(system)
  const texts = async (query: string) =>
    (await system.sql<{ text: string }>(query)).map(({ text }) => text)
  const organisations = await texts('select id as text from organisations order by id')
  return {
    ownOrganisation: own.id,
    event,
    goodVenue: { ...venue, organisation: own.id, key: randomUUID() },
    known: {
      ids: {
        ...idsOfNothing,
        evt: [event, ...(idsOfNothing['evt'] ?? [])],
        ord: [paid.order, pending, held.id, ...(idsOfNothing['ord'] ?? [])],
        tkt: [...(await texts(ticketIds)), ...(idsOfNothing['tkt'] ?? [])],
        org: [own.id, own.id, ...organisations, ...(idsOfNothing['org'] ?? [])],
        ven: [...(await texts('select id as text from venues')), ...(idsOfNothing['ven'] ?? [])],
      },
      words: {
        ...words,
        holdToken: [held.token, `${held.token}x`, held.token.slice(0, -4), 'a.b.c'],
        seatMapHash: await texts('select hash as text from seat_maps'),
        hash: await texts('select hash as text from seat_maps'),
      },
    },
  }
}

const ticketIds = `select 'tkt_' || substr(order_id, 5) || '_' || unit as text from tickets`

const venue = {
  name: 'Smuggled',
  timeZone: 'Europe/Vienna',
  address: 'Street 1',
  city: 'Wien',
  country: 'AT',
  latitude: 48.2,
  longitude: 16.4,
}

const addresses = [memberEmail, memberEmail, 'nobody@example.test', 'NOBODY@example.test', 'a b@c']
const passwords = [memberPassword, 'correct horse battery staple', 'x']

/** What fields of these names mean in good faith. */
const words = {
  key: ['0123456789abcdef', 'the-same-key-again', '~~~~~~~~'],
  paymentMethod: ['pm_card_visa', 'pm_card_chargeDeclined', 'pm_card_nobody'],
  timeZone: ['Europe/Vienna', 'Mars/Olympus'],
  country: ['AT', 'zz'],
  currency: ['EUR', 'JPY', 'XXX'],
  category: ['concert'],
  sections: ['A', 'Floor', 'Z'],
  section: ['A', 'Floor', 'Z'],
  homeRegion: [region, otherRegion, 'nowhere'],
  version: [1, 2, 3],
  latitude: [48.2, -90, 91, 1e300],
  longitude: [16.4, 180, -181],
  email: addresses,
  newEmail: addresses,
  password: passwords,
  newPassword: passwords,
  currentPassword: passwords,
  expiresAt: ['2027-05-01T18:00:00Z', '2000-01-01T00:00:00Z'],
  name: ['Ann', 'Zoë', '李雷', '!!!', '\u200d'],
  locale: ['en', 'de', 'de-AT', 'xx-XX-xx'],
  content: ['', 'section,row,seat,x,y,gap_after,capacity\nFloor,,,,,,60\n', '{"sections":[]}'].map(
    (text) => Buffer.from(text).toString('base64'),
  ),
}

const wish = (event: string, units: number[]) => ({
  event,
  key: randomUUID(),
  seats: { kind: 'units' as const, units },
  paymentMethod: 'pm_card_visa',
})

async function hold({ client }: Fan, event: string, units: number[]) {
  const { paymentMethod: _, ...asked } = wish(event, units)
  return client.holds.place.mutate(asked)
}

async function start(fan: Fan, event: string, units: number[]): Promise<string> {
  const { token } = await hold(fan, event, units)
  return (await fan.client.checkout.start.mutate({ holdToken: token })).order.id
}

/** No duty is left but reminders of orders that may still be paid. */
export async function settled({ sql }: Pick<ProcessSystem, 'sql'>): Promise<void> {
  await eventually(
    async () => {
      const due = 'select 1 from outbox where done_at is null and due_at < now()'
      return (await sql(`${due} + interval '5 seconds'`)).length === 0
    },
    { what: 'every duty that is due is done', timeoutMs: 40_000 },
  )
}

async function stillSells(system: ProcessSystem, { client }: Fan, event: string): Promise<void> {
  await system.lives.up()
  const free = await client.events.availability.query({ event })
  const { items } = await client.orders.list.query({})
  if (free.sections.length !== 2 || items.length === 0) throw new Error('nothing to sell any more')
}

function logLines(output: string): string[] {
  return output.split('\n').filter((line) => line !== '' && !line.startsWith('{"listening"'))
}

async function residentMegabytes(metricsUrl: string): Promise<number> {
  const text = await (await fetch(metricsUrl)).text()
  const bytes = /^process_memory_usage_bytes\S* (\S+)/m.exec(text)?.[1]
  if (bytes === undefined) throw new Error('the server does not tell its memory')
  return Math.round(Number(bytes) / 2 ** 20)
}
